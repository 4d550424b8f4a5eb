"""The three tiers behind the service; each is a small protocol with interchangeable engines."""
