"""What the SDKs make of the credentials of the emulator."""
