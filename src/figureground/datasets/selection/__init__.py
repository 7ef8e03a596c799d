"""Choosing pictures and figures, and dealing them out; every tool Dataset -> Dataset."""
