"""The behaviour of the service: plain async Python, independent of HTTP and of the engines."""
