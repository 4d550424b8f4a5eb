"""The account tier: the account itself, its stores, API keys, roles and members.

``base`` defines the protocol; the other modules are the engines.
"""
