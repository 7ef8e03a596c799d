"""How good a model is: measured on pictures that it has not seen."""
