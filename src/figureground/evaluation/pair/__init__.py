"""How good the network is that compares a frame with the empty scene."""
