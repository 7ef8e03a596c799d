"""The tracker for most videos: it expects each figure where it was going, and knows how it looks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from figureground.background.registration import fit_reference, fit_shift
from figureground.errors import OptionError
from figureground.frames import Frame, Image
from figureground.instances import Crop, Instances
from figureground.stages import Tracker
from figureground.trackers.arenas import Arenas, in_arenas
from figureground.trackers.costs import Judge, candidates, unmatched_cost
from figureground.trackers.figures import Float64, Measured, measured
from figureground.trackers.hiding import hidden
from figureground.trackers.known import Known, exchange, settle
from figureground.trackers.looks import Spread, look_of
from figureground.trackers.matching import assigned, groups, require_scipy
from figureground.trackers.moving import Movement
from figureground.trackers.numbers import Ids
from figureground.trackers.pairing import holding, solved
from figureground.trackers.pieces import joined
from figureground.trackers.splitting import exchange_gain, split, split_unknown

_MARGIN = 4.0  # nats that looks must say before two that met are exchanged
_PATIENCE = 10  # frames before a figure far from where one was lost takes its id
_PLAIN = 3.0  # nats that the colours of two pieces of a mask must say before they are exchanged
_SWOLLEN = 1.3  # of its area: a mask that holds another too, so where it is in it is not known
_EACH = 24  # looks that are taken a frame


@dataclass(frozen=True)
class Settings:
    """What the tracker goes by; see `load`."""

    lost: int = 60
    distance: float = 10.0
    confirm: int = 3
    sure: float = 0.5
    camera: bool = False


def load(
    *,
    count: int | Sequence[int] | None = None,
    arenas: Arenas | str | Path | None = None,
    lost: int = 60,
    distance: float = 10.0,
    confirm: int = 3,
    sure: float = 0.5,
    camera: bool = False,
) -> Tracker:
    """A tracker that predicts where each figure will be.

    Args:
        count: exactly so many figures are in the scene: no more ids are given, a mask of several animals
            is cut into one piece each, and one that was lost keeps its id for when it is back. With
            arenas, one number for each of them is better than one for all.
        arenas: places that no figure leaves, see `arenas.open_arenas`.
        lost: frames after which a figure is given up; not used with `count`.
        distance: percent of the frame's diagonal that a figure moves at most from frame to frame.
        confirm: frames a figure must be found in before it gets an id; those of the first frame have
            theirs at once.
        sure: score below which a figure only goes on with a track and never begins one (the idea of
            Zhang et al., ByteTrack: Multi-Object Tracking by Associating Every Detection Box, 2022).
        camera: whether the camera moves; its shift from frame to frame is taken off.

    Raises:
        OptionError: an option makes no sense.
        MissingExtraError: scipy is not installed.

    Example:
        >>> from figureground.testing import made_herd
        >>> herd, tracker = made_herd(frames=20, animals=3, merged=True), load(count=3)
        >>> [sorted(tracker.update(frame, herd.found(frame.index)).ids.tolist()) for frame in herd][-1]
        [0, 1, 2]
    """
    require_scipy()
    if lost < 0 or confirm < 1 or not 0 < distance <= 100 or not 0 <= sure <= 1:
        raise OptionError(
            "lost must be 0 or more frames, confirm 1 or more, distance over 0 to 100 percent and "
            f"sure 0 to 1, got {lost}, {confirm}, {distance} and {sure}"
        )
    if camera and arenas is not None:
        raise OptionError("arenas stay where they are in the frame: they make no sense with a moving camera")
    settings = Settings(lost, distance, confirm, sure, camera)
    return in_arenas(lambda ids: MotionTracker(ids, settings), count, arenas)


class MotionTracker:
    """Follows the figures of one video; see `load`.

    What it holds grows with the figures in sight and those lost of late, not with the video.
    """

    def __init__(self, ids: Ids, settings: Settings) -> None:
        self._ids = ids
        self._settings = settings
        self._counted = ids.count is not None
        self._tracks: list[Known] = []
        self._movement: Movement | None = None
        self._spread = Spread()
        self._before: Image | None = None
        self._first = True
        self._doubtful: set[int] = set()

    def update(self, frame: Frame, found: Instances) -> Instances:
        """The figures of `frame` with their ids, -1 where not confirmed.

        With `count`, a mask of several animals comes back as one mask for each.
        """
        seen = measured(found.masks)
        usable = np.flatnonzero(seen.areas > 0)
        if self._movement is None and len(usable):
            self._movement = Movement(float(np.median(seen.areas[usable])))
        self._predict(frame)
        look = _Looks(frame, found)
        held = self._matched(found, seen, usable, look)
        pieces = self._seen(held, frame, found, seen, look)
        rest = np.setdiff1d(usable, list(held))
        pieces += self._begun(rest[found.scores[rest] >= self._settings.sure], found, frame)
        self._confirm()
        if self._movement is not None:
            settle(self._tracks, self._spread, self._movement, _MARGIN)
        self._forget()
        self._first = self._first and not len(usable)
        return joined(found, pieces)

    def _predict(self, frame: Frame) -> None:
        if self._settings.camera:
            self._follow_camera(frame.image)
        for track in self._tracks:
            track.lost += 1
            if self._movement is not None:
                self._movement.predict(track.state)

    def _follow_camera(self, image: Image) -> None:
        before, self._before = self._before, image
        if before is None or before.shape != image.shape:
            return
        shift = fit_shift(image, fit_reference(before))
        for track in self._tracks:
            track.state.moved_by(*shift)

    def _matched(
        self, found: Instances, seen: Measured, usable: npt.NDArray[np.int64], look: Callable[[int], Float64]
    ) -> dict[int, list[Known]]:
        """The tracks that go on with each figure: the sure ones first, then the others with what is left."""
        held: dict[int, list[Known]] = {}
        self._doubtful.clear()
        sure = found.scores[usable] >= self._settings.sure
        free = self._tracks
        for round_, chosen in enumerate((usable[sure], usable[~sure])):
            if round_:
                free = [track for track in free if track.id >= 0]
            if not free or not len(chosen):
                continue
            held.update(self._match(free, found, seen, chosen, look))
            taken = {id(track) for tracks in held.values() for track in tracks}
            free = [track for track in free if id(track) not in taken]
        return held

    def _match(
        self,
        tracks: list[Known],
        found: Instances,
        seen: Measured,
        chosen: npt.NDArray[np.int64],
        look: Callable[[int], Float64],
    ) -> dict[int, list[Known]]:
        furthest = self._furthest(tracks, found.size)
        near = candidates(tracks, found, seen, chosen, furthest, crowded=self._counted)
        nothing = unmatched_cost(near.scale)
        judge = Judge(tracks, found, look, self._spread, nothing)
        held: dict[int, list[tuple[float, Known]]] = {}
        for group in groups(near.rows, near.columns):
            for cost, row, column in solved(group, near, judge, chosen):
                held.setdefault(int(chosen[column]), []).append((cost, tracks[row]))
        out = {
            figure: holding(pairs, figure, float(seen.areas[figure]), judge) for figure, pairs in held.items()
        }
        self._doubtful |= hidden(tracks, near, chosen, out, seen)
        return out

    def _furthest(self, tracks: list[Known], size: tuple[int, int]) -> Float64:
        """(n,) pixels that each track can have gone since it was found."""
        assert self._movement is not None
        most = self._settings.distance / 100 * float(np.hypot(*size))
        area, lost = np.array([(track.area, track.lost) for track in tracks], np.float64).T
        return np.minimum(self._movement.reach(area, lost), most * (1 + lost))

    def _seen(
        self,
        held: dict[int, list[Known]],
        frame: Frame,
        found: Instances,
        seen: Measured,
        look: Callable[[int], Float64],
    ) -> list[tuple[int, Crop, Known]]:
        """Take in where each track was found: figure, mask and track."""
        assert self._movement is not None or not held
        pieces = []
        turn = max(1, -(-len(held) // _EACH))
        for place, (figure, tracks) in enumerate(sorted(held.items())):
            crop = found.masks[figure]
            if len(tracks) > 1:
                pieces += [(figure, *pair) for pair in self._split(crop, tracks, frame.image)]
                continue
            track = tracks[0]
            certain = figure not in self._doubtful
            whole = track.see(crop, seen, figure, self._movement, alone=True, certain=certain)  # type: ignore[arg-type]
            if not certain and seen.areas[figure] > _SWOLLEN * track.area:
                x, y = seen.centres[figure].tolist()
                track.state.hidden_at(x, y, float(seen.areas[figure]))
            if whole and (track.met or not (track.hits + place) % turn):
                track.learn_look(look(figure), self._spread)
            track.label = int(found.labels[figure]) if track.id < 0 else track.label
            pieces.append((figure, crop, track))
        return pieces

    def _split(self, crop: Crop, tracks: list[Known], image: Image) -> list[tuple[Crop, Known]]:
        """The piece of a mask that each of `tracks` has in it."""
        for i, one in enumerate(tracks):
            for two in tracks[:i]:
                one.meet(two)
        out = []
        bodies = [track.body() for track in tracks]
        parts = split(crop, bodies, image)
        known = len(tracks) == 2 and all(track.id >= 0 for track in tracks)
        if known and exchange_gain(parts, bodies, image) > _PLAIN:
            exchange(*tracks)
        seen = measured(parts)
        for at, (part, track) in enumerate(zip(parts, tracks, strict=True)):
            if part.mask.size:
                track.see(part, seen, at, self._movement, alone=False)  # type: ignore[arg-type]
                if track.look is None:
                    track.guess_look(look_of(image, part))
                out.append((part, track))
        return out

    def _begun(
        self, figures: npt.NDArray[np.int64], found: Instances, frame: Frame
    ) -> list[tuple[int, Crop, Known]]:
        """New tracks for the `figures` that belong to none."""
        masks = [found.masks[figure] for figure in figures]
        parts = list(enumerate(masks))
        if self._ids.count is not None and self._ids.left:
            known = sum(track.id < 0 for track in self._tracks)
            parts = split_unknown(masks, max(len(masks), self._ids.count - self._ids.given - known))
        seen = measured([part for _, part in parts])
        begun = []
        for at, (i, part) in enumerate(parts):
            figure = int(figures[i])
            track = Known.first_seen(part, seen, at, int(found.labels[figure]))
            begun.append((figure, part, track))
            self._tracks.append(track)
        return begun

    def _confirm(self) -> None:
        """Give ids to what was found often enough: new ones, or where none are left those of lost figures."""
        ready = [
            track
            for track in self._tracks
            if track.id < 0 and track.lost == 0 and (self._first or track.hits >= self._settings.confirm)
        ]
        if self._ids.count is not None and len(ready) > self._ids.count - self._ids.given:
            large = sorted(ready, key=lambda track: -track.area)[: self._ids.count - self._ids.given]
            first = {id(track) for track in large}
            ready.sort(key=lambda track: id(track) not in first)
        for track in ready:
            if self._ids.left:
                track.id = self._ids.take()
        if self._counted:
            self._link([track for track in ready if track.id < 0])

    def _link(self, ready: list[Known]) -> None:
        """Let new tracks go on with those that are lost."""
        lost = [track for track in self._tracks if track.id >= 0 and track.lost]
        if not ready or not lost:
            return
        cost = np.array([[self._link_cost(new, old) for old in lost] for new in ready])
        gone = []
        for row, column in assigned(cost).tolist():
            new, old = ready[row], lost[column]
            old.state, old.crop, old.angle, old.lost = new.state, new.crop, new.angle, 0
            new.id = old.id
            old.hits += new.hits
            gone.append(new)
        known = {id(track) for track in gone}
        self._tracks = [track for track in self._tracks if id(track) not in known]

    def _link_cost(self, new: Known, old: Known) -> float:
        """Nats against `new` being `old`; infinite where it is too early to say so."""
        assert self._movement is not None
        square = (new.state.x - old.state.x) ** 2 + (new.state.y - old.state.y) ** 2
        if square > float(self._movement.reach(old.area, old.lost)) ** 2:
            return float("inf")
        scale = old.state.pp + new.state.noise
        if square > 36 * scale and new.hits < _PATIENCE:
            return float("inf")
        looks = new.look is not None and old.look is not None
        look = self._spread.cost(new.look, old.look) if looks else 0.0  # type: ignore[arg-type]
        return 2.5 * float(np.log1p(square / scale / 3)) + look + 4 * abs(float(np.log(new.area / old.area)))

    def _forget(self) -> None:
        """Drop what is no longer looked for."""
        most = self._settings.lost
        self._tracks = [
            track
            for track in self._tracks
            if track.lost == 0 or (track.id >= 0 and (self._counted or track.lost <= most))
        ]
        known = {id(track) for track in self._tracks}
        for track in self._tracks:
            if track.met:
                track.met = [other for other in track.met if id(other) in known]


class _Looks:
    """How each figure of a frame looks, found out when asked."""

    def __init__(self, frame: Frame, found: Instances) -> None:
        self._image, self._found = frame.image, found
        self._known: dict[int, Float64] = {}

    def __call__(self, figure: int) -> Float64:
        if figure not in self._known:
            self._known[figure] = look_of(self._image, self._found.masks[figure])
        return self._known[figure]
