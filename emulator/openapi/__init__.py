"""OpenAPI documents of the HTTP APIs, and JSON Schemas of files: loaded when they are asked for."""
