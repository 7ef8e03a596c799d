from concurrent.futures import Executor, Future
from fractions import Fraction

import numpy as np
import pytest

from figureground.errors import InputError, OptionError
from figureground.frames import Frame, SourceInfo
from figureground.instances import Instances
from figureground.segmenters.renewing import Renewing

SIZE = (11, 13)
INFO = SourceInfo("cam", "camera", SIZE, None, None, None, Fraction(1))


class Named:
    """A segmenter whose score tells which one it is."""

    classes, stateful = ("figure",), False

    def __init__(self, score):
        self.score = score

    def __call__(self, frames):
        mask = np.ones(SIZE, bool)
        return [Instances.from_dense([mask], scores=[self.score]) for _ in frames]


class AtOnce(Executor):
    def submit(self, function, /, *arguments):
        future = Future()
        try:
            future.set_result(function(*arguments))
        except InputError as error:
            future.set_exception(error)
        return future


def scores(renewing, seconds):
    frames = [Frame(np.zeros((*SIZE, 3), np.uint8), i, Fraction(s)) for i, s in enumerate(seconds)]
    return [round(float(renewing([frame])[0].scores[0]), 2) for frame in frames]


def test_it_is_learned_anew_from_what_was_seen():
    seen = []

    def load(source):
        seen.append([int(frame.time) for frame in source.sample(100)])
        return Named(0.1 * len(seen))

    renewing = Renewing(Named(0.9), load, INFO, Fraction(80), AtOnce())
    found = scores(renewing, range(200))
    assert seen == [list(range(2, 81, 2)), list(range(82, 161, 2))]  # 40 samples of each 80 seconds
    assert found == [0.9] * 81 + [0.1] * 80 + [0.2] * 39
    assert renewing.renewals == 2 and renewing.classes == ("figure",) and renewing.stateful


def test_what_cannot_be_learned_is_left_out():
    def load(source):
        raise InputError("nothing to see")

    renewing = Renewing(Named(0.9), load, INFO, Fraction(40), AtOnce())
    assert scores(renewing, range(100)) == [0.9] * 100
    assert renewing.renewals == 0


def test_large_frames_are_fewer_samples():
    info = SourceInfo("cam", "camera", (2160, 3840), None, None, None, Fraction(1))
    sizes = []
    renewing = Renewing(
        Named(0.9),
        lambda source: sizes.append(len(source.frames)) or Named(0.1),
        info,
        Fraction(40),
        AtOnce(),
    )
    scores(renewing, range(60))
    assert sizes == [8]


def test_no_period():
    with pytest.raises(OptionError, match="more than 0"):
        Renewing(Named(0.9), lambda source: Named(0.1), INFO, Fraction(0))
