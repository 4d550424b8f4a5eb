"""Conformance suite: statements of the documents and cases that show them."""
