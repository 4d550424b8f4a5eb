"""The Valkey clusters of the account: their API, their life, and where they are kept."""
