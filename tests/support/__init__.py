"""What tests of several folders need; no tests of the emulator are here."""
