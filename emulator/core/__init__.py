"""The ground: what every other part builds on. It imports nothing of the rest."""
