"""The part of YAML that data.yaml files of YOLO are written in.

A small reader of its own rather than a YAML library: every value stays the text that it is (a class
named `no`, `on` or `1e3` keeps its name), no tag, anchor or alias is followed, and what a file costs grows
with its length alone.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import TypeAlias

import msgspec

Value: TypeAlias = str | list[str] | dict[str, str]

_UNREAD = ("&", "*", "!", "|", ">", "[", "{", "?", "@", "`")


def parse_data_yaml(text: str, keys: Collection[str]) -> dict[str, Value]:
    r"""The values of those top-level `keys` that are there: texts, lists of texts, or dicts of texts.

    Other keys are not looked at, however they are written.

    Raises:
        ValueError: it is written in a way that is not read; the message has the line.

    Example:
        >>> parse_data_yaml("names: [rat, 'fat rat']  # two\nnc: 2", ["names"])
        {'names': ['rat', 'fat rat']}
        >>> parse_data_yaml("names:\n  0: rat\n  1: no\n", ["names"])
        {'names': {'0': 'rat', '1': 'no'}}
    """
    out: dict[str, Value] = {}
    for number, lines in _blocks(text):
        try:
            key, value = _pair(lines[0])
            if key in keys:
                out[key] = _value(value, lines[1:])
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
    return out


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each top-level key with the lines that belong to it, and the number of its line."""
    block: list[str] = []
    start = 0
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line = _without_comment(raw).rstrip()
        if not line or line.startswith(("---", "...", "%")):
            continue
        if line[0] not in " \t-]}" or not block:
            if block:
                yield start, block
            block, start = [], number
        block.append(line)
    if block:
        yield start, block


def _without_comment(line: str) -> str:
    place = 0
    while place < len(line):
        first = not place or line[place - 1] in " \t[{,"
        if line[place] == "#" and first:
            return line[:place]
        closed = _quote_end(line, place) if first and line[place] in "'\"" else 0
        place = closed or place + 1
    return line


def _value(first: str, rest: Sequence[str]) -> Value:
    if first[:1] in ("[", "{"):
        return _flow(" ".join([first, *(line.strip() for line in rest)]))
    if first or not rest:
        return _scalar(" ".join([first, *(line.strip() for line in rest)]))
    deep = next((line for line in rest if _depth(line) != _depth(rest[0])), None)
    if deep:
        raise ValueError(f"{deep.strip()[:40]!r} stands deeper than is read")
    lines = [line.strip() for line in rest]
    if all(line == "-" or line.startswith("- ") for line in lines):
        return [_scalar(line[1:]) for line in lines]
    return _dict(lines)


def _pair(line: str) -> tuple[str, str]:
    """The key and the value of `key: value`."""
    line = line.strip()
    start = _quoted(line, 0) if line[:1] in ("'", '"') else 0
    place = line.find(": ", start) if not line.endswith(":") or ": " in line[start:] else len(line) - 1
    if place < 0:
        raise ValueError(f"expected 'key: value', got {line[:40]!r}")
    return _scalar(line[:place]), line[place + 1 :].strip()


def _flow(text: str) -> list[str] | dict[str, str]:
    """What stands in [...] or {...}; one level only."""
    closing = {"[": "]", "{": "}"}[text[0]]
    parts: list[str] = []
    place, start, blank = 1, 1, True
    while place < len(text) and text[place] != closing:
        if text[place] in "[]{}":
            raise ValueError(f"a list within a list is not read: {text[:40]!r}")
        if text[place] == ",":
            parts.append(text[start:place])
            start, blank = place + 1, True
        elif text[place] in "\"'" and blank:
            place, blank = _quoted(text, place) - 1, False
        else:
            blank = blank and text[place].isspace()
        place += 1
    if place >= len(text) or text[place + 1 :].strip():
        raise ValueError(f"expected a list up to its {closing}, got {text[:40]!r}")
    parts += [text[start:place]] if text[start:place].strip() else []
    return [_scalar(part) for part in parts] if closing == "]" else _dict(parts)


def _dict(parts: Sequence[str]) -> dict[str, str]:
    pairs = (_pair(part) for part in parts)
    return {key: _scalar(value) for key, value in pairs}


def _scalar(text: str) -> str:
    """The text that `text` stands for, with its quotes and escapes resolved."""
    text = text.strip()
    if text.startswith(_UNREAD):
        raise ValueError(f"{text[:40]!r} is not read; write the value out, in quotes if it is a name")
    if text[:1] not in ("'", '"'):
        return text
    if _quoted(text, 0) != len(text):
        raise ValueError(f"there is more after the closing quote: {text[:40]!r}")
    inner = text[1:-1]
    if text[0] == "'":
        return inner.replace("''", "'")
    try:
        return str(msgspec.json.decode(text.encode()))  # of YAML's escapes, JSON has those in use
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{text[:40]!r} has an escape that is not read") from error


def _quoted(text: str, place: int) -> int:
    """Where the quoted text ends that begins at `place`."""
    end = _quote_end(text, place)
    if not end:
        raise ValueError(f"a quote is not closed: {text[place : place + 40]!r}")
    return end


def _quote_end(text: str, place: int) -> int:
    """As `_quoted`, but 0 where the quote is not closed."""
    quote, place = text[place], place + 1
    while place < len(text):
        if quote == '"' and text[place] == "\\":
            place += 2
        elif text[place] != quote:
            place += 1
        elif quote == "'" and text[place + 1 : place + 2] == quote:
            place += 2
        else:
            return place + 1
    return 0


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
