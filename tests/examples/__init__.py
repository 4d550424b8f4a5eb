"""The documents, the recipes and the fixtures: what they say is what happens."""
