"""`figureground tracks info`: what a tracks file holds."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from figureground.apps.cli import options
from figureground.apps.cli.show import put, put_json
from figureground.apps.cli.tracks.options import File

if TYPE_CHECKING:
    from figureground.tracks import Tracks

EXAMPLES = """\b
Examples:
  figureground tracks info flies.tracks.parquet
  figureground tracks info flies.tracks.parquet --ids
"""
Ids = Annotated[
    bool, typer.Option("--ids", help="A line for each figure: from when to when, how often found.")
]


def info(tracks: File, ids: Ids = False, as_json: options.Json = False) -> int:
    """Show what tracks hold: of which video, how many figures and frames, what made them."""
    read = _read(tracks)
    record = _record(read)
    if as_json:
        put_json({"tracks": tracks, "bytes": Path(tracks).stat().st_size, **record})
        return 0
    for line in _lines(tracks, read, record):
        put(line)
    if ids:
        for line in _table(record["figures"]):
            put(line)
    return 0


def _read(path: str) -> "Tracks":
    if Path(path).suffix.lower() == ".parquet":
        from figureground.review.log import read_corrected

        return read_corrected(path)
    from figureground.tracks.formats import read_any_tracks

    return read_any_tracks(path)


def _record(tracks: "Tracks") -> dict[str, Any]:
    """The facts for --json."""
    import numpy as np

    height, width = tracks.info.size
    seconds = tracks.seconds
    per_frame = np.bincount(np.searchsorted(tracks.frames, tracks.frame), minlength=len(tracks.frames))
    return {
        "video": tracks.info.video,
        "sha256": tracks.info.sha256,
        "width": width,
        "height": height,
        "rate": tracks.info.rate,
        "frames": len(tracks.frames),
        "first_frame": int(tracks.frames[0]) if len(seconds) else None,
        "last_frame": int(tracks.frames[-1]) if len(seconds) else None,
        "first_time": float(seconds[0]) if len(seconds) else None,
        "last_time": float(seconds[-1]) if len(seconds) else None,
        "rows": len(tracks),
        "outlines": int(tracks.masks.known.sum()),
        "frames_by_figures": {str(n): int(f) for n, f in enumerate(np.bincount(per_frame)) if f},
        "classes": {name: int((tracks.label == i).sum()) for i, name in enumerate(tracks.info.classes)},
        "made_by": tracks.info.made_by,
        "settings": dict(tracks.info.settings),
        "figures": _figures(tracks),
    }


def _figures(tracks: "Tracks") -> list[dict[str, Any]]:
    """Of each figure, from when to when it is there, in how many frames, and how large it is."""
    import numpy as np

    order = np.argsort(tracks.id, kind="stable")
    ids, starts = np.unique(tracks.id[order], return_index=True)
    ends = np.append(starts, len(order))[1:]
    figures = []
    for identity, start, end in zip(ids.tolist(), starts.tolist(), ends.tolist(), strict=True):
        rows = order[start:end]
        first, last = int(tracks.frame[rows[0]]), int(tracks.frame[rows[-1]])
        area = float(np.median(tracks.area[rows]))
        found = {"id": identity, "first_frame": first, "last_frame": last, "frames": end - start}
        figures.append(found | {"median_area": area})
    return figures


def _lines(path: str, tracks: "Tracks", record: dict[str, Any]) -> list[str]:
    """The facts for people."""
    size = Path(path).stat().st_size
    rate = "not known, or varies" if record["rate"] is None else f"{float(record['rate']):.3f} a second"
    lines = [
        path,
        f"  video     {record['video'] or 'not known'}, {record['width']} x {record['height']} pixels",
        f"  rate      {rate}",
        f"  frames    {record['frames']}{_span(record)}",
        f"  figures   {len(record['figures'])} ids, {record['rows']} rows{_each(record)}",
    ]
    classes = {name: count for name, count in record["classes"].items() if count}
    if len(record["classes"]) > 1:
        lines.append(f"  classes   {', '.join(f'{name} {count}' for name, count in classes.items())}")
    if record["outlines"] < record["rows"]:
        lines.append(f"  outlines  of {record['outlines']} rows; of the others only boxes are known")
    if record["rows"]:
        lines.append(f"  size      {size:,} bytes, {size / record['rows']:.0f} a row")
    if record["made_by"]:
        lines.append(f"  made by   {record['made_by']}")
    return lines


def _span(record: dict[str, Any]) -> str:
    if not record["frames"]:
        return ""
    frames = f"{record['first_frame']} to {record['last_frame']}"
    return f", {frames}, {record['first_time']:.3f} s to {record['last_time']:.3f} s"


def _each(record: dict[str, Any]) -> str:
    """How many figures there are at a time."""
    counts = [int(count) for count in record["frames_by_figures"]]
    if not counts:
        return ""
    least, most = min(counts), max(counts)
    return f", {least} in every frame" if least == most else f", {least} to {most} in a frame"


def _table(figures: list[dict[str, Any]]) -> list[str]:
    lines = [f"  {'id':>8}  {'from':>8}  {'to':>8}  {'found in':>8}  {'area':>8}"]
    names = ("id", "first_frame", "last_frame", "frames", "median_area")
    return [*lines, *("  " + "  ".join(f"{one[name]:8.0f}" for name in names) for one in figures)]
