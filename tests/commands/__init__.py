"""The commands for credentials: what they print, what they refuse, and how they end."""
