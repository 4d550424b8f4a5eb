"""TLS: the authority, HTTPS, the proxy, and the variables that lead clients to them."""
