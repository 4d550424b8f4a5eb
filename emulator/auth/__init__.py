"""Authentication and authorization, independent of HTTP and of the engines."""
