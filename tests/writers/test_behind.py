import threading
import time

import pytest
from clips import info_of, made_clip, write_all

from figureground.errors import OutputError
from figureground.files import part_folder
from figureground.stages import Writer
from figureground.writers import open_writer
from figureground.writers.behind import Behind


class Recorder:
    """A writer that notes what happens to it, and fails at the frame that it is told."""

    def __init__(self, done=0, chunk=1, fails_at=None, fails_at_exit=False):
        self.done, self.chunk, self.fails_at, self.fails_at_exit = done, chunk, fails_at, fails_at_exit
        self.written, self.exits, self.threads, self.notes = [], [], set(), ["noted"]
        self.may_go = threading.Event()
        self.may_go.set()

    def rewind(self, done):
        self.done = min(self.done, done) // self.chunk * self.chunk
        return self.done

    def __enter__(self):
        return self

    def write(self, frame, found):
        assert self.may_go.wait(10)
        if frame.index == self.fails_at:
            raise OutputError(f"frame {frame.index}: no room")
        self.threads.add(threading.get_ident())
        self.written.append(frame.index)

    def __exit__(self, kind, error, trace):
        self.exits.append(error)
        if self.fails_at_exit and error is None:
            raise OutputError("no room at the end")


def test_each_writer_gets_every_frame_in_order_in_a_thread_of_its_own():
    first, second = Recorder(), Recorder()
    behind = Behind([first, second], depth=2)
    assert isinstance(behind, Writer)
    write_all(behind, made_clip(count=50))
    assert first.written == second.written == list(range(50))
    assert first.exits == second.exits == [None]
    assert len(first.threads) == len(second.threads) == 1
    assert len(first.threads | second.threads | {threading.get_ident()}) == 3
    assert behind.notes == ["noted", "noted"]


def test_writing_goes_on_while_the_caller_works():
    slow = Recorder()
    slow.may_go.clear()
    clip = made_clip(count=4)
    with Behind([slow], depth=4) as behind:
        for frame, found in clip:
            behind.write(frame, found)  # returns although none is written yet
        assert slow.written == []
        slow.may_go.set()
    assert slow.written == [0, 1, 2, 3]


def test_no_more_than_depth_frames_wait():
    slow, clip, handed = Recorder(), made_clip(count=6), []
    slow.may_go.clear()

    def produce():
        with Behind([slow], depth=3) as behind:
            for frame, found in clip:
                behind.write(frame, found)
                handed.append(frame.index)

    producer = threading.Thread(target=produce)
    producer.start()
    until = time.monotonic() + 10
    while len(handed) < 3 and time.monotonic() < until:
        time.sleep(0.001)
    producer.join(0.05)  # more than enough to hand over a fourth, if it could
    assert handed == [0, 1, 2]
    slow.may_go.set()
    producer.join(10)
    assert handed == slow.written == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("fails_at", [0, 3, 49])
def test_an_error_in_a_thread_comes_out_and_stops_all(fails_at):
    failing, other = Recorder(fails_at=fails_at), Recorder()
    with pytest.raises(OutputError, match=f"frame {fails_at}: no room"):
        write_all(Behind([other, failing], depth=2), made_clip(count=50))
    assert failing.written == list(range(fails_at))
    assert [type(error) for error in failing.exits + other.exits] == [OutputError, OutputError]


def test_an_error_in_the_block_stops_promptly_and_reaches_every_writer():
    writers, threads = [Recorder(), Recorder()], threading.active_count()
    with pytest.raises(KeyboardInterrupt), Behind(writers, depth=40) as behind:
        writers[0].may_go.clear()
        for frame, found in made_clip(count=30):
            behind.write(frame, found)
        writers[0].may_go.set()
        raise KeyboardInterrupt
    assert [type(w.exits[0]) for w in writers] == [KeyboardInterrupt] * 2
    assert len(writers[0].written) < 30
    assert threading.active_count() == threads


def test_an_error_at_an_exit_reaches_the_writers_that_have_not_ended():
    first, last = Recorder(), Recorder(fails_at_exit=True)  # exits run from the last to the first
    with pytest.raises(OutputError, match="no room at the end"):
        write_all(Behind([first, last]), made_clip(count=3))
    assert [type(error) for error in first.exits] == [OutputError]


@pytest.mark.parametrize(
    ("writers", "done", "left"),
    [
        ([], 0, 0),
        ([(512, 256), (300, 1)], 300, 256),
        ([(512, 256), (600, 100), (512, 1)], 512, 0),  # 512 -> 500 -> 256 -> 200 -> 0
        ([(300, 100), (300, 150)], 300, 300),
    ],
)
def test_writers_resume_at_a_frame_that_all_of_them_can(writers, done, left):
    made = [Recorder(done, chunk) for done, chunk in writers]
    behind = Behind(made)
    assert behind.done == (min(d for d, _ in writers) if writers else 0)
    assert behind.rewind(behind.done if writers else 0) == left
    assert all(writer.done == left for writer in made)


def test_real_writers_fail_and_resume_together(tmp_path):
    clip = made_clip((64, 64), 300)
    paths = [tmp_path / "a.mp4", tmp_path / "masks.mkv", tmp_path / "stills"]
    kinds = ["cutout", "masks", "stills"]

    def opened(folder, **options):
        pairs = zip(paths, kinds, strict=True)
        return Behind([open_writer(folder / p.name, info_of(clip), kind=k, **options) for p, k in pairs])

    write_all(opened(tmp_path / "whole"), clip)
    with pytest.raises(RuntimeError, match="power"), opened(tmp_path) as behind:
        for frame, found in clip[:290]:
            behind.write(frame, found)
        for lane in behind._lanes:
            lane.finish()
        raise RuntimeError("power")
    assert not any(path.exists() for path in paths)
    behind = opened(tmp_path, resume=True)
    assert [behind.done, behind.rewind(behind.done)] == [256, 256]
    write_all(behind, clip)
    for path in paths[:2]:
        assert path.read_bytes() == (tmp_path / "whole" / path.name).read_bytes()
        assert not part_folder(path).exists()
    assert len(list(paths[2].iterdir())) == 301
