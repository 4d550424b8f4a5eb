"""Emulators whose objects are in S3."""
