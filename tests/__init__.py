"""The tests, and `make bench`."""
