from fractions import Fraction

import cv2
import numpy as np
import pytest

from figureground.apps.cli.main import main
from figureground.errors import InputError
from figureground.instances import Instances
from figureground.render import figure_colour
from figureground.review.trails import tracks_to_trails
from figureground.tracks import Stamp, TrackInfo, Tracks
from figureground.tracks.file import write_tracks

SIZE = (67, 191)


def tracks_of(places: dict[int, dict[int, tuple[int, int]]]) -> Tracks:
    """From {frame: {id: (x, y)}}: figures of a single pixel."""
    rows = []
    for index, figures in places.items():
        masks = np.zeros((len(figures), *SIZE), bool)
        for mask, (x, y) in zip(masks, figures.values(), strict=True):
            mask[y, x] = True
        found = Instances.from_dense(masks, ids=[*figures]) if figures else Instances.empty(SIZE)
        rows.append((Stamp(index, Fraction(index, 10)), found))
    return Tracks.from_instances(rows, TrackInfo("a.mp4", SIZE))


def test_lines_go_from_place_to_place_in_the_colour_of_the_id() -> None:
    trails = tracks_to_trails(tracks_of({0: {0: (10, 20), 4: (10, 50)}, 1: {0: (150, 20), 4: (150, 50)}}))
    assert trails.shape == (*SIZE, 3)
    for y, key in ((20, 0), (50, 4)):
        assert np.abs(trails[y, 14:140].astype(int) - figure_colour(key)).max() < 40  # its edge is soft
    assert not trails[30:40, 12:140].any()


def test_a_line_is_broken_where_the_figure_is_away_for_long() -> None:
    near = {index: {} for index in range(45)} | {0: {1: (10, 20)}, 30: {1: (150, 20)}}
    away = near | {30: {}, 31: {1: (150, 20)}}
    assert tracks_to_trails(tracks_of(near))[20, 80].any()
    assert not tracks_to_trails(tracks_of(away))[20, 80].any()
    assert tracks_to_trails(tracks_of(away))[20, 10].any()  # where it was once is a dot


def test_a_picture_lies_behind() -> None:
    picture = np.full((*SIZE, 3), (100, 200, 40), np.uint8)
    before = picture.copy()
    trails = tracks_to_trails(tracks_of({0: {0: (10, 20)}}), picture)
    assert (trails[60, 160] == (45, 90, 18)).all()
    assert (picture == before).all()
    with pytest.raises(InputError, match=r"video of 191 x 67 pixels .*picture has 67 x 191"):
        tracks_to_trails(tracks_of({}), picture.transpose(1, 0, 2))


def test_no_figures_are_an_empty_picture() -> None:
    assert not tracks_to_trails(tracks_of({0: {}})).any()
    assert not tracks_to_trails(tracks_of({})).any()


def test_the_command(tmp_path, capsys) -> None:
    path, out = tmp_path / "a.tracks.parquet", tmp_path / "a.png"
    tracks = tracks_of({0: {0: (10, 20)}, 1: {0: (150, 20)}})
    write_tracks(tracks, path)
    assert main(["tracks", "trails", str(path), "-o", str(out)]) == 0
    assert "1 figure in 2 frames" in capsys.readouterr().err
    assert (cv2.imread(str(out))[..., ::-1] == tracks_to_trails(tracks)).all()
    for line, text in (
        ([str(path), "-o", str(out)], "is there already"),
        ([str(path), "-o", str(tmp_path / "a.gif")], "written to .png or .jpg"),
        ([str(path), "-o", str(tmp_path / "b.png"), "--video", "none.mp4"], "none.mp4"),
    ):
        assert main(["tracks", "trails", *line]) == 2
        assert text in capsys.readouterr().err
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.png", "a.tracks.parquet"]
