"""Hints: what a request leans on that nobody promised."""
