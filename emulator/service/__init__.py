"""What the service does: plain async Python that knows neither HTTP nor an engine."""
