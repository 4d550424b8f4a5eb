"""The conformance suite, tested as its user runs it."""
