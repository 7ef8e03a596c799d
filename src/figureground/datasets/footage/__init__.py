"""Datasets from videos and folders of pictures."""
