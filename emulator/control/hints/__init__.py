"""Hints: what a recorded request leans on that nobody promised (D165)."""
