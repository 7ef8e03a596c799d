"""Configurations in YAML: plain values alone, and no file so small that it fills the memory."""

from pathlib import Path
from typing import Any

from figureground.errors import InputError, MissingExtraError

MOST_BYTES = 1 << 20
MOST_ALIASES, MOST_DEPTH = 200, 50


def read_yaml(path: str | Path) -> dict[str, Any]:
    """The tree of a YAML file; tags that would make objects of Python are refused.

    Raises:
        InputError: it cannot be read, is damaged, or is no tree of plain values.
        MissingExtraError: PyYAML is not installed.
    """
    try:
        import yaml  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtraError("to read .yaml: pip install 'figureground[train]'") from error
    path = Path(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path}: is larger than any configuration ({path.stat().st_size:,} bytes)")
        text = path.read_text(encoding="utf-8")
        _check_tokens(text, path)
        tree = yaml.safe_load(text)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: is no YAML of plain values, or damaged ({reason})") from error
    if not isinstance(tree, dict):
        raise InputError(f"{path}: is no configuration: expected names and values")
    return tree


def _check_tokens(text: str, path: Path) -> None:
    """Refuse what is small as a file and large in memory or time."""
    import yaml

    aliases = depth = 0
    for token in yaml.scan(text, yaml.SafeLoader):
        name = type(token).__name__
        aliases += name == "AliasToken"
        depth += name.endswith("StartToken") - name.endswith("EndToken")
        # Each alias may double what the others stand for, and merging (<<) makes copies of it.
        if aliases > MOST_ALIASES or (aliases and "<<" in text):
            raise InputError(f"{path}: has more aliases than a configuration needs")
        if depth > MOST_DEPTH:
            raise InputError(f"{path}: is nested deeper than a configuration")
