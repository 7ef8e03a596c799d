"""Cut-outs from files and from datasets."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from figures_for_compose import disc, discs, save_rgba
from PIL import Image as Pillow

from figureground.datasets.compose.cutouts import Cutouts, cutouts_of, joined, open_cutouts
from figureground.datasets.dataset import Annotation, Category, Dataset, Picture, new
from figureground.errors import InputError


def test_a_folder_gives_its_pictures_with_alpha_by_name(tmp_path: Path) -> None:
    save_rgba(tmp_path / "b.png", disc((10, 200, 30)))
    save_rgba(tmp_path / "more/a.png", disc((200, 10, 30)))
    Pillow.new("RGB", (17, 11)).save(tmp_path / "no_alpha.png")
    found = open_cutouts(tmp_path)
    assert [Path(name).name for name in found.names] == ["b.png", "a.png"]
    assert found[0].image[15, 15].tolist() == [10, 200, 30]
    assert found[-1].image[15, 15].tolist() == [200, 10, 30]
    # 31 - 2 * 2 pixels of the disc, and a border of 2
    assert found[0].alpha.shape == (31, 31)
    assert not found[0].cut


def test_a_photo_and_its_alpha_of_the_same_name(tmp_path: Path) -> None:
    photo, alpha = np.full((61, 83, 3), 90, np.uint8), np.zeros((61, 83), np.uint8)
    alpha[20:61, 10:60] = 255
    Pillow.fromarray(photo).save(tmp_path / "x.jpg")
    Pillow.fromarray(alpha).save(tmp_path / "x.png")
    (found,) = open_cutouts(tmp_path)
    assert found.alpha.shape == (41 + 2, 50 + 4)  # cut down, with a border of 2, where the picture goes on
    assert np.abs(found.image.astype(int) - 90).max() <= 2
    assert found.cut


def test_large_figures_are_made_smaller(tmp_path: Path) -> None:
    save_rgba(tmp_path / "large.png", disc(side=1201))
    assert max(open_cutouts(tmp_path)[0].alpha.shape) == 512


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\nrest"), "damaged|no picture"),
        (lambda path: Pillow.new("RGBA", (17, 11), (1, 2, 3, 255)).save(path), "nothing is cut out"),
        (lambda path: Pillow.new("RGBA", (17, 11), (1, 2, 3, 0)).save(path), "shows no figure"),
    ],
)
def test_files_that_are_no_cut_outs(tmp_path: Path, make, message: str) -> None:
    make(tmp_path / "bad.png")
    with pytest.raises(InputError, match=message):
        open_cutouts(tmp_path)[0]


def test_photo_and_alpha_of_different_sizes(tmp_path: Path) -> None:
    Pillow.new("RGB", (17, 11)).save(tmp_path / "x.jpg")
    Pillow.new("L", (11, 17)).save(tmp_path / "x.png")
    with pytest.raises(InputError, match=r"x\.jpg.*\(11, 17\).*x\.png \(17, 11\)"):
        open_cutouts(tmp_path)[0]


def test_folders_without_cut_outs(tmp_path: Path) -> None:
    Pillow.new("RGB", (17, 11)).save(tmp_path / "photo.png")
    with pytest.raises(InputError, match="has no cut-outs"):
        open_cutouts(tmp_path)
    with pytest.raises(InputError, match="is no folder"):
        open_cutouts(tmp_path / "missing")


def test_each_is_read_once_while_there_is_room_and_again_after() -> None:
    read: list[int] = []
    size = disc().image.nbytes + disc().alpha.nbytes

    def reader(number: int):
        return lambda: read.append(number) or disc()

    kept = Cutouts([reader(k) for k in range(3)], ["a", "b", "c"], memory=2 * size)
    for number in (0, 1, 0, 2, 0, 1):
        kept[number]
    assert read == [0, 1, 2, 1]
    with pytest.raises(IndexError, match="3 cut-outs"):
        kept[3]


def test_joined_sliced_and_sent_to_another_process(tmp_path: Path) -> None:
    save_rgba(tmp_path / "a.png", disc())
    both = joined([open_cutouts(tmp_path), discs((1, 2, 3), (4, 5, 6))])
    assert [len(both), len(both[1:]), len(joined([]))] == [3, 2, 0]
    assert both[1:][1].image[0, 0].tolist() == [4, 5, 6]
    again = pickle.loads(pickle.dumps(open_cutouts(tmp_path)))
    assert np.array_equal(again[0].image, both[0].image)


def dataset(folder: Path) -> Dataset:
    image = np.full((61, 83, 3), (20, 120, 220), np.uint8)
    Pillow.fromarray(image).save(folder / "a.png")
    boxes = [(10, 10, 40, 33), (0, 0, 40, 40), (10, 10, 5, 5), (20, 20, 40, 40)]
    figures = [
        new(Annotation, id=k, image_id=1, category_id=1, bbox=[x, y, w, h], iscrowd=int(k == 4),
            segmentation=[[x, y, x + w, y, x + w, y + h, x, y + h]])
        for k, (x, y, w, h) in enumerate(boxes, 1)
    ]  # fmt: skip
    picture = new(Picture, id=1, file_name="a.png", width=83, height=61)
    return Dataset((picture,), tuple(figures), (new(Category, id=1, name="box"),), folder)


def test_figures_of_a_dataset_that_stand_free_and_are_large_enough(tmp_path: Path) -> None:
    found = cutouts_of(dataset(tmp_path))
    assert found.names == ("a.png, annotation 1",)  # 2 is at the border, 3 tiny, 4 a crowd
    assert found[0].alpha.shape == (33 + 4, 40 + 4)
    assert np.count_nonzero(found[0].alpha) == 33 * 40
    assert found[0].image[5, 5].tolist() == [20, 120, 220]
    with pytest.raises(InputError, match="no outlined figure"):
        cutouts_of(dataset(tmp_path), least=99)
