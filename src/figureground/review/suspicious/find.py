"""Every suspicious place of tracks, what matters most first."""

from figureground.review.suspicious.contacts import find_meetings, find_overlaps, find_size_swaps
from figureground.review.suspicious.counts import find_counts
from figureground.review.suspicious.jumps import find_jumps
from figureground.review.suspicious.lives import find_births_and_deaths, find_gaps
from figureground.review.suspicious.place import Suspicion
from figureground.review.suspicious.steps import tracks_to_paths
from figureground.tracks import Tracks


def find_suspicious(tracks: Tracks) -> list[Suspicion]:
    """The places of `tracks` where something may be wrong, without knowing the truth.

    They come in the order in which it pays to look at them: by how many figures would be wrong, times how
    strange it is. Nothing is strange in itself: animals do jump, hide, and lie on each other.

    Raises:
        InputError: an outline is damaged.

    Example:
        >>> import numpy as np
        >>> from fractions import Fraction
        >>> from figureground.instances import Crop, Instances
        >>> from figureground.tracks import Stamp, TrackInfo
        >>> body = np.ones((4, 4), bool)
        >>> places = [(40, 10 + i) for i in range(6)] + [(10, 50 + i) for i in range(6)]
        >>> found = [Instances((60, 80), (Crop(*place, body),), ids=[1]) for place in places]
        >>> frames = [(Stamp(i, Fraction(i, 10)), one) for i, one in enumerate(found)]
        >>> (one,) = find_suspicious(Tracks.from_instances(frames, TrackInfo("a.mp4", (60, 80))))
        >>> one.kind, one.frame, one.ids, one.figures, one.cure
        ('jump', 6, (1,), 6, 'split 1 --from 6')
    """
    paths, steps = tracks_to_paths(tracks)
    meetings = find_meetings(paths)
    found = [
        *find_jumps(paths, steps),
        *find_births_and_deaths(paths),
        *find_gaps(paths, steps),
        *find_overlaps(paths, *meetings),
        *find_size_swaps(paths, *meetings),
    ]
    found += find_counts(paths, found)
    return sorted(found, key=lambda one: (-one.matters, one.frame, one.kind, one.ids))
