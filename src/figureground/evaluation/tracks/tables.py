"""Scores of tracks as text, as csv, and as records for JSON."""

import csv
import io
import math
from collections.abc import Sequence
from typing import Any

from figureground.evaluation.tracks.clear import Switches
from figureground.evaluation.tracks.score import TrackScore

_SHOWN = ("HOTA", "DetA", "AssA", "IDF1", "IDP", "IDR", "MOTA", "MOTP")


def score_to_record(one: TrackScore) -> dict[str, Any]:
    """Every number of a score; None where there is none, which JSON knows and NaN it does not."""
    hota, identity, clear = one.hota, one.identity, one.clear
    numbers = {
        "HOTA": hota.hota,
        "DetA": hota.det_a,
        "AssA": hota.ass_a,
        "LocA": hota.loc_a,
        "IDF1": identity.idf1,
        "IDP": identity.idp,
        "IDR": identity.idr,
        "MOTA": clear.mota,
        "MOTP": clear.motp,
        "missed": clear.missed,
        "invented": clear.invented,
        "switches": clear.switches,
        "animal_hours": one.hours,
        "switches_per_animal_hour": one.switches_per_hour,
    }
    facts = {name: getattr(one, name) for name in ("name", "on", "frames", "unseen", "animals", "tracks")}
    return {**facts, **{key: value if math.isfinite(value) else None for key, value in numbers.items()}}


def switches_to_records(switches: Switches) -> list[dict[str, int]]:
    """Where identities switch: the frame, the id in the truth, and those in the result before and after."""
    columns = (switches.frames, switches.truth, switches.before, switches.after)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [dict(zip(("frame", "truth", "before", "after"), row, strict=True)) for row in rows]


def scores_to_csv(scores: Sequence[TrackScore]) -> str:
    """A line for each score, after one with the names of the columns."""
    out = io.StringIO()
    records = [score_to_record(one) for one in scores]
    writer = csv.DictWriter(out, list(records[0]) if records else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue()


def scores_to_text(scores: Sequence[TrackScore]) -> str:
    """A table for people, with what the columns are."""
    records = [score_to_record(one) for one in scores]
    width = max([len("result"), *(len(record["name"]) for record in records)])
    lines = [f"{'result':{width}}  {'  '.join(f'{name:>6}' for name in _SHOWN)}  switches  an hour"]
    for record in records:
        numbers = "  ".join(f"{_number(record[name], 3):>6}" for name in _SHOWN)
        often = _number(record["switches_per_animal_hour"], 1)
        lines.append(f"{record['name']:{width}}  {numbers}  {record['switches']:8}  {often:>7}")
    kinds = " and ".join(sorted({one.on for one in scores}))
    lines += ["", f"on {kinds}; 1 is perfect; an hour: switches in an hour of one animal"]
    return "\n".join(lines)


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
