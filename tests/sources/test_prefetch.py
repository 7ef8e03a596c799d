import threading
from itertools import islice

import numpy as np
import pytest
from made_videos import write_video

from figureground.errors import InputError
from figureground.frames import Frame
from figureground.sources import frames_from, open_source
from figureground.sources.prefetch import Prefetch
from figureground.stages import Source
from figureground.testing import check_source, made_scene


class Watched:
    """A source of `frames` frames that notes how far it was read, and whether it was closed."""

    problems = ("a problem",)

    def __init__(self, frames, fails_at=None):
        self.frames, self.fails_at = frames, fails_at
        self.made, self.closed, self.threads = 0, 0, set()
        self.info = made_scene().info

    def __iter__(self):
        self.given = self._frames()  # held, so that nothing but closing it ends it
        return self.given

    def _frames(self):
        try:
            for index in range(self.frames):
                self.threads.add(threading.current_thread())
                if index == self.fails_at:
                    raise InputError("frame lost")
                self.made += 1
                yield Frame(np.zeros((2, 3, 3), np.uint8), index, index / self.info.rate)
        finally:
            self.closed += 1

    def sample(self, count):
        return islice(iter(self), count)


def alive():
    return [thread for thread in threading.enumerate() if thread.name.startswith("prefetch")]


@pytest.mark.parametrize("depth", [1, 2, 8, 100])
def test_frames_come_in_order_from_another_thread(depth):
    source = Watched(20)
    assert [frame.index for frame in Prefetch(source, depth)] == list(range(20))
    assert threading.current_thread() not in source.threads and source.closed == 1
    assert not alive()


def test_an_early_end_stops_the_thread_and_closes_the_source():
    source = Watched(10**9)
    frames = iter(Prefetch(source, 4))
    assert [next(frames).index for _ in range(3)] == [0, 1, 2]
    assert len(alive()) == 1
    frames.close()
    assert not alive() and source.closed == 1
    assert source.made <= 3 + 4


def test_reading_ahead_is_bounded():
    source = Watched(1000)
    for number, _ in enumerate(Prefetch(source, 5), 1):
        assert source.made <= number + 5


def test_an_error_comes_in_its_place():
    source, seen = Watched(10, fails_at=6), []
    with pytest.raises(InputError, match="frame lost"):
        seen.extend(frame.index for frame in Prefetch(source, 3))
    assert not seen or seen == list(range(6))
    frames = iter(Prefetch(source, 3))
    assert [next(frames).index for _ in range(6)] == list(range(6))
    with pytest.raises(InputError, match="frame lost"):
        next(frames)
    assert not alive()


def test_an_error_of_the_caller_stops_the_thread():
    source = Watched(10**9)
    frames = iter(Prefetch(source, 3))

    def fail():
        for frame in frames:
            if frame.index == 4:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    frames.close()
    assert not alive() and source.closed == 1


def test_it_is_a_source_with_all_that_the_source_tells(tmp_path):
    assert isinstance(Prefetch(Watched(1)), Source)
    assert Prefetch(Watched(1)).problems == ("a problem",)
    check_source(Prefetch(open_source(write_video(tmp_path / "a.mp4", 12, gop=3))))
    assert [frame.index for frame in Prefetch(Watched(9)).sample(2)] == [0, 1]
    assert not alive()


def test_frames_from_reaches_the_source(tmp_path):
    video = open_source(write_video(tmp_path / "a.mp4", 12))
    for source in (video, Prefetch(video), Prefetch(Watched(12))):
        assert [frame.index for frame in frames_from(source, 7)] == [7, 8, 9, 10, 11]
        assert list(frames_from(source, 12)) == []
