"""Generated requests of every operation, and which of their answers the contract allows."""
