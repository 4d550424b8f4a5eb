"""The emulator as a process: how it starts, what it leaves behind, and how it ends."""
