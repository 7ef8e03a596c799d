"""The errors that figureground raises on purpose; each is also the builtin a Python user would expect.

    FiguregroundError
    ├── InputError      (ValueError)    a video or picture that cannot be used
    ├── OptionError     (ValueError)    an option or argument that makes no sense
    ├── OutputError     (OSError)       a result that cannot be written
    └── MissingExtraError (ImportError) a part that needs another package

    FiguregroundWarning (UserWarning)   the run goes on, but its result may not be what was wanted

A message names the thing, what was expected, what came and what to do about it.
"""


class FiguregroundError(Exception):
    """Everything that figureground raises on purpose."""


class InputError(FiguregroundError, ValueError):
    """An input that is missing, damaged or of the wrong kind."""


class OptionError(FiguregroundError, ValueError):
    """An option or an argument whose value makes no sense; the message lists the choices."""


class OutputError(FiguregroundError, OSError):
    """A result that cannot be written: no room, no permission, or something is there already."""


class MissingExtraError(FiguregroundError, ImportError):
    """A part needs a package that is not installed; the message holds the pip line that cures it."""


class FiguregroundWarning(UserWarning):
    """The run goes on, but the result may not be what the user wants."""
