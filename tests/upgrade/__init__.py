"""What earlier versions have written, and what this one makes of it (docs/versions.md)."""
