"""How well figures keep their identity: a result compared with the truth, frame by frame."""
