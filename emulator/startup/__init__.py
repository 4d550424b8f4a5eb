"""What an emulator begins with: the account, the seed, the data directory and its lock."""
