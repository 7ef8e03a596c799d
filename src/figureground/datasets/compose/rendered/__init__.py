"""Scenes whose geometry is known, cast ray by ray: exact mask and depth."""
