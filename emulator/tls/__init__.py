"""TLS: which hosts are played, the emulator's own certificate authority, and who is told of it."""
