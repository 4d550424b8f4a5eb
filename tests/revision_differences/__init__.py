"""Recorded calls under another revision of the API: which would be answered otherwise."""
