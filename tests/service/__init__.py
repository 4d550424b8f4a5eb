"""What the service does over both tiers, without a socket and on a clock that stands still."""
