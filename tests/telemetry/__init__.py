"""Access logs and metrics on their way to where they are to go."""
