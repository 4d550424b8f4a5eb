"""gRPC: the calls by which SDKs make credentials, and HTTP/2 below them."""
