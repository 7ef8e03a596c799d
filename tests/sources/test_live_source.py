"""A camera that is lost and found, without waiting: clock, connections and pauses are made."""

import threading
from fractions import Fraction

import numpy as np
import pytest

from figureground.errors import InputError
from figureground.frames import Frame, SourceInfo
from figureground.sources import close_frames
from figureground.sources.live import LiveSource

SIZE = (13, 17)


class Camera:
    """A source of frames at given seconds; each frame moves the clock to its time."""

    problems = ()

    def __init__(self, seconds, clock, size=SIZE, begin=0.0):
        self.seconds, self.clock, self.begin, self.size = seconds, clock, begin, size
        self.info = SourceInfo("cam", "camera", size, Fraction(10), None, None, Fraction(1, 10))
        self.over = threading.Event()

    def __iter__(self):
        for index, second in enumerate(self.seconds):
            self.clock.now = max(self.clock.now, self.begin + second)
            yield Frame(np.zeros((*self.size, 3), np.uint8), index, Fraction(str(second)))
        self.over.set()


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Connections:
    """Connects to one camera after the other; None is a try that fails."""

    def __init__(self, *cameras):
        self.cameras = list(cameras)

    def __call__(self):
        camera = self.cameras.pop(0) if self.cameras else None
        if camera is None:
            raise InputError("cam: cannot be opened")
        return camera


def waiting(clock, waits):
    def wait(seconds):
        waits.append(seconds)
        clock.now += seconds
        return False

    return wait


def live(clock, *cameras, waits=None, **options):
    options = {"ready": 1000, "give_up": 100.0, "clock": clock, "today": lambda: 1e9 + clock.now} | options
    waits = [] if waits is None else waits
    return LiveSource(Connections(*cameras), wait=waiting(clock, waits), **options)


def test_it_is_connected_again_and_time_goes_on():
    clock, waits, said = Clock(), [], []
    first = Camera([0, 0.1, 0.2], clock)
    second = Camera([0, 0.1], clock, begin=7.2)
    source = live(clock, first, None, None, second, waits=waits, say=said.append, give_up=10.0)
    frames = list(source)
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 4]
    assert waits[:3] == [1.0, 2.0, 4.0]  # lost at 0.2 s, tried at 1.2, 3.2 and 7.2
    assert [float(frame.time) for frame in frames] == [0, 0.1, 0.2, 7.2, 7.3]
    assert waits[3:] == [1.0, 2.0, 4.0, 8.0]  # then for good
    assert said == [
        "cam: no picture comes any more; connecting again",
        "cam: connected again after 7 s",
        "cam: no picture comes any more; connecting again",
        "cam: given up after 15 s without a picture",
    ]
    assert source.problems == ["the connection was lost 2 x"]
    assert (source.info.kind, source.info.count) == ("camera", None)


def test_pauses_grow_to_a_minute():
    clock, waits = Clock(), []
    list(live(clock, Camera([0], clock), waits=waits, give_up=300.0))
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0, 60.0]


def test_times_never_run_back():
    clock = Clock()
    cameras = Camera([0, 5], clock), Camera([0, 1], clock)  # the second clock begins anew
    times = [frame.time for frame in live(clock, *cameras, give_up=2.0)]
    assert times == sorted(set(times)) and len(times) == 4


def test_late_frames_are_dropped_and_counted():
    clock = Clock()
    camera = Camera([number / 10 for number in range(50)], clock)
    source = live(clock, camera, ready=2, give_up=0.0)
    frames = iter(source)
    next(frames)  # starts the thread that reads
    assert camera.over.wait(30)  # all have come while we were busy with the first
    rest = [frame.index for frame in frames]
    assert len(rest) <= 2 and rest[-1:] in ([49], [])  # the first may have been the last one already
    assert source.dropped == 50 - 1 - len(rest) and source.received == 50
    assert any("frames (" in line and "too slow" in line for line in source.problems)


def test_arrival_by_both_clocks():
    clock = Clock()
    source = live(clock, Camera([0, 2.5], clock), give_up=0.0)
    list(source)
    assert (source.arrived(1), source.arrived(7)) == ((2.5, 1e9 + 2.5), None)


def test_the_sample_is_not_watched():
    clock = Clock()
    source = live(clock, Camera([number / 10 for number in range(60)], clock), learn=2.0, give_up=0.0)
    assert [float(frame.time) for frame in source.sample(4)] == [0.0, 0.5, 1.0, 1.5]
    assert next(frame.index for frame in source) == 16


def test_an_end_is_kept():
    clock = Clock()
    source = live(clock, Camera([number / 10 for number in range(60)], clock), end=Fraction(1))
    assert len(list(source)) == 10


def test_another_size_is_scaled():
    clock = Clock()
    source = live(clock, Camera([0], clock), Camera([0], clock, size=(26, 34)), give_up=2.0)
    assert [frame.size for frame in source] == [SIZE, SIZE]


def test_what_cannot_be_reached_to_begin_with():
    with pytest.raises(InputError, match="cannot be opened"):
        live(Clock(), None)


def test_an_error_in_the_reader_is_raised():
    class Broken(Camera):
        def __iter__(self):
            yield from super().__iter__()
            raise RuntimeError("a fault")

    clock = Clock()
    with pytest.raises(RuntimeError, match="a fault"):
        list(live(clock, Broken([0], clock)))


def test_a_caller_that_leaves_stops_the_reader():
    clock = Clock()
    source = LiveSource(Connections(Camera([0], clock)), clock=clock)
    frames = iter(source)
    next(frames)
    close_frames(frames)  # the reader waits to connect again; it is woken
    assert source._reader is not None and source._reader.result(30) is None
