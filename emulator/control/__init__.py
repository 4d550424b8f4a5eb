"""What only an emulator has. Taken away, the service still works."""
