"""The cases: each is about statements, and leans on nothing but the documents."""
