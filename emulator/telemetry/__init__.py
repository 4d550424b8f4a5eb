"""Access logs and metrics of the operations on objects."""
