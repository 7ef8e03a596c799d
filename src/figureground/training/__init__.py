"""From a dataset and a recipe to a model folder."""
