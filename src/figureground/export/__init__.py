"""From a trained net to files that run elsewhere; every one is read back and compared before it counts."""
