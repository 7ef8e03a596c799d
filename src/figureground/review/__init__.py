"""What to look at, and what people say of it: suspicious places, and corrections. No user interface."""
