"""Parts of an emulator that behaves as an endpoint did, by its answers (``--answers``)."""
