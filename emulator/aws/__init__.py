"""AWS's services and how they are called: clients, credentials, roles, and what goes wrong."""
