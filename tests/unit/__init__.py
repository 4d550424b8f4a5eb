"""One part of the emulator at a time: names, metadata, time, keys, permissions."""
