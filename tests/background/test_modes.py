import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from figureground.background.modes import calm_samples, count_modes, largest_difference

LEVELS = {"A": 20, "B": 70, "C": 120, "D": 170, "E": 220, "a": 26, "b": 76}
RADIUS = 10


def pictures(sequence: str, size: tuple[int, int] = (3, 5)) -> list[np.ndarray]:
    return [np.full((*size, 3), LEVELS[name], np.uint8) for name in sequence]


def counted(sequence: str) -> dict[int, int]:
    """Grey level -> in how many samples it was stable, for the modes that were."""
    modes = count_modes(pictures(sequence), np.full((3, 5), RADIUS, np.uint8))
    assert (np.diff(modes.stable[:, 1, 2].astype(int)) <= 0).all()  # the most stable first
    return {
        int(colour): int(stable)
        for colour, stable in zip(modes.colours[:, 1, 2, 0], modes.stable[:, 1, 2], strict=True)
        if stable
    }


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [
        ("A", {20: 1}),
        ("AA", {20: 2}),
        ("AB", {}),  # each changes at once
        ("ABABAB", {}),
        ("AAAAAAAAA", {20: 9}),
        ("AAABBBBBB", {20: 2, 70: 5}),  # the samples on both sides of a change do not count
        ("AAABAAA", {20: 4}),  # one state that comes back is one mode
        ("AABBAABBAABB", {20: 1, 70: 1}),  # only the first and the last have a quiet neighbour alone
        ("AAAABBBBCCCCDDDDEEEEEEEE", {20: 3, 70: 2, 120: 2, 170: 2}),  # no room for a fifth
        ("ABCDEEEEEE", {220: 5}),  # but what was seen once gives way
        ("aAaAaAaA", {23: 8}),  # colours within the radius are one mode, their mean its colour
        ("aAaAaAaABBBB", {23: 7, 70: 3}),
    ],
)
def test_sequences_by_hand(sequence: str, expected: dict[int, int]) -> None:
    assert counted(sequence) == expected


@given(st.text("ABCD", min_size=1, max_size=30))
def test_a_sample_counts_where_its_neighbours_in_time_are_alike(sequence: str) -> None:
    expected: dict[int, int] = {}
    for number, name in enumerate(sequence):
        around = sequence[max(0, number - 1) : number + 2]
        if set(around) == {name}:
            expected[LEVELS[name]] = expected.get(LEVELS[name], 0) + 1
    assert counted(sequence) == expected


@pytest.mark.parametrize(("step", "one_mode"), [(9, True), (10, True), (11, False)])
@pytest.mark.parametrize("channel", [0, 1, 2])
def test_the_radius_holds_for_the_largest_channel(step: int, one_mode: bool, channel: int) -> None:
    first = np.full((3, 5, 3), 100, np.uint8)
    second = first.copy()
    second[..., channel] += step
    modes = count_modes([first] * 3 + [second] * 3, np.full((3, 5), RADIUS, np.uint8))
    assert ((modes.stable[1] == 0).all()) == one_mode


def test_as_many_samples_as_a_byte_counts() -> None:
    modes = count_modes(pictures("A", (2, 3)) * 255, np.full((2, 3), RADIUS, np.uint8))
    assert (modes.stable[0] == 255).all()
    assert (modes.colours[0] == 20).all()


def test_pixels_count_apart_but_need_quiet_surroundings() -> None:
    """Columns 0 to 19 change with every sample, 20 to 39 never."""
    still, moved = np.full((7, 40, 3), 50, np.uint8), np.full((7, 40, 3), 50, np.uint8)
    moved[:, :20] = 250
    modes = count_modes([still, moved] * 6, np.full((7, 40), RADIUS, np.uint8))
    assert not modes.stable[:, :, :20].any()
    assert not modes.stable[:, :, 20].any()  # it keeps still itself, its surroundings do not
    assert (modes.stable[0, :, 24:] == 12).all()
    assert (modes.colours[0, :, 24:] == 50).all()


@pytest.mark.parametrize(
    ("change", "quiet"),
    [(6, True), (7, False)],  # 0.6 of the radius
)
def test_quiet_is_a_share_of_the_radius(change: int, quiet: bool) -> None:
    first = np.full((3, 5, 3), 100, np.uint8)
    calm = list(calm_samples([first, first, first + np.uint8(change)], np.full((3, 5), RADIUS, np.uint8)))
    assert [bool(one.all()) for one in calm] == [True, quiet, quiet]


def test_one_sample_is_quiet() -> None:
    (calm,) = calm_samples(pictures("A"), np.full((3, 5), RADIUS, np.uint8))
    assert (calm == 255).all()


def test_largest_difference_is_that_of_numpy() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 256, (2, 11, 17, 3)).astype(np.uint8)
    expected = np.abs(first.astype(int) - second).max(axis=2)
    np.testing.assert_array_equal(largest_difference(first, second), expected)


def test_samples_stay_as_they_are() -> None:
    samples = [np.random.default_rng(i).integers(0, 256, (11, 17, 3)).astype(np.uint8) for i in range(9)]
    before = [sample.copy() for sample in samples]
    count_modes(samples, np.full((11, 17), RADIUS, np.uint8))
    np.testing.assert_array_equal(samples, before)
