"""Thin programs on top of the package: parse, call, show."""
