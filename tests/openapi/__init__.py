"""OpenAPI documents and JSON Schemas: that they are true, and that others can use them."""
