from fractions import Fraction

import cv2
import numpy as np

from figureground import Frame, Instances, open_writer
from figureground.testing import made_scene
from figureground.writers.depth import coloured_depth, depth_levels

FRAME = Frame(np.zeros((17, 23, 3), np.uint8), 0, Fraction(0))


def test_levels_are_the_depth_times_65535_and_0_where_unknown():
    depth = np.float32([[0.25, 1.0], [1.5, np.nan]]).repeat(2, axis=0).repeat(2, axis=1)
    levels = depth_levels(FRAME, Instances((4, 4), depth_map=depth))
    assert levels[0, 0] == 16384
    assert levels[0, 3] == 65535
    assert levels[3, 0] == 65535
    assert levels[3, 3] == 0


def test_nearest_is_not_unknown():
    assert depth_levels(FRAME, Instances((2, 3), depth_map=np.zeros((1, 1), np.float32))).min() == 1


def test_without_a_depth_map_nothing_is_known():
    assert not depth_levels(FRAME, Instances.empty((17, 23))).any()
    picture = coloured_depth(FRAME, Instances.empty((17, 23)))
    assert not picture[:, :10].any()


def test_near_is_red_and_far_is_blue():
    depth = np.float32([[0.05] * 50 + [0.95] * 50] * 60)
    picture = coloured_depth(FRAME, Instances((60, 100), depth_map=depth)).astype(int)
    near, far = picture[30, 10], picture[30, 80]
    assert near[0] > near[2] + 80
    assert far[2] > far[0] + 20


def test_a_folder_holds_16_bit_pictures(tmp_path):
    scene = made_scene((48, 64), frames=2)
    depth = np.linspace(0.1, 1, 48 * 64, dtype=np.float32).reshape(48, 64)
    with open_writer(tmp_path / "depth", scene.info, kind="depth") as writer:
        for frame in scene:
            writer.write(frame, Instances((48, 64), depth_map=depth))
    read = cv2.imread(str(tmp_path / "depth" / "000000.png"), cv2.IMREAD_UNCHANGED)
    assert read.dtype == np.uint16
    assert np.abs(read / 65535 - depth).max() < 1e-4


def test_the_map_survives_choosing_and_numbering():
    mask = np.zeros((5, 7), bool)
    mask[1:3, 2:5] = True
    found = Instances.from_dense([mask], depth_map=np.ones((2, 3), np.float32))
    assert found.select([False]).depth_map.shape == (2, 3)
    assert found.with_ids([4]).depth_map.shape == (2, 3)
