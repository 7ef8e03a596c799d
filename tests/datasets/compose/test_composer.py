"""Pairs by their index, from sources."""

import numpy as np
import pytest
from figures_for_compose import Walk, cloths, discs

from figureground.datasets.compose.composer import Composer, Sources
from figureground.datasets.compose.realism import Realism
from figureground.datasets.compose.scene import Pair
from figureground.errors import OptionError

SIZE = 61, 83
FAST = Realism(samples=(4, 5), few=0.0)


def composer(**options: object) -> Composer:
    sources = Sources(discs((200, 10, 20), (10, 220, 30)), cloths(3))
    return Composer(sources, FAST, size=SIZE, per_clip=2, **options)  # type: ignore[arg-type]


def same(one: Pair, other: Pair) -> bool:
    return np.array_equal(one.frame, other.frame) and np.array_equal(one.background, other.background)


def test_a_pair_is_made_again_from_its_index_in_any_order() -> None:
    made = composer(seed=5, count=9)
    assert (len(made), made.clips) == (9, 5)
    in_order = [made[k] for k in range(9)]
    for k in (7, 0, 8, 3):
        assert same(composer(seed=5, count=9)[k], in_order[k])
    assert not same(composer(seed=6, count=9)[0], in_order[0])
    assert {pair.mask.shape for pair in in_order} == {SIZE}
    with pytest.raises(IndexError, match="9 pairs"):
        made[9]
    with pytest.raises(IndexError, match="9 pairs"):
        made[-1]


def test_neighbours_are_of_one_clip() -> None:
    made = composer(seed=1)
    assert len(made) == 400_000
    one = [made[2 * k] for k in range(4)]
    assert len({pair.background.tobytes() for pair in one}) == 4
    assert all(same(a, b) for a, b in zip(made.clip(1), [made[2], made[3]], strict=True))


def test_rendered_scenes_have_their_share_spread_evenly() -> None:
    asked: list[tuple[tuple[int, int], int]] = []

    def rendered(seed: int, size: tuple[int, int], frames: int) -> Walk:
        asked.append((size, frames))
        return Walk(frames)

    sources = Sources(discs((1, 2, 3)), cloths(1), rendered, share=0.25, adorned=0.0)
    made = Composer(sources, FAST, size=SIZE)
    assert [type(made.scene(k)).__name__ for k in range(8)].count("Walk") == 2
    assert all(size == SIZE and frames >= 5 for size, frames in asked)
    alone = Composer(Sources(rendered=rendered), FAST, size=SIZE)
    assert all(isinstance(alone.scene(k), Walk) for k in range(4))


def test_cut_outs_in_rendered_scenes_have_depth() -> None:
    def rendered(seed: int, size: tuple[int, int], frames: int) -> Walk:
        return Walk(frames)

    made = Composer(Sources(discs((1, 2, 3)), cloths(1), rendered, share=1.0, adorned=1.0), FAST, size=SIZE)
    view = made.scene(0).view(0)
    assert not isinstance(made.scene(0), Walk)
    assert np.isfinite(view.depth).all()


def test_backgrounds_alone_show_nobody() -> None:
    made = Composer(Sources(backgrounds=cloths(1)), FAST, size=SIZE)
    assert not any(made[k].mask.any() for k in range(2))


@pytest.mark.parametrize(
    ("options", "message"), [({"size": (5, 99)}, "16 pixels"), ({"count": -1}, "0 or more")]
)
def test_what_cannot_be_composed(options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Composer(Sources(backgrounds=cloths(1)), **options)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="nothing to compose"):
        Composer(Sources(discs((1, 2, 3))))
