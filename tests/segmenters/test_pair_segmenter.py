"""The segmenter `pair`: what it does around its network is tested with a stand-in that is plain to see."""

from fractions import Fraction

import numpy as np
import pytest

from figureground.background.estimate import Background
from figureground.errors import InputError, OptionError
from figureground.frames import Frame
from figureground.masks import mask_iou
from figureground.models.pair import Seen
from figureground.segmenters import load_segmenter
from figureground.segmenters.pair import PairSegmenter, Settings, evidence
from figureground.testing import made_scene


def threshold_network(ground, frame, noise):
    """Certain where red differs by more than 50 levels, undecided (0.6) by more than 20; depth by rows."""
    difference = np.abs(frame[..., 0].astype(int) - ground[..., 0])
    likely = np.where(difference > 50, 1.0, np.where(difference > 20, 0.6, 0.1)).astype(np.float32)
    rows = np.linspace(0.2, 1, frame.shape[0], dtype=np.float32)
    return Seen(likely, np.repeat(rows[:, None], frame.shape[1], axis=1))


def scene_of(size, figures, level=200):
    """A ground of grey 90 and a frame with rectangles (y0, y1, x0, x1) of another red."""
    ground = np.full((*size, 3), 90, np.uint8)
    image = ground.copy()
    for y0, y1, x0, x1 in figures:
        image[y0:y1, x0:x1, 0] = level
    background = Background(ground, np.full(size, 2, np.float32), figure_area=100.0)
    return background, Frame(image, 0, Fraction(0))


def test_parts_are_figures_with_the_depth_in_their_middle():
    background, frame = scene_of((61, 83), [(10, 21, 5, 19), (40, 51, 50, 71)])
    (found,) = PairSegmenter(background, threshold_network)([frame])
    assert found.areas.tolist() == [11 * 14, 11 * 21]
    assert found.boxes.tolist() == [[5, 10, 19, 21], [50, 40, 71, 51]]
    assert found.depth == pytest.approx([0.2 + 0.8 * 15 / 60, 0.2 + 0.8 * 45 / 60], abs=1e-6)
    assert found.depth_map.shape == (61, 83)


def test_what_is_never_sure_is_no_figure():
    background, frame = scene_of((61, 83), [(10, 21, 5, 19)], level=120)
    (found,) = PairSegmenter(background, threshold_network)([frame])
    assert len(found) == 0
    (found,) = PairSegmenter(background, threshold_network, Settings(sure=0.55))([frame])
    assert len(found) == 1


@pytest.mark.parametrize(("level", "figures"), [(100, 0), (117, 0), (120, 1)])
def test_light_that_flickers_in_one_place_is_no_figure(level, figures):
    """Off by 10, 27 and 30 levels, whatever the network says."""
    background, frame = scene_of((61, 83), [(10, 21, 5, 19)], level=level)

    def everything(ground, image, noise):
        return Seen((image[..., 0] != 90).astype(np.float32), None)

    (found,) = PairSegmenter(background, everything)([frame])
    assert len(found) == figures


@pytest.mark.parametrize(("least", "kept"), [(0, 2), (50, 1), (200, 0)])
def test_smaller_figures_are_dropped(least, kept):
    background, frame = scene_of((61, 83), [(10, 21, 5, 19), (40, 45, 50, 55)])
    (found,) = PairSegmenter(background, threshold_network, Settings(min_area=least))([frame])
    assert len(found) == kept


def test_large_frames_get_the_outline_of_the_whole_frame():
    """At 1201 x 1609 the network sees each third pixel; a rectangle off that grid is met to the pixel."""
    background, frame = scene_of((1201, 1609), [(301, 503, 400, 701)])
    (found,) = PairSegmenter(background, threshold_network)([frame])
    truth = np.zeros((1201, 1609), bool)
    truth[301:503, 400:701] = True
    differs = np.count_nonzero(found.union().astype(bool) ^ truth)
    assert differs <= 4  # of 60802: the corners


def test_a_network_without_masks_finds_no_figures():
    background, frame = scene_of((61, 83), [])
    with pytest.raises(InputError, match="gives no mask"):
        PairSegmenter(background, lambda *_: Seen(None, None))([frame])


def test_a_frame_of_another_size():
    background, _ = scene_of((61, 83), [])
    _, other = scene_of((61, 89), [])
    with pytest.raises(InputError, match="frame 0: its size"):
        PairSegmenter(background, threshold_network)([other])


def test_wrong_numbers():
    with pytest.raises(OptionError, match="samples must be 1 or more"):
        load_segmenter("pair", made_scene((48, 64), frames=5), samples=0)


@pytest.mark.parametrize(
    ("likely", "off", "figure"),
    [
        (0.3, 60, True),  # a thin leg that the network half saw
        (0.05, 40, False),  # a shadow that it knows
        (0.95, 1, False),  # the ground beside a small animal
        (1.0, 1, True),  # a coat of the ground's colour within a figure
        (0.5, 17, True),
        (0.5, 15, False),
    ],
)
def test_what_the_network_says_and_what_is_seen_count_together(likely, off, figure):
    noise = np.ones((1, 1), np.float32)
    assert (evidence(np.float32([[likely]]), np.uint8([[off]]), noise) > 0).item() is figure


def test_the_network_of_the_package_finds_made_animals():
    scene = made_scene((120, 160), frames=30, animals=3)
    find = load_segmenter("pair", scene)
    overlaps = []
    for frame in scene:
        truth, (found,) = scene.truth(frame.index), find([frame])
        overlaps += mask_iou(truth.masks, found.masks).max(axis=1, initial=0.0).tolist()
    assert np.mean(overlaps) > 0.8
