"""Masks beside pictures: every pixel, and what folders of other tools mean."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from figureground.datasets.dataset import Annotation, Category, Dataset, Picture, new
from figureground.datasets.formats.coco import read_coco
from figureground.datasets.formats.masks import is_mask_folder, read_masks
from figureground.datasets.formats.masks_write import mask_names, write_masks
from figureground.datasets.formats.yolo import read_yolo
from figureground.datasets.segmentation import annotation_to_crop
from figureground.errors import FiguregroundWarning, InputError, OptionError, OutputError

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
SIZE = (17, 11)


def box(number, label, x0, y0, x1, y1, **more):
    polygon = [x0, y0, x1, y0, x1, y1, x0, y1]
    values = {"image_id": 1, "category_id": label, "segmentation": [polygon], "iscrowd": 0}
    return new(Annotation, id=number, **{**values, **more})


CATEGORIES = tuple(new(Category, id=number, name=name) for number, name in ((7, "rat"), (3, 'egg, "new"')))


def made(tmp_path, *annotations, names=("a.jpg",)):
    folder = tmp_path / "pictures"
    pictures = []
    for number, name in enumerate(names, 1):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((*SIZE, 3), number, np.uint8)).save(path)
        pictures.append(new(Picture, id=number, file_name=name, width=SIZE[1], height=SIZE[0]))
    return Dataset(tuple(pictures), annotations, CATEGORIES, folder)


def mask_of(folder, name="a.png"):
    return cv2.imread(str(folder / "masks" / name), cv2.IMREAD_UNCHANGED)


def expected(*boxes):
    mask = np.zeros(SIZE, np.uint16)
    for value, x0, y0, x1, y1 in boxes:
        mask[y0:y1, x0:x1] = value
    return mask


LARGE, SMALL = box(41, 7, 1, 2, 9, 13), box(42, 3, 2, 3, 5, 7)
CROWD = box(43, 7, 0, 10, 11, 17, iscrowd=1)


@pytest.mark.parametrize("order", [(LARGE, SMALL, CROWD), (CROWD, SMALL, LARGE)])
@pytest.mark.parametrize(
    ("kind", "values"), [("class", {41: 1, 42: 2}), ("merged", {41: 255, 42: 255}), ("instance", None)]
)
def test_values_and_overlaps(tmp_path, kind, values, order):
    """The smaller figure lies on the larger, whatever their order; crowd is ground."""
    told = write_masks(made(tmp_path, *order), tmp_path / "out", kind=kind)
    if values is None:
        values = {41: 1, 42: 2} if order[0] is LARGE else {41: 2, 42: 1}
    mask = mask_of(tmp_path / "out")
    assert mask.dtype == np.uint8 and told == ["crowd regions left out: 1"]
    np.testing.assert_array_equal(mask, expected((values[41], 1, 2, 9, 13), (values[42], 2, 3, 5, 7)))


def test_crowd_to_be_ignored_lies_below_all(tmp_path):
    told = write_masks(made(tmp_path, LARGE, CROWD), tmp_path / "out", ignore_crowd=True)
    wanted = expected((255, 0, 10, 11, 17), (1, 1, 2, 9, 13))
    np.testing.assert_array_equal(mask_of(tmp_path / "out"), wanted)
    assert told == []
    again = read_masks(tmp_path / "out")
    assert [one.bbox for one in again.annotations] == [(1, 2, 8, 11)]


def test_of_two_figures_of_one_size_the_later_is_on_top(tmp_path):
    data = made(tmp_path, box(1, 7, 0, 0, 4, 4), box(2, 3, 2, 2, 6, 6))
    write_masks(data, tmp_path / "out", kind="class")
    np.testing.assert_array_equal(mask_of(tmp_path / "out"), expected((1, 0, 0, 4, 4), (2, 2, 2, 6, 6)))


def test_more_than_255_figures_need_16_bits(tmp_path):
    size = 17, 31
    pixels = [(x, y) for y in range(17) for x in range(31)][:300]
    figures = [box(n, 7, x, y, x + 1, y + 1) for n, (x, y) in enumerate(pixels)]
    data = made(tmp_path, *figures)
    picture = new(Picture, id=1, file_name="a.jpg", width=31, height=17)
    write_masks(
        Dataset((picture,), data.annotations, CATEGORIES, data.folder), tmp_path / "out", kind="instance"
    )
    mask = mask_of(tmp_path / "out")
    assert mask.dtype == np.uint16 and mask.shape == size
    assert [int(mask[y, x]) for x, y in pixels] == list(range(1, 301))


def test_what_lies_beside(tmp_path):
    data = made(tmp_path, LARGE, SMALL, CROWD, names=("a.jpg", "b/c.png"))
    write_masks(data, tmp_path / "out", kind="instance")
    out = tmp_path / "out"
    assert (out / "classes.txt").read_text() == 'rat\negg, "new"\n'
    with (out / "instances.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["mask", "value", "class", "annotation"],
        ["a.png", "1", "rat", "41"],
        ["a.png", "2", 'egg, "new"', "42"],
    ]
    for name in ("a.jpg", "b/c.png"):
        assert (out / "images" / name).read_bytes() == (data.folder / name).read_bytes()
    assert not mask_of(out, "b/c.png").any()


def test_pictures_of_one_stem(tmp_path):
    names = ["a.jpg", "A.png", "b/a.png", "c.d.jpg"]
    assert mask_names(names) == ["a.jpg.png", "A.png.png", "b/a.png", "c.d.png"]
    data = made(tmp_path, LARGE, names=names)
    write_masks(data, tmp_path / "out", kind="instance")
    again = read_masks(tmp_path / "out")
    by_name = {one.file_name: one.id for one in again.pictures}
    assert set(by_name) == set(names)
    assert [one.image_id for one in again.annotations] == [by_name["a.jpg"]]


def visible(dataset, picture, figures):
    """Each figure's pixels that no smaller (or later) one covers, drawn without the code under test."""
    owner = np.full(picture.size, -1)
    crops = [annotation_to_crop(one, picture.size) for one in figures]
    for place in sorted(range(len(crops)), key=lambda n: (-crops[n].mask.sum(), n)):
        owner[crops[place].window][crops[place].mask] = place
    names = dataset.names()
    return sorted(
        (names[one.category_id], (owner == n).tobytes())
        for n, one in enumerate(figures)
        if (owner == n).any()
    )


def dense(dataset, picture, figures):
    names = dataset.names()
    out = []
    for one in figures:
        mask = np.zeros(picture.size, bool)
        crop = annotation_to_crop(one, picture.size)
        mask[crop.window] = crop.mask
        out.append((names[one.category_id], mask.tobytes()))
    return sorted(out)


@pytest.mark.parametrize("name", ["coco128", "feral_cat"])
def test_instances_come_back_to_the_pixel(tmp_path, name):
    folder = DATA / "coco" / name
    data = read_coco(folder / "instances.json") if name == "coco128" else read_yolo(folder)
    kept = data.pictures[::3]  # the time is bounded
    data = data.of_pictures(kept)
    figures = {id_: [one for one in found if not one.iscrowd] for id_, found in data.by_picture().items()}
    write_masks(data, tmp_path / "out", kind="instance")
    again = read_masks(tmp_path / "out")
    assert [one.name for one in again.categories] == [one.name for one in data.categories]
    by_name = {one.file_name: one for one in again.pictures}
    assert len(by_name) == len(kept) and sum(map(len, figures.values())) > 100
    found = again.by_picture()
    for picture in kept:
        back = by_name[picture.file_name]
        assert back.size == picture.size
        assert dense(again, back, found[back.id]) == visible(data, picture, figures[picture.id])


def put(path, values, mode=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(values)
    if mode == "P":
        picture.putpalette([value for n in range(256) for value in (n, 255 - n, n * 7 % 256)])
    picture.save(path)


def photo(path):
    put(path, np.full((*SIZE, 3), 90, np.uint8))


TWO = expected((1, 0, 0, 3, 4), (2, 5, 8, 9, 15)).astype(np.uint8)
BOXES = [(0, 0, 3, 4), (5, 8, 4, 7)]


@pytest.mark.parametrize(
    "values",
    [
        TWO.clip(0, 1) * 255,
        TWO.clip(0, 1),
        TWO.astype(bool),
        TWO,
        TWO.astype(np.uint16) * 300,
        np.array([[0, 0, 0], [200, 0, 9], [200, 9, 0]], np.uint8)[TWO],
    ],
    ids=["binary", "ones", "bits", "instances", "16 bits", "colours"],
)
@pytest.mark.parametrize(
    ("picture", "mask"),
    [
        ("images/b/a.jpg", "masks/b/a.png"),
        ("JPEGImages/a.jpg", "SegmentationObject/a.png"),
        ("images/a.jpg", "masks/a.jpg.png"),
        ("images/a.jpg", "masks/a_mask.png"),
        ("a.jpg", "a.png"),
        ("a.png", "a_mask.png"),
        ("a.jpg", "masks/a.png"),
    ],
)
def test_folders_of_other_tools(tmp_path, picture, mask, values):
    photo(tmp_path / picture)
    put(tmp_path / mask, values)
    assert is_mask_folder(tmp_path)
    data = read_masks(tmp_path)
    assert [Path(one.file_name).name for one in data.pictures] == [Path(picture).name]
    assert (data.folder / data.pictures[0].file_name) == tmp_path / picture
    assert [one.bbox for one in data.annotations] == BOXES
    assert [one.area for one in data.annotations] == [12, 28]
    assert [one.name for one in data.categories] == ["figure"]


def test_a_palette_and_its_border(tmp_path):
    photo(tmp_path / "images/a.jpg")
    values = TWO.copy()
    values[0, 10] = 255
    put(tmp_path / "masks/a.png", values, "P")
    assert [one.bbox for one in read_masks(tmp_path).annotations] == BOXES


def test_classes_by_the_list(tmp_path):
    photo(tmp_path / "images/a.jpg")
    put(
        tmp_path / "masks/a.png",
        expected((2, 0, 0, 3, 4), (2, 5, 8, 9, 15), (5, 10, 0, 11, 1)).astype(np.uint8),
    )
    (tmp_path / "classes.txt").write_text("rat\negg\n")
    data = read_masks(tmp_path)
    assert [one.name for one in data.categories] == ["rat", "egg", "class_5"]
    assert [one.category_id for one in data.annotations] == [2, 2, 3]


def test_pictures_elsewhere_and_without_mask(tmp_path):
    photo(tmp_path / "photos/a.jpg")
    photo(tmp_path / "photos/b.jpg")
    put(tmp_path / "made/a.png", TWO)
    data = read_masks(tmp_path / "made", tmp_path / "photos")
    assert [one.file_name for one in data.pictures] == ["a.jpg", "b.jpg"]
    assert data.folder == tmp_path / "photos"
    assert {one.image_id for one in data.annotations} == {1}


def test_soft_masks_are_cut_with_a_warning(tmp_path):
    photo(tmp_path / "images/a.jpg")
    mask = np.zeros((64, 64), np.uint8)
    mask[16:48, 16:40] = 255
    photo_64 = np.full((64, 64, 3), 90, np.uint8)
    put(tmp_path / "images/a.jpg", photo_64)
    put(tmp_path / "masks/a.jpg", mask)
    with pytest.warns(FiguregroundWarning, match="1 masks are JPEG files"):
        data = read_masks(tmp_path)
    assert [one.bbox for one in data.annotations] == [(16, 16, 24, 32)]


def test_masks_of_no_picture_are_told(tmp_path):
    photo(tmp_path / "images/a.jpg")
    put(tmp_path / "masks/a.png", TWO)
    put(tmp_path / "masks/b.png", TWO)
    with pytest.warns(FiguregroundWarning, match=r"1 masks belong to no picture, such as b\.png"):
        read_masks(tmp_path)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: None, "has no pictures with masks"),
        (lambda folder: put(folder / "masks/a.png", TWO[:, :7]), r"a\.png: is of \(17, 7\) .* of \(17, 11\)"),
        (lambda folder: (folder / "masks").mkdir() or (folder / "masks/a.png").write_bytes(b"x"), "a.png"),
        (
            lambda folder: put(
                folder / "masks/a.png", np.random.default_rng(0).integers(0, 255, (99, 99, 3), np.uint8)
            ),
            "it is a photo, not a mask",
        ),
        (
            lambda folder: (
                put(folder / "masks/a.png", TWO) or (folder / "instances.csv").write_text("a,b\n1,2\n")
            ),
            r"instances\.csv: is no table of figures",
        ),
        (
            lambda folder: (
                put(folder / "masks/a.png", TWO) or (folder / "classes.txt").write_bytes(b"\xff\xfe")
            ),
            r"classes\.txt: cannot be read",
        ),
    ],
)
def test_what_cannot_be_read(tmp_path, make, message):
    photo(tmp_path / "images/a.jpg")
    make(tmp_path)
    with pytest.raises(InputError, match=message):
        read_masks(tmp_path)


def test_other_folders_are_none(tmp_path):
    assert not is_mask_folder(tmp_path) and not is_mask_folder(tmp_path / "nosuch")
    photo(tmp_path / "a.jpg")
    photo(tmp_path / "b.png")
    assert not is_mask_folder(tmp_path)


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        ({}, {"kind": "panoptic"}, OptionError, "choose one of: class, instance, merged"),
        ({}, {"kind": "merged", "ignore_crowd": True}, OptionError, "only masks of classes"),
        ({"category_id": 99}, {}, InputError, "annotation 41: no category has the id 99"),
        ({"segmentation": [[1, 2]]}, {}, InputError, "annotation 41: a polygon has 2 numbers"),
    ],
)
def test_what_cannot_be_written(tmp_path, change, options, error, message):
    data = made(tmp_path, box(41, 7, 0, 0, 3, 3, **change))
    with pytest.raises(error, match=message):
        write_masks(data, tmp_path / "out", **options)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pictures"]


def test_names_that_lead_out_write_nothing(tmp_path):
    data = made(tmp_path, LARGE)
    evil = new(Picture, id=1, file_name="../../evil.jpg", width=11, height=17)
    with pytest.raises(InputError, match="leads out of the folder"):
        write_masks(Dataset((evil,), (), CATEGORIES, data.folder), tmp_path / "out", copy_images=False)
    twice = Dataset((data.pictures[0], data.pictures[0]), (), CATEGORIES, data.folder)
    with pytest.raises(OutputError, match="would be one file"):
        write_masks(twice, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pictures"]


def test_a_size_that_no_picture_has(tmp_path):
    huge = new(Picture, id=1, file_name="a.jpg", width=10**9, height=10**9)
    with pytest.raises(InputError, match=r"a\.jpg: 1000000000 x 1000000000 pixels are too many"):
        write_masks(Dataset((huge,), (), CATEGORIES), tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_dataset_of_nothing(tmp_path):
    assert write_masks(Dataset(folder=tmp_path), tmp_path / "out") == []
    assert list((tmp_path / "out/masks").iterdir()) == []


def test_sizes_that_the_dataset_lacks_are_those_of_the_files(tmp_path):
    data = made(tmp_path, SMALL)
    bare = new(Picture, id=1, file_name="a.jpg")
    write_masks(
        Dataset((bare,), data.annotations, CATEGORIES, data.folder), tmp_path / "out", copy_images=False
    )
    assert mask_of(tmp_path / "out").shape == SIZE and not (tmp_path / "out/images").exists()


def test_cut_outs_and_mattes_are_masks(tmp_path):
    """A disc with an edge that is 8 px soft, as alpha of a picture and as a grey one."""
    y, x = np.mgrid[:101, :103]
    matte = np.clip((40 - np.hypot(y - 50, x - 51)) / 8 * 255 + 127.5, 0, 255).astype(np.uint8)
    for name, mask in (("alpha", np.dstack([matte] * 4)), ("grey", matte)):
        (tmp_path / name).mkdir()
        Image.fromarray(mask).save(tmp_path / name / "a.png")
        Image.fromarray(np.zeros((101, 103, 3), np.uint8)).save(tmp_path / name / "a.jpg")
        data = read_masks(tmp_path / name)
        assert len(data.annotations) == 1
        crop = annotation_to_crop(data.annotations[0], (101, 103))
        assert np.array_equal(crop.mask, (matte >= 128)[crop.window])
        assert crop.mask.sum() == (matte >= 128).sum()


def test_folders_named_as_davis_names_them(tmp_path):
    for name, value in (("JPEGImages/dog/00000.jpg", 0), ("Annotations/dog/00000.png", 255)):
        (tmp_path / name).parent.mkdir(parents=True)
        Image.fromarray(np.full((*SIZE, 3) if value == 0 else SIZE, value, np.uint8)).save(tmp_path / name)
    data = read_masks(tmp_path)
    assert [picture.file_name for picture in data.pictures] == ["dog/00000.jpg"]
    assert annotation_to_crop(data.annotations[0], SIZE).mask.sum() == SIZE[0] * SIZE[1]
