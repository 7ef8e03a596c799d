import numpy as np
import pytest

from figureground.errors import OptionError
from figureground.instances import Instances
from figureground.zones.contact import contact_points, fit_plane, pixels_to_metres


def test_feet_are_the_lowest_row_and_its_middle():
    mask = np.zeros((101, 53), bool)
    mask[10:80, 20:31] = True  # a body
    mask[80:91, 28:31] = True  # one foot, columns 28 to 30, down to row 90
    mask[80:86, 20:23] = True  # the other one, in the air
    assert contact_points(Instances.from_dense([mask])).tolist() == [[29.0, 90.0]]


def test_middle_is_the_centroid():
    mask = np.zeros((13, 17), bool)
    mask[2:5, 4:9] = True
    assert contact_points(Instances.from_dense([mask]), "middle").tolist() == [[6.0, 3.0]]


def test_empty_masks_and_no_figures():
    assert np.isnan(contact_points(Instances.from_dense([np.zeros((5, 7), bool)]))).all()
    assert contact_points(Instances.empty((5, 7))).shape == (0, 2)


def test_a_plane_in_perspective():
    # a camera 2 m high that looks along the ground: row = 100 / away, column = 100 * across / away
    def seen(across, away):
        return 50 + 100 * across / away, 10 + 200 / away

    field = ((-1.0, 4.0), (1.0, 4.0), (1.0, 10.0), (-1.0, 10.0))
    plane = fit_plane([seen(*corner) for corner in field], field)
    there = np.array([[0.0, 5.0], [-3.0, 7.5], [0.5, 40.0]])
    found = pixels_to_metres(plane, np.array([seen(*point) for point in there]))
    assert np.allclose(found, there, atol=1e-3)
    assert np.isnan(pixels_to_metres(plane, np.array([[50.0, 2.0]]))).all()  # the sky
    assert pixels_to_metres(plane, np.zeros((0, 2))).shape == (0, 2)


@pytest.mark.parametrize(
    ("pixels", "match"),
    [
        (((0.0, 0.0), (5.0, 0.0), (9.0, 0.0), (5.0, 5.0)), "on one line"),
        (((0.0, 0.0), (9.0, 9.0), (9.0, 0.0), (0.0, 9.0)), "in their order"),
    ],
)
def test_points_that_make_no_plane(pixels, match):
    with pytest.raises(OptionError, match=match):
        fit_plane(pixels, ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
