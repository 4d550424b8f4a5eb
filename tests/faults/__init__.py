"""What goes wrong by rule, as those see it who rely on it: over HTTP, with real connections."""
