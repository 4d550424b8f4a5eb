"""The start: the account that it opens, the seed that it plants, what it removes."""
