"""The console in a real browser; what is in its files without one."""
