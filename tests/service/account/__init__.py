"""Roles, API keys and members of the account, in any order and by many at once."""
