"""What the service tells of the operations on objects: access logs and metrics."""
