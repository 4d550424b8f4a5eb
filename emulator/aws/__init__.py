"""Calls to AWS's services: clients, credentials, roles, and errors."""
