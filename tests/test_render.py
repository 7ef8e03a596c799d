import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from scipy.ndimage import distance_transform_cdt, gaussian_filter

from figureground.errors import InputError, OptionError
from figureground.instances import Instances
from figureground.render import (
    alpha,
    covering,
    figure_colour,
    on_blur,
    on_colour,
    on_image,
    overlay,
    paint,
    parse_ground,
    soft_windows,
    transparent,
)
from figureground.testing import made_scene

SIZE = (31, 43)


@st.composite
def figures(draw, size=SIZE):
    """Up to four rectangles that may overlap, touch and lie at the frame's edge; one may be empty."""
    masks = []
    for _ in range(draw(st.integers(0, 4))):
        mask = np.zeros(size, bool)
        y, x = draw(st.integers(0, size[0])), draw(st.integers(0, size[1]))
        mask[y : y + draw(st.integers(0, 20)), x : x + draw(st.integers(1, 20))] = True
        masks.append(mask)
    return Instances.from_dense(masks) if masks else Instances.empty(size)


def picture(size=SIZE, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)


@settings(deadline=None, max_examples=60)
@given(figures(), st.sampled_from([0.0, 0.5, 1.0, 3.0, 7.5]))
def test_alpha_is_the_blurred_union(found, feather):
    union = found.dense().any(0) if len(found) else np.zeros(SIZE, bool)
    radius = 1 + int(np.ceil(feather))
    sigma = 0.7 + feather / 2
    expected = gaussian_filter(255.0 * union, sigma, mode="nearest", truncate=radius / sigma)
    assert np.abs(alpha(found, feather) - expected).max() <= 2.1


@settings(deadline=None, max_examples=60)
@given(figures(), st.sampled_from([0.0, 2.0, 5.0]))
def test_alpha_is_hard_beyond_the_soft_edge(found, feather):
    soft = alpha(found, feather)
    union = found.dense().any(0) if len(found) else np.zeros(SIZE, bool)
    if union.any() and not union.all():
        outside = distance_transform_cdt(~union, "chessboard")
        inside = distance_transform_cdt(union, "chessboard")
        assert (soft[outside > 1 + feather] == 0).all()
        assert (soft[inside > 1 + feather] == 255).all()
    windows = np.zeros(SIZE, bool)
    for window in soft_windows(found, feather, step=2):
        assert [s.start % 2 for s in window] == [0, 0]
        windows[window] = True
    assert not soft[~windows].any()


@settings(deadline=None, max_examples=40)
@given(figures(), st.sampled_from([0.0, 4.0]), st.tuples(*[st.integers(0, 255)] * 3))
def test_on_a_colour_or_an_image_is_the_weighted_mean(found, feather, colour):
    image, canvas = picture(), picture(seed=1)
    weight = alpha(found, feather)[..., None] / 255.0
    before = image.copy()
    result = on_colour(image, found, colour, feather)
    assert np.abs(result - (image * weight + np.array(colour) * (1 - weight))).max() <= 1.01
    result = on_image(image, found, canvas, feather)
    assert np.abs(result - (image * weight + canvas * (1 - weight))).max() <= 1.01
    np.testing.assert_array_equal(image, before)


def test_opaque_and_clear_pixels_are_exact():
    frame = next(iter(made_scene((61, 83), frames=1)))
    found = made_scene((61, 83), frames=1).truth(0)
    soft = alpha(found)
    assert 0 < np.count_nonzero(soft == 255) < np.count_nonzero(soft) < soft.size
    for result, ground in ((on_colour(frame.image, found, (9, 99, 199)), (9, 99, 199)),):
        np.testing.assert_array_equal(result[soft == 255], frame.image[soft == 255])
        assert (result[soft == 0] == ground).all()
    rgba = transparent(frame.image, found)
    np.testing.assert_array_equal(rgba[..., 3], soft)
    np.testing.assert_array_equal(rgba[soft > 0, :3], frame.image[soft > 0])
    assert not rgba[soft == 0].any()


def test_an_array_to_draw_into_is_used_whatever_it_held():
    image, out = picture(), picture(seed=3)
    mask = np.zeros(SIZE, bool)
    mask[5:20, 8:30] = True
    found = Instances.from_dense([mask])
    for draw in (lambda **k: on_colour(image, found, (1, 2, 3), **k), lambda **k: on_blur(image, found, **k)):
        fresh = draw()
        assert draw(out=out) is out
        np.testing.assert_array_equal(out, fresh)


def test_blur_keeps_the_figure_sharp_and_smooths_the_rest():
    image = np.zeros((80, 120, 3), np.uint8)
    image[::2] = 200  # stripes
    mask = np.zeros((80, 120), bool)
    mask[30:50, 40:70] = True
    result = on_blur(image, Instances.from_dense([mask]))
    np.testing.assert_array_equal(result[32:48, 42:68], image[32:48, 42:68])
    assert result[:20].astype(int).min() > 80
    assert result[:20].astype(int).max() < 120


def test_nothing_found_leaves_the_ground_alone():
    image, nothing = picture(), Instances.empty(SIZE)
    assert not on_colour(image, nothing).any()
    assert not transparent(image, nothing).any()
    assert not alpha(nothing).any()
    np.testing.assert_array_equal(overlay(image, nothing), image)


@pytest.mark.parametrize(
    ("given", "size", "kept"),
    [
        ((10, 20), (10, 20), (slice(0, 10), slice(0, 20))),
        ((10, 40), (10, 20), (slice(0, 10), slice(10, 30))),
        ((40, 20), (10, 20), (slice(15, 25), slice(0, 20))),
    ],
)
def test_covering_cuts_the_middle(given, size, kept):
    whole = picture(given)
    np.testing.assert_array_equal(covering(whole, size), whole[kept])


@pytest.mark.parametrize(("given", "size"), [((3, 5), (40, 30)), ((100, 7), (20, 60)), ((9, 9), (9, 8))])
def test_covering_has_the_size_and_the_colour(given, size):
    result = covering(np.full((*given, 3), (7, 77, 177), np.uint8), size)
    assert result.shape == (*size, 3)
    assert (result == (7, 77, 177)).all()


@pytest.mark.parametrize(
    ("text", "kind", "colour"),
    [
        ("black", "colour", (0, 0, 0)),
        ("white", "colour", (255, 255, 255)),
        ("#0a64FF", "colour", (10, 100, 255)),
        ("blur", "blur", (0, 0, 0)),
        ("transparent", "transparent", (0, 0, 0)),
    ],
)
def test_named_grounds(text, kind, colour):
    ground = parse_ground(text)
    assert (ground.kind, ground.colour, ground.image) == (kind, colour, None)


@pytest.mark.parametrize(
    "text", ["", "red", "#fff", "#12345g", "#1234567", "no/such.png", "Black", "#+12345"]
)
def test_other_grounds_are_refused_with_the_choices(text):
    with pytest.raises(OptionError, match="choose black, white, #rrggbb, blur, transparent, or the path"):
        parse_ground(text)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_a_picture_as_ground(tmp_path, mode):
    path = tmp_path / "Käfig 鼠.png"
    Pillow.new("RGB", (5, 3), (204, 51, 51)).convert(mode).save(path)
    image = parse_ground(str(path)).image
    assert image is not None
    assert image.shape == (3, 5, 3)
    grey = round(0.299 * 204 + 0.587 * 51 + 0.114 * 51)
    assert (image == ((grey,) * 3 if mode == "L" else (204, 51, 51))).all()


@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_a_file_that_is_no_picture_cannot_be_the_ground(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.png: is no picture that can be read"):
        parse_ground(str(tmp_path / "a.png"))


def test_paint_follows_the_ground(tmp_path):
    mask = np.zeros(SIZE, bool)
    mask[5:20, 8:30] = True
    image, found = picture(), Instances.from_dense([mask])
    Pillow.fromarray(np.full((9, 9, 3), (3, 33, 133), np.uint8)).save(tmp_path / "a.png")
    corners = {"white": (255,) * 3, "#010203": (1, 2, 3), str(tmp_path / "a.png"): (3, 33, 133)}
    for text, corner in corners.items():
        assert tuple(paint(image, found, parse_ground(text))[0, 0]) == corner
    assert paint(image, found, parse_ground("transparent")).shape == (*SIZE, 4)
    assert paint(image, found, parse_ground("blur")).shape == (*SIZE, 3)


@pytest.mark.parametrize("feather", [-0.1, float("nan"), 1001.0])
def test_a_feather_that_makes_no_sense(feather):
    with pytest.raises(OptionError, match="feather must be 0 to 1000 pixels"):
        alpha(Instances.empty(SIZE), feather)


def two_figures(**columns):
    masks = np.zeros((2, 120, 160), bool)
    masks[0, 40:60, 20:50] = True
    masks[1, 80:110, 90:130] = True
    return Instances.from_dense(masks, **columns)


def test_overlay_tints_outlines_and_leaves_the_rest():
    image = np.full((120, 160, 3), 100, np.uint8)
    found = two_figures(ids=[5, 2])
    result = overlay(image, found)
    for key, y, x in ((5, 50, 35), (2, 95, 110)):
        expected = 0.65 * 100 + 0.35 * np.array(figure_colour(key))
        assert np.abs(result[y, x] - expected).max() <= 1
    assert np.abs(result[59, 35].astype(int) - figure_colour(5)).max() <= 40  # the outline
    assert (result[118:, :] == 100).all()
    assert (image == 100).all()


def test_overlay_keeps_a_figures_colour_by_its_id():
    image = np.full((120, 160, 3), 100, np.uint8)
    first, second = overlay(image, two_figures(ids=[5, 2])), overlay(image, two_figures(ids=[2, 5]))
    np.testing.assert_array_equal(first[50, 35], second[95, 110])
    np.testing.assert_array_equal(first[95, 110], second[50, 35])


@pytest.mark.parametrize(
    ("columns", "classes", "texts"),
    [
        ({}, ("mouse",), ["mouse", "mouse"]),
        ({"ids": [3, -1]}, ("mouse",), ["mouse 3", "mouse"]),
        ({"scores": [0.5, 1.0], "labels": [1, 0]}, ("mouse", "rat"), ["rat 0.50", "mouse"]),
        ({"labels": [7, -2]}, ("mouse",), ["class 7", "class -2"]),
    ],
)
def test_labels_say_class_id_and_score(monkeypatch, columns, classes, texts):
    written = []
    monkeypatch.setattr(cv2, "putText", lambda out, text, *rest: written.append(text))
    overlay(np.zeros((120, 160, 3), np.uint8), two_figures(**columns), classes)
    assert written == texts


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (17, 11)])
def test_overlay_in_the_smallest_frames(size):
    found = Instances.from_dense([np.ones(size, bool)], ids=[123456])
    assert overlay(np.zeros((*size, 3), np.uint8), found, ("a long name of a class",)).shape == (*size, 3)


def test_colours_of_neighbours_differ():
    colours = np.array([figure_colour(key) for key in range(12)], int)
    apart = np.abs(colours[:, None] - colours[None]).sum(2)
    assert apart[~np.eye(12, dtype=bool)].min() > 40
