"""The cache tier ("Valkey"): copies of objects, in front of storage.

``base`` defines the protocol; the other modules are the engines.
"""
