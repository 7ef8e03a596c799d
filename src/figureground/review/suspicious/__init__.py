"""Where tracks may be wrong, found without knowing the truth: the work list of a reviewer."""
