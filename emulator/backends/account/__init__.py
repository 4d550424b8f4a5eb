"""The account's state: stores, API keys and the account itself.

``base`` says what an engine must do; the other modules are the engines.
"""
