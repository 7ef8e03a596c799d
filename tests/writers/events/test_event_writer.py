import json
from fractions import Fraction

import numpy as np
import pytest

from figureground.errors import OutputError
from figureground.frames import Frame
from figureground.instances import Instances
from figureground.stages import Writer
from figureground.stills import read_still
from figureground.writers.events.files import EventFile
from figureground.writers.events.pictures import MomentPictures
from figureground.writers.events.writer import EventWriter
from figureground.zones import Rules, Watch, Zone, Zones
from figureground.zones.zonefile import Drawn

SIZE = (61, 97)
ZONES = Zones(
    frame=Drawn(width=97, height=61),
    zones=(Zone(name="left half", polygon=((0.0, 0.0), (48.0, 0.0), (48.0, 60.0), (0.0, 60.0))),),
)


def frame_and_figure(index):
    """A figure 9 wide walks from right to left, 4 pixels a frame; the picture is as bright as the index."""
    mask = np.zeros(SIZE, bool)
    mask[20:41, 80 - 4 * index : 89 - 4 * index] = True
    picture = np.full((*SIZE, 3), 10 * index, np.uint8)
    return Frame(picture, index, Fraction(index, 10)), Instances.from_dense([mask], ids=[3])


def watch():
    return Watch(ZONES, Rules(settle=Fraction(1, 2), margin=2.0), SIZE)


def run(writer, frames=20):
    with writer:
        for index in range(frames):
            writer.write(*frame_and_figure(index))


def test_everything_is_told_of_one_event(tmp_path):
    said = []
    writer = EventWriter(
        watch(),
        files=[EventFile(tmp_path / "a.jsonl"), EventFile(tmp_path / "a.csv")],
        pictures=MomentPictures(tmp_path / "pictures"),
        say=lambda text, record: said.append(text),
        clock=lambda index, at: f"frame {index}",
        classes=("mouse",),
    )
    run(writer)
    # the middle column 84 - 4 * frame is at most 48 from frame 9 on
    (line,) = (tmp_path / "a.jsonl").read_text().splitlines()
    record = json.loads(line)
    assert (
        record | {"event": "enter", "frame": 9, "told_at_frame": 14, "time": 0.9, "class": "mouse"} == record
    )
    assert record | {"clock": "frame 9", "id": 3, "x": 48.0, "y": 40.0, "time_exact": "9/10"} == record
    assert said == ["left half: figure 0 enters"]
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 2
    assert writer.counts == {"left half": {"enter": 1}} and writer.inside == {"left half": 1}
    picture = read_still(tmp_path / "pictures" / record["picture"])
    assert picture.shape == (*SIZE, 3)
    assert abs(int(picture[10, 80].mean()) - 90) < 6  # the frame of the moment, not the one when it was told
    assert isinstance(writer, Writer)


def test_only_frames_that_may_be_told_of_are_kept(tmp_path):
    writer = EventWriter(watch(), pictures=MomentPictures(tmp_path / "pictures"))
    with writer:
        for index in range(20):
            writer.write(*frame_and_figure(index))
            assert len(writer._kept) <= 2


def test_pictures_are_not_lost(tmp_path):
    folder = tmp_path / "pictures"
    run(EventWriter(watch(), pictures=MomentPictures(folder)))
    with pytest.raises(OutputError, match="holds pictures already"):
        MomentPictures(folder)
    run(EventWriter(watch(), pictures=MomentPictures(folder, append=True)))
    assert sorted(path.name for path in folder.iterdir()) == [
        "000000_left_half_enter.jpg",
        "000001_left_half_enter.jpg",
    ]
    MomentPictures(folder, overwrite=True)
    assert list(folder.iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file"):
        MomentPictures(tmp_path / "file")


def test_a_run_that_fails_keeps_what_was_told(tmp_path):
    with pytest.raises(RuntimeError), EventWriter(watch(), files=[EventFile(tmp_path / "a.jsonl")]) as writer:
        for index in range(20):
            writer.write(*frame_and_figure(index))
        raise RuntimeError
    assert (tmp_path / "a.jsonl").read_text().count("\n") == 1
