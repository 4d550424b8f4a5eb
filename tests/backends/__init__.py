"""One suite per backend protocol, run over every implementation of it."""
