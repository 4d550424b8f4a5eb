"""The service's HTTP: parses, calls and renders. Only this part knows aiohttp's parser."""
