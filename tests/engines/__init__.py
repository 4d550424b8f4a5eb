"""The real engines behind the tiers, each started as a process of its own on a free port."""
