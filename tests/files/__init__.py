"""The data directory: kills, full and damaged disks, two emulators at once."""
