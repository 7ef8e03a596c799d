"""Training the network that compares a frame with the empty scene."""
