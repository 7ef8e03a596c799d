"""torch modules, and nothing else. Needs the extra: pip install figureground[train]."""
