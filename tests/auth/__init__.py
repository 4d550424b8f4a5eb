"""Who asks, and what they may do: API keys, tokens, system roles, addresses."""
