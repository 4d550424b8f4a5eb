"""The service's HTTP: the only part that knows aiohttp. It parses, calls and renders."""
