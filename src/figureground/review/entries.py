"""The lines of a corrections file, and what of it counts: corrections, and taking the last one back."""

import re
from collections.abc import Sequence
from typing import Annotated, TypeAlias, TypeVar

import msgspec

from figureground.errors import InputError
from figureground.review.corrections import Correction, Delete, Merge, Rename, Split, Swap

FORMAT = 1
MOST_LINES, MOST_LINE = 100_000, 4096
"""More corrections, and longer ones, no person makes."""

_Kind = TypeVar("_Kind")


class Head(msgspec.Struct, frozen=True):
    """The first line: what is corrected.

    Attributes:
        format: of the file.
        figureground: the version that began it.
        tracks: name of the tracks file, for people.
        sha256: of the tracks file's bytes: the corrections are of these tracks, and of no others.
    """

    format: int
    figureground: str
    tracks: str
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class Undo(msgspec.Struct, frozen=True, tag="undo", tag_field="do", forbid_unknown_fields=True):
    """The last correction that still counts does not count any more."""


Step: TypeAlias = Swap | Merge | Split | Delete | Rename | Undo


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Any other line.

    Attributes:
        at: when it was made, in UTC, such as 2024-05-31T12:00:00Z; for people.
        step: what was done.
    """

    at: Annotated[str, msgspec.Meta(max_length=40)]
    step: Step


def lines_to_entries(text: bytes, name: str) -> tuple[Head | None, list[Entry], int]:
    """The head, the other lines, and the bytes that whole lines have; checked line by line.

    What follows the last line's end was being written when a program or machine was stopped; it is left out.

    Args:
        text: of the whole file.
        name: of the file, for messages.

    Raises:
        InputError: a line is damaged, none of corrections, or undoes more than there is.
    """
    whole = text.rfind(b"\n") + 1
    lines = text[:whole].split(b"\n")[:-1]
    if not lines:
        return None, [], 0
    if len(lines) > MOST_LINES:
        raise InputError(f"{name}: has {len(lines):,} lines; at most {MOST_LINES:,} are read")
    head = _decoded(lines[0], Head, name, 1)
    if head.format != FORMAT:
        raise InputError(
            f"{name}: is of format {head.format}; this version of figureground reads {FORMAT}; a later one"
            " may read it"
        )
    entries = [_decoded(line, Entry, name, number) for number, line in enumerate(lines[1:], 2)]
    left = 0
    for number, entry in enumerate(entries, 2):
        left += -1 if isinstance(entry.step, Undo) else 1
        if left < 0:
            raise InputError(f"{name}, line {number}: undoes a correction, but none is left to undo")
    return head, entries, whole


def _decoded(line: bytes, kind: type[_Kind], name: str, number: int) -> _Kind:
    if len(line) > MOST_LINE:
        raise InputError(f"{name}, line {number}: has {len(line):,} bytes; at most {MOST_LINE:,} are read")
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        reason = re.sub(r"\s+", " ", str(error))[:200]
        raise InputError(f"{name}, line {number}: is no line of corrections: {reason}") from error


def entry_to_line(entry: Head | Entry) -> bytes:
    r"""A line of the file, with its end.

    Example:
        >>> entry_to_line(Entry("2024-05-31T12:00:00Z", Rename(3, 5)))
        b'{"at":"2024-05-31T12:00:00Z","step":{"do":"rename","id":3,"new":5}}\n'
    """
    return msgspec.json.encode(entry) + b"\n"


def in_force(steps: Sequence[Step]) -> list[int]:
    """Which of `steps` are corrections that count, as positions: those that are not undone.

    Example:
        >>> in_force([Rename(1, 2), Rename(2, 3), Undo(), Rename(2, 4)])
        [0, 3]
    """
    counting: list[int] = []
    for place, step in enumerate(steps):
        if isinstance(step, Undo):
            counting.pop()
        else:
            counting.append(place)
    return counting


def corrections_of(steps: Sequence[Step]) -> list[Correction]:
    """The corrections of `steps` that count, in order."""
    chosen = (steps[place] for place in in_force(steps))
    return [step for step in chosen if not isinstance(step, Undo)]
