"""The storage tier ("S3"): where objects last.

``base`` says what an engine must do; the other modules are the engines.
"""
