"""One run of `figureground watch`, from its options to what it tells at the end."""

import time
import warnings
from dataclasses import asdict, dataclass, field
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from figureground.apps.cli.inputs import is_address
from figureground.apps.cli.show import Screen, masked, put_json
from figureground.errors import FiguregroundWarning, OptionError

if TYPE_CHECKING:
    from figureground.apps.cli.segmenting import Settings
    from figureground.sources.live import LiveSource
    from figureground.stages import Segmenter, Source
    from figureground.writers.events.writer import EventWriter
    from figureground.zones import Rules, Zones

_TOLD_EVERY = 60.0  # seconds between two lines on how a live stream goes


@dataclass(frozen=True, slots=True)
class Order:
    """The options of `figureground watch` that are its own; None is not given."""

    zone: str | None
    out: str | None
    events: str | None
    webhook: str | None
    pictures: bool
    near: float | None
    far: float | None
    by: str
    settle: float
    margin: float | None
    memory: float
    learn: float
    renew: float
    give_up: float | None
    append: bool
    overwrite: bool


@dataclass
class Result:
    """What became of a run, for JSON.

    Attributes:
        status: "ok", "failed" or "interrupted"; a live stream that is stopped by Ctrl-C is ok.
        events: how often what happened, by zone and kind.
        inside: how many figures were in each zone at the end.
        delay: seconds that a live stream's frame waited at the end, None for others.
    """

    input: str
    outputs: list[str] = field(default_factory=list)
    status: str = "failed"
    frames: int = 0
    seconds: float = 0.0
    frames_a_second: float = 0.0
    events: dict[str, dict[str, int]] = field(default_factory=dict)
    inside: dict[str, int] = field(default_factory=dict)
    delay: float | None = None
    received: int | None = None
    dropped: int | None = None
    losses: int | None = None
    renewals: int | None = None
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    error: str = ""


def run_watch(what: str, settings: "Settings", order: Order, screen: Screen, *, as_json: bool) -> int:
    """Watch `what`, tell what happened; the exit code."""
    began, result, code = time.perf_counter(), Result(masked(what)), 2
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FiguregroundWarning)
        try:
            code = _watch(what, settings, order, screen, result)
        except KeyboardInterrupt:  # before the first frame
            result.status, code = "interrupted", 130
        except Exception as error:
            result.error = screen.error(error, what)
    said = [masked(str(one.message)) for one in caught if issubclass(one.category, FiguregroundWarning)]
    result.warnings = list(dict.fromkeys([*said, *result.warnings]))
    result.seconds = round(time.perf_counter() - began, 3)
    _tell(result, screen)
    if as_json:
        from figureground import __version__

        put_json({"figureground": __version__, "status": result.status, "inputs": [asdict(result)]})
    return code


def _watch(what: str, settings: "Settings", order: Order, screen: Screen, result: Result) -> int:
    from figureground.apps.cli.checks import check

    _check(order, settings, what)
    check(settings, "black")
    live = is_address(what)
    if not live:
        return _watch_source(_open(what, settings), settings, order, screen, result)
    source = _open_live(what, settings, order, screen)
    try:
        return _watch_source(source, settings, order, screen, result)
    finally:  # also where it ends while the scene is learned: its thread would go on for ever
        source.close()


def _watch_source(
    source: "Source", settings: "Settings", order: Order, screen: Screen, result: Result
) -> int:
    from figureground.pipeline import process
    from figureground.trackers import load_tracker

    live = source.info.kind == "camera"
    rules, zones = _rules(order, source), _zones(order, source)
    outputs = _Outputs.ready(order, zones, rules, source, screen)
    tracker = load_tracker(settings.tracker or "motion")
    if live:
        screen.say(f"{result.input}: looking at the empty scene for {order.learn:g} s")
    result.outputs = outputs.paths
    total = source.info.count
    with screen.progress(Path(result.input).name, total, "looking at the empty scene") as show:
        segmenter = _segmenter(source, settings, order)
        writer = outputs.open(segmenter.classes)
        if live:
            screen.say(f"{result.input}: watching")
        pace = _Pace(source, screen, result, show)
        try:
            summary = process(source, segmenter, [writer], tracker=tracker, progress=pace)
            result.status, result.problems, code = "ok", [masked(one) for one in summary.problems], 0
        except KeyboardInterrupt:
            code = 0 if live and result.frames else 130
            result.status = "interrupted" if code else "ok"
            result.problems = [masked(one) for one in source.problems]
        finally:
            result.events = {zone: dict(counts) for zone, counts in writer.counts.items()}
            result.inside, result.warnings = writer.inside, [masked(one) for one in writer.notes]
            pace.finish()
            result.renewals = getattr(segmenter, "renewals", None)
    return code


def _check(order: Order, settings: "Settings", what: str) -> None:
    if order.pictures and order.out is None:
        raise OptionError("--pictures need a folder to go to: -o FOLDER")
    if order.append and order.overwrite:
        raise OptionError("--append goes on with files, --overwrite begins them anew: only one of them")
    if order.near is not None and order.far is not None and order.near >= order.far:
        raise OptionError(f"--near {order.near:g} must be less than --far {order.far:g}")
    if not 0.5 <= order.learn <= 3600:
        raise OptionError(f"--learn {order.learn:g}: must be 0.5 to 3600 seconds")
    if order.renew and not 1 <= order.renew <= 1440:
        raise OptionError(f"--renew {order.renew:g}: must be 1 to 1440 minutes, or 0 for never")
    if order.give_up is not None and order.give_up < 0:
        raise OptionError(f"--give-up {order.give_up:g}: must be 0 or more seconds")
    if is_address(what) and settings.start is not None:
        raise OptionError("--start: a live stream begins now; leave it out")


def _open(what: str, settings: "Settings") -> "Source":
    from figureground.sources import open_source

    return open_source(what, start=settings.start, end=settings.end)


def _open_live(what: str, settings: "Settings", order: Order, screen: Screen) -> "LiveSource":
    from figureground.sources import open_source
    from figureground.sources.live import LiveSource
    from figureground.sources.span import parse_time

    end = None if settings.end is None else parse_time(settings.end)
    return LiveSource(
        lambda: open_source(what), learn=order.learn, give_up=order.give_up, end=end, say=screen.say
    )


def _rules(order: Order, source: "Source") -> "Rules":
    from figureground.zones import Rules, margin_for

    if order.by not in ("feet", "middle"):
        raise OptionError(f"--by {order.by}: choose feet or middle")
    margin = margin_for(source.info.size) if order.margin is None else order.margin
    return Rules(Fraction(str(order.settle)), margin, Fraction(str(order.memory)), order.by)  # type: ignore[arg-type]


def _zones(order: Order, source: "Source") -> "Zones":
    from figureground.zones import read_zones, whole_picture

    zones = whole_picture(source.info.size) if order.zone is None else read_zones(order.zone)
    if order.near is not None or order.far is not None:
        zones = zones.in_range(order.near, order.far)
    return zones


def _segmenter(source: "Source", settings: "Settings", order: Order) -> "Segmenter":
    """What finds the figures; for a live stream it learns its scene anew from time to time."""
    from figureground.apps.cli.segmenting import choose_segmenter, ready_segmenter

    name = choose_segmenter(source, settings)
    segmenter = ready_segmenter(name, source, settings)
    if (
        name not in ("background", "pair")
        or source.info.kind != "camera"
        or not order.renew
        or settings.empty is not None
    ):
        return segmenter
    from figureground.segmenters.renewing import Renewing

    period = Fraction(str(order.renew)) * 60
    return Renewing(segmenter, lambda seen: ready_segmenter(name, seen, settings), source.info, period)


@dataclass
class _Outputs:
    """Where events go, checked before work begins."""

    order: Order
    parts: dict[str, Any]
    paths: list[str]

    @classmethod
    def ready(
        cls, order: Order, zones: "Zones", rules: "Rules", source: "Source", screen: Screen
    ) -> "_Outputs":
        """Make sure that all can be written."""
        from figureground.writers.events.files import EventFile
        from figureground.writers.events.pictures import MomentPictures
        from figureground.writers.events.webhook import Webhook
        from figureground.zones import Watch

        how = {"append": order.append, "overwrite": order.overwrite}
        named = [] if order.out is None else [Path(order.out, "events.jsonl"), Path(order.out, "events.csv")]
        named += [Path(order.events)] if order.events not in (None, "-") else []
        folder = Path(order.out or "", "pictures")
        parts = {
            "watch": Watch(zones, rules, source.info.size),
            "files": [EventFile(path, **how) for path in named],
            "pictures": MomentPictures(folder, **how) if order.pictures else None,
            "webhook": None if order.webhook is None else Webhook(order.webhook),
            "say": _Teller(screen, piped=order.events == "-"),
            "clock": _clock_of(source),
        }
        paths = [str(path) for path in named] + [str(folder)] * order.pictures
        return cls(order, parts, paths)

    def open(self, classes: tuple[str, ...]) -> "EventWriter":
        """The writer."""
        from figureground.writers.events.writer import EventWriter

        return EventWriter(**self.parts, classes=classes)


class _Teller:
    """Says each event on the screen, and on stdout where that is asked for."""

    def __init__(self, screen: Screen, *, piped: bool) -> None:
        self._screen, self._piped = screen, piped

    def __call__(self, text: str, record: dict[str, Any]) -> None:
        clock = record.get("clock", "")
        when = clock[11:19] if clock else f"{record['time']:.2f} s"
        self._screen.say(f"{when}  {text}")
        if self._piped:
            import json

            typer.echo(json.dumps(record))


def _clock_of(source: "Source") -> Any:
    """From a live frame to the time of day at which it came; None for files, which do not tell it."""
    arrived = getattr(source, "arrived", None)
    if arrived is None:
        return None

    def clock(index: int, at: Fraction) -> str:
        came = arrived(index)
        return (
            ""
            if came is None
            else datetime.fromtimestamp(came[1]).astimezone().isoformat("T", "milliseconds")
        )

    return clock


class _Pace:
    """Counts frames, and says now and then how a live stream goes."""

    def __init__(self, source: "Source", screen: Screen, result: Result, show: Any) -> None:
        self._source, self._screen, self._result, self._show = source, screen, result, show
        self._began = self._told = time.monotonic()
        self._frames_told = self._dropped_told = 0

    def __call__(self, done: int) -> None:
        """`done` frames are done."""
        self._result.frames = done
        self._show(done)
        if self._source.info.kind == "camera" and time.monotonic() - self._told >= _TOLD_EVERY:
            self._tell()

    def finish(self) -> None:
        """Put what is known at the end into the result."""
        result, source = self._result, self._source
        result.frames_a_second = round(result.frames / max(1e-9, time.monotonic() - self._began), 2)
        if source.info.kind == "camera":
            result.delay = self._delay()
            result.received, result.dropped, result.losses = (
                getattr(source, name) for name in ("received", "dropped", "losses")
            )

    def _tell(self) -> None:
        now, frames, dropped = time.monotonic(), self._result.frames, getattr(self._source, "dropped", 0)
        rate = (frames - self._frames_told) / (now - self._told)
        delay, lost = self._delay(), dropped - self._dropped_told
        late = "" if delay is None else f", {delay:.2f} s behind"
        late += f"; {lost} frames dropped, as this machine is too slow for all" if lost else ""
        self._screen.say(f"{self._source.info.name}: {rate:.1f} frames a second{late}")
        self._told, self._frames_told, self._dropped_told = now, frames, dropped

    def _delay(self) -> float | None:
        """Seconds from the arrival of the latest frame that is done to now."""
        came = getattr(self._source, "handed", None)
        return None if came is None else round(max(0.0, time.monotonic() - came), 3)


def _tell(result: Result, screen: Screen) -> None:
    for text in result.warnings:
        screen.warn(f"{result.input}: {text}")
    for text in result.problems:
        screen.say(f"{result.input}: {text}")
    if result.status == "failed":
        return
    kinds: dict[str, str] = {"enter": "entered", "leave": "left", "cross": "crossed", "dwell": "stayed long"}
    for zone, counts in result.events.items():
        told = [f"{count} {kinds.get(kind, kind)}" for kind, count in counts.items()]
        still = f"; {result.inside[zone]} there at the end" if result.inside.get(zone) else ""
        screen.say(f"{zone}: {', '.join(told) or 'nothing happened'}{still}")
    delay = "" if result.delay is None else f", {result.delay:.2f} s behind at the end"
    screen.say(f"{result.frames} frames, {result.frames_a_second:.1f} a second{delay}")
    if result.outputs:
        screen.say(f"-> {', '.join(result.outputs)}")
