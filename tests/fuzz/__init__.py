"""Fuzz targets: arbitrary input for everything that parses what others send or write."""
