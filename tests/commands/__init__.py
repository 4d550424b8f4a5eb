"""The commands that talk to an emulator: what they print, what they refuse, and how they end."""
