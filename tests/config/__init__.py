"""What can be set, from where, and what is said of a setting that is wrong."""
