"""What can be wrong with a dataset, and what of it can be mended."""
