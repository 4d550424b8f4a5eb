"""The storage tier ("S3"): keeps objects durably.

``base`` defines the protocol; the other modules are the engines.
"""
