"""How good tracks are: every measure of one result, or of several videos together."""

from dataclasses import dataclass

import numpy as np

from figureground.evaluation.tracks.beside import lay_beside, overlaps_of
from figureground.evaluation.tracks.clear import Clear, Switches, count_clear
from figureground.evaluation.tracks.hota import Hota, count_hota
from figureground.evaluation.tracks.identity import Identity, count_identity, ratio
from figureground.instances import IntArray
from figureground.tracks import Tracks


@dataclass(frozen=True, eq=False)
class TrackScore:
    """How well a result keeps who is who; those of several videos add up.

    Attributes:
        name: of the result.
        on: "masks" or "boxes", what was compared.
        frames: that the truth looked at.
        unseen: those of them that the result did not look at; the figures in them count as missed.
        animals: ids of the truth.
        tracks: ids of the result, in these frames.
        hours: sum over the animals of how long they are there; NaN where the time is not known.
        hota: counts for HOTA.
        identity: counts for IDF1.
        clear: counts for MOTA.
    """

    name: str
    on: str
    frames: int
    unseen: int
    animals: int
    tracks: int
    hours: float
    hota: Hota
    identity: Identity
    clear: Clear

    def __add__(self, other: "TrackScore") -> "TrackScore":
        return TrackScore(
            self.name,
            self.on if self.on == other.on else "masks and boxes",
            self.frames + other.frames,
            self.unseen + other.unseen,
            self.animals + other.animals,
            self.tracks + other.tracks,
            self.hours + other.hours,
            self.hota + other.hota,
            self.identity + other.identity,
            self.clear + other.clear,
        )

    @property
    def switches_per_hour(self) -> float:
        """Switched identities for each hour of each animal; NaN where the time is not known."""
        return ratio(self.clear.switches, self.hours)


def score_tracks(
    truth: Tracks, result: Tracks, name: str = "", on: str = "auto"
) -> tuple[TrackScore, Switches]:
    """Compare a result with the truth; also where identities switch, with the ids of the two.

    Args:
        truth: who is who; only the frames that it looked at count.
        result: what is to be judged.
        name: of the result.
        on: "masks", "boxes", or "auto": masks if all figures of both have them.

    Raises:
        InputError: the frames differ in size, or an outline is damaged.
        OptionError: `on` cannot be compared.
        MissingExtraError: scipy is not installed.

    Example:
        >>> from fractions import Fraction
        >>> from figureground.instances import Instances
        >>> from figureground.tracks import Stamp, TrackInfo
        >>> figure = Instances.from_dense(np.ones((1, 5, 7), bool))
        >>> frames = [(Stamp(i, Fraction(i, 10)), figure.with_ids([3])) for i in range(4)]
        >>> other = [*frames[:2], *((stamp, figure.with_ids([8])) for stamp, _ in frames[2:])]
        >>> truth, result = (Tracks.from_instances(one, TrackInfo("a", (5, 7))) for one in (frames, other))
        >>> score, switches = score_tracks(truth, result)
        >>> score.identity.idf1, score.clear.switches, switches.frames.tolist(), switches.after.tolist()
        (0.5, 1, [2], [8])
    """
    both = lay_beside(truth, result, on)
    clear, switches = count_clear(both)
    score = TrackScore(
        name,
        overlaps_of(truth, result, on),
        len(truth.frames),
        int(np.count_nonzero(~np.isin(truth.frames, result.frames))),
        len(truth.ids),
        int(both.found_ids.max(initial=-1)) + 1,
        len(truth) * frame_seconds(truth) / 3600,
        count_hota(both),
        count_identity(both),
        clear,
    )
    return score, _named(switches, truth.ids, np.unique(result.id[np.isin(result.frame, truth.frames)]))


def frame_seconds(tracks: Tracks) -> float:
    """The time from one frame to the next, in the middle; NaN where it is not known."""
    if len(tracks.frames) > 1:
        return float(np.median(np.diff(tracks.seconds))) or float("nan")
    return float(1 / tracks.info.rate) if tracks.info.rate else float("nan")


def _named(switches: Switches, truth: IntArray, found: IntArray) -> Switches:
    """`switches` with the ids that the tracks have, in place of their numbers."""
    columns = truth[switches.truth], found[switches.before], found[switches.after]
    return Switches(switches.frames, *columns)
