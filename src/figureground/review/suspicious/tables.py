"""Suspicious places as text, as csv, and as records for JSON."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import Any

from figureground.review.suspicious.place import KINDS, Suspicion
from figureground.tracks import Tracks

_COLUMNS = ("place", "kind", "frame", "last", "seconds", "ids", "what", "doubt", "figures", "matters", "cure")


def suspicions_to_records(found: Sequence[Suspicion], tracks: Tracks) -> list[dict[str, Any]]:
    """A record for each place: its number, and all that is known of it."""
    return [
        {
            "place": number,
            "kind": one.kind,
            "frame": one.frame,
            "last": one.last,
            "seconds": round(float(tracks.time(one.frame)), 6),
            "ids": list(one.ids),
            "what": one.text,
            "doubt": round(one.doubt, 4),
            "figures": one.figures,
            "matters": round(one.matters, 2),
            "cure": one.cure,
        }
        for number, one in enumerate(found, 1)
    ]


def suspicions_to_csv(found: Sequence[Suspicion], tracks: Tracks) -> str:
    """A line for each place, after one with the names of the columns; ids with blanks between them."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for record in suspicions_to_records(found, tracks):
        writer.writerow({**record, "ids": " ".join(map(str, record["ids"]))})
    return out.getvalue()


def suspicions_to_lines(found: Sequence[Suspicion], tracks: Tracks, most: int) -> list[str]:
    """The first `most` places for people, and how many of each kind there are."""
    if not found:
        return [f"nothing suspicious in {len(tracks.frames)} frames"]
    lines = [f"{'':>4}  {'frame':>7}  {'time':>10}  {'matters':>8}  what"]
    for number, one in enumerate(found[:most], 1):
        who = f"{'id' if len(one.ids) == 1 else 'ids'} {', '.join(map(str, one.ids))}: " if one.ids else ""
        time = clock(float(tracks.time(one.frame)))
        lines.append(
            f"{number:4}  {one.frame:7}  {time:>10}  {one.matters:8.0f}  {one.kind}: {who}{one.text}"
        )
    if len(found) > most:
        lines.append(f"      ... and {len(found) - most} more; --all lists them, -o writes them to a file")
    kinds = Counter(one.kind for one in found)
    sums = ", ".join(f"{kinds[kind]} {kind}" for kind in KINDS if kinds[kind])
    return [*lines, "", f"{len(found)} suspicious place{'s' * (len(found) != 1)}: {sums}"]


def clock(seconds: float) -> str:
    """Seconds as people read them.

    Example:
        >>> clock(75.25), clock(3601), clock(-0.5)
        ('1:15.25', '1:00:01.00', '-0:00.50')
    """
    hundredths = round(abs(seconds) * 100)
    minutes, rest = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    text = f"{minutes}:{rest / 100:05.2f}" if not hours else f"{hours}:{minutes:02}:{rest / 100:05.2f}"
    return f"-{text}" if seconds < 0 else text
