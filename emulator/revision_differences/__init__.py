"""Which calls of a journal another revision of the API would answer differently, and how.

It is worked out from what a journal has: no emulator takes part.
"""
