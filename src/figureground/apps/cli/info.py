"""`figureground info`: what an input is, and what is wrong with it."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from figureground.apps.cli import options
from figureground.apps.cli.show import Screen, masked, put, put_json

if TYPE_CHECKING:
    import av

    from figureground.stages import Source


def info(inputs: options.Inputs, count: options.Count = False, as_json: options.Json = False) -> int:
    """Show what an input is: size, frames, rate, sound, problems."""
    from figureground.apps.cli.inputs import find

    screen = Screen()
    records: list[dict[str, Any]] = []
    for given in find(inputs):
        try:
            records.append(examine(given.what, count=count))
        except Exception as error:
            records.append({"input": masked(given.what), "error": screen.error(error, given.what)})
        if not as_json and "error" not in records[-1]:
            put(_text(records[-1]) + "\n")
    failed = sum("error" in record for record in records)
    if as_json:
        put_json({"inputs": records})
    return 0 if not failed else 2 if failed == len(records) else 1


def examine(what: str, *, count: bool = False) -> dict[str, Any]:
    """The facts on one input by name; with `count` every frame is read."""
    from figureground.sources import open_source

    source = open_source(what)
    facts = source.info
    record: dict[str, Any] = {
        "input": masked(what),
        "kind": facts.kind,
        "width": facts.size[1],
        "height": facts.size[0],
        "frames": facts.count,
        "frames_are": "estimated" if facts.kind == "video" else "counted",
        "rate": facts.rate,
        "seconds": facts.duration,
        "audio": facts.audio,
    }
    if facts.kind == "video":
        record.update(_streams(what))
    if count:
        record.update(_counted(source))
    record["problems"] = list(source.problems)
    return record


def _counted(source: "Source") -> dict[str, Any]:
    """What only reading every frame tells."""
    times = [frame.time for frame in source]
    if not times:
        return {"frames": 0, "frames_are": "counted"}
    steps = {after - before for before, after in pairwise(times)}
    return {
        "frames": len(times),
        "frames_are": "counted",
        "first_time": times[0],
        "last_time": times[-1],
        "steady": max(steps, default=Fraction(0)) - min(steps, default=Fraction(0))
        <= 2 * source.info.time_base,
    }


def _streams(what: str) -> dict[str, Any]:
    """Container, codecs and rotation of a video file."""
    import av

    with av.open(f"file:{what}") as container:
        video = container.streams.video[0]
        sound = container.streams.audio
        return {
            "container": container.format.name,
            "codec": video.codec_context.name,
            "pixel_format": video.codec_context.pix_fmt,
            "audio_codec": sound[0].codec_context.name if sound else None,
            "rotation": _rotation(container, video),
            "bytes": Path(what).stat().st_size,
        }


def _rotation(container: "av.container.InputContainer", video: "av.VideoStream") -> int:
    """Degrees by which players turn the picture, from the first frame that can be decoded."""
    import av

    try:
        return next(container.decode(video)).rotation
    except (av.FFmpegError, StopIteration):
        return 0


def _text(record: dict[str, Any]) -> str:
    """The facts for people, a line each."""
    lines = [
        f"{record['input']}",
        f"  what      {record['kind']}, {record['width']} x {record['height']} pixels",
    ]
    if record["frames"] is not None:
        about = "about " if record["frames_are"] == "estimated" else ""
        lines.append(f"  frames    {about}{record['frames']}")
    if record["rate"] is not None:
        lines.append(f"  rate      {float(record['rate']):.3f} a second")
    elif record["kind"] == "video":
        lines.append("  rate      varies")
    if record["seconds"] is not None:
        lines.append(f"  length    {float(record['seconds']):.2f} s")
    if "steady" in record:
        lines.append(f"  times     {'steady' if record['steady'] else 'varying'} steps, ")
        lines[-1] += f"{float(record['first_time']):.3f} s to {float(record['last_time']):.3f} s"
    if "codec" in record:
        lines.append(f"  codec     {record['codec']}, {record['pixel_format']}, in {record['container']}")
        lines.append(f"  sound     {record['audio_codec'] or 'none'}")
    if record.get("rotation"):
        lines.append(f"  rotation  {record['rotation']} degrees")
    lines.extend(f"  problem   {problem}" for problem in record["problems"])
    return "\n".join(lines)
