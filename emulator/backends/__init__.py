"""The three tiers behind the service, each a small protocol with interchangeable engines."""
