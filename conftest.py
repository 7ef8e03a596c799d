"""Laws are tried on a machine that may be busy, so no example of theirs has a deadline."""

from hypothesis import settings

settings.register_profile("figureground", deadline=None)
settings.load_profile("figureground")
