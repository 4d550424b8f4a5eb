"""Questions: what the endpoint does where no document speaks."""
