"""The cache tier ("Valkey"): copies of objects, in front of storage.

``base`` says what an engine must do; the other modules are the engines.
"""
