"""The model folder: what it holds, where published ones come from, and what runs it."""
