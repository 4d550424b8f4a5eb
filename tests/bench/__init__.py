"""What `make bench` runs: the emulator beside bare aiohttp and beside moto, in one run."""
