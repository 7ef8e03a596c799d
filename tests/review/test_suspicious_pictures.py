from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from lanes import SIZE, renamed, three

from figureground.errors import InputError
from figureground.frames import Frame, SourceInfo
from figureground.review.suspicious.find import find_suspicious
from figureground.review.suspicious.pictures import SIDE, places_to_pictures
from figureground.review.suspicious.place import Suspicion


class Film:
    """Grey frames; what was asked for is counted."""

    problems: tuple[str, ...] = ()

    def __init__(self, count: int, size: tuple[int, int] = SIZE) -> None:
        self.info = SourceInfo("film.mp4", "video", size, Fraction(10), count, None, Fraction(1, 10))
        self.count, self.read = count, 0

    def __iter__(self) -> Iterator[Frame]:
        for index in range(self.count):
            self.read += 1
            yield Frame(np.full((*self.info.size, 3), 100, np.uint8), index, Fraction(index, 10))

    def sample(self, count: int) -> Iterator[Frame]:
        return iter(self)


def test_a_swap_is_shown_before_at_and_after_it() -> None:
    tracks = renamed(three(), (1, 3, 20, 60), (3, 1, 20, 60))
    film, told = Film(60), []
    (picture,) = places_to_pictures(find_suspicious(tracks), tracks, film, told.append)
    assert film.read == 22 and told == list(range(1, 23))
    assert (picture.dtype, picture.shape[2]) == (np.uint8, 3)
    assert picture.shape[1] > 3 * SIDE * 0.9 and picture.shape[0] > SIDE
    first, _, _ = np.array_split(picture[24:], 3, axis=1)
    assert (first.max(2).astype(int) - first.min(2) > 60).any()  # figures have colours
    assert (np.median(picture[24:].reshape(-1, 3), axis=0) == 100).all()


def test_at_the_ends_of_the_video_and_for_nobody() -> None:
    tracks = three(10)
    places = [
        Suspicion("jump", 0, 0, (2,), "x", 0.5, 1),
        Suspicion("jump", 9, 9, (2,), "x", 0.5, 1),
        Suspicion("count", 3, 5, (), "x", 0.5, 1),
        Suspicion("count", 0, 9, (77,), "x", 0.5, 1),
    ]
    widths = [picture.shape[1] for picture in places_to_pictures(places, tracks, Film(10))]
    whole = 4 * SIDE + 3 * 6
    assert widths[:2] == [2 * SIDE + 6] * 2 and widths[2] == whole
    assert places_to_pictures([], tracks, Film(0)) == []


def test_a_long_place_is_shown_where_it_begins() -> None:
    place = Suspicion("flicker", 3, 58, (2,), "x", 0.5, 1)
    film = Film(60)
    (picture,) = places_to_pictures([place], three(), film)
    assert film.read == 4 and picture.shape[1] == 2 * SIDE + 6


def test_another_video_is_told() -> None:
    tracks = three(10)
    place = Suspicion("jump", 5, 5, (2,), "x", 0.5, 1)
    with pytest.raises(InputError, match=r"film\.mp4: has no frame 4, of which"):
        places_to_pictures([place], tracks, Film(3))
    with pytest.raises(InputError, match="41 x 23 pixels, the tracks are of 211 x 127"):
        places_to_pictures([place], tracks, Film(10, (23, 41)))
