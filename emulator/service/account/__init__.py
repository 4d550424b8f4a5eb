"""The account: API keys, roles, disposable tokens and members."""
