"""The emulator inside another program, and inside pytest."""
