"""Start of an emulator: the account, the seed, the data directory and its lock."""
