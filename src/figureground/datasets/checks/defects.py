"""What can be wrong with a dataset: the kinds of defects, how bad each is, and what to do about it."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from figureground.datasets.dataset import Annotation, Category, Dataset, Picture

ERROR, NOTE = "error", "note"

LONGEST = 80  # letters of a name that are shown


class Kind(NamedTuple):
    """A kind of defect.

    Attributes:
        severity: "error", or "note" where the dataset may be meant so.
        fixable: whether `fix_dataset` mends it; a single defect may still say no.
        cure: what to do about it.
    """

    severity: str
    fixable: bool
    cure: str


KINDS: dict[str, Kind] = {
    "file-unreadable": Kind(ERROR, False, "export the dataset anew, or mend the file where the text says"),
    "pictures-unknown": Kind(
        ERROR, False, "say where the pictures are with --images FOLDER, or leave them out with --no-pictures"
    ),
    "picture-missing": Kind(
        ERROR,
        False,
        "put the file there, name its folder with --images FOLDER, or leave it out: `dataset filter --there`",
    ),
    "picture-unreadable": Kind(
        ERROR,
        False,
        "copy or download the file anew, or leave the picture out: `dataset filter --without NAME`",
    ),
    "name-leads-out": Kind(ERROR, False, "give the picture a file name below the dataset's own folder"),
    "extension-lies": Kind(
        ERROR,
        False,
        "name the file after its content, here and in the dataset; a mask kept as JPEG is blurred",
    ),
    "size-missing": Kind(ERROR, True, "--fix takes the size from the picture"),
    "size-differs": Kind(
        ERROR, True, "put back the picture that was annotated, or let --fix take its size where that is safe"
    ),
    "duplicate-image-id": Kind(ERROR, False, "give each image an id of its own; export the dataset anew"),
    "duplicate-file-name": Kind(ERROR, True, "--fix makes one image of those that name the same file"),
    "same-picture": Kind(
        ERROR, False, "leave one of the two out (`dataset filter --without NAME`); else a split may part them"
    ),
    "no-annotations": Kind(NOTE, False, "right if there is nothing to see; otherwise annotate or leave out"),
    "duplicate-category-id": Kind(ERROR, True, "--fix drops copies; two classes with one id need new ids"),
    "duplicate-class-name": Kind(ERROR, False, "give the classes different names, or make one of them"),
    "class-without-name": Kind(ERROR, False, "give the class a name"),
    "category-id-0": Kind(ERROR, True, "--fix counts categories from 1; trainers take 0 for the ground"),
    "unused-category": Kind(NOTE, False, "nothing, or drop the class with `figureground dataset filter`"),
    "duplicate-annotation-id": Kind(ERROR, True, "--fix gives the later ones new ids"),
    "same-annotation": Kind(ERROR, True, "--fix drops copies that agree in all; look at the others"),
    "unknown-image": Kind(ERROR, True, "--fix drops annotations of images that are not in the file"),
    "unknown-category": Kind(ERROR, False, "add the category to the file, or drop its annotations"),
    "outline-damaged": Kind(ERROR, False, "draw the figure anew, or export the dataset anew"),
    "outline-degenerate": Kind(ERROR, True, "--fix drops it, and the annotation if nothing else is left"),
    "points-outside": Kind(
        ERROR, True, "--fix cuts the outline at the border; far outside, look whether the size is right"
    ),
    "box-disagrees": Kind(ERROR, True, "--fix computes the box from the mask"),
    "box-missing": Kind(ERROR, True, "--fix computes the box from the mask"),
    "area-disagrees": Kind(ERROR, True, "--fix computes the area from the mask"),
    "area-missing": Kind(ERROR, True, "--fix computes the area from the mask"),
    "area-of-box": Kind(NOTE, True, "--fix computes the area from the mask"),
    "only-box": Kind(NOTE, False, "nothing for detectors; to train masks, draw the outline"),
    "nothing-drawn": Kind(ERROR, False, "draw the figure, or drop the annotation"),
}
"""All kinds, by their names, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Defect:
    """Something wrong in one place.

    Attributes:
        kind: a key of `KINDS`.
        where: the file name and the id.
        text: what was expected and what came.
        fixable: whether `fix_dataset` mends this one.
        place: the list of the dataset ("pictures", "annotations", "categories") and the index in it;
            ("", -1) where it is about all.
        value: what should stand there, where that is known from the picture.

    Example:
        >>> Defect("box-missing", "annotation 3 on a.jpg", "has no box").severity
        'error'
    """

    kind: str
    where: str
    text: str
    fixable: bool = False
    place: tuple[str, int] = ("", -1)
    value: Any = None

    @property
    def severity(self) -> str:
        """One of "error" and "note"."""
        return KINDS[self.kind].severity

    @property
    def cure(self) -> str:
        """What to do about it."""
        return KINDS[self.kind].cure


def picture_defect(
    kind: str, dataset: Dataset, index: int, text: str, *, fixable: bool | None = None, value: Any = None
) -> Defect:
    """A defect of a picture."""
    where = name_of_picture(dataset.pictures[index])
    return Defect(kind, where, text, _fixable(kind, fixable), ("pictures", index), value)


def annotation_defect(
    kind: str, dataset: Dataset, index: int, where: str, text: str, *, fixable: bool | None = None
) -> Defect:
    """A defect of an annotation that lies on the picture `where`."""
    one: Annotation = dataset.annotations[index]
    return Defect(
        kind, f"annotation {one.id} on {where}", text, _fixable(kind, fixable), ("annotations", index)
    )


def category_defect(
    kind: str, dataset: Dataset, index: int, text: str, *, fixable: bool | None = None
) -> Defect:
    """A defect of a category."""
    one: Category = dataset.categories[index]
    where = f"category {one.id} ({shown(one.name)})"
    return Defect(kind, where, text, _fixable(kind, fixable), ("categories", index))


def name_of_picture(picture: Picture) -> str:
    """A picture for people.

    Example:
        >>> from figureground.datasets.dataset import new
        >>> name_of_picture(new(Picture, id=7, file_name="a.jpg"))
        'a.jpg (image 7)'
    """
    return f"{shown(picture.file_name)} (image {picture.id})"


def shown(name: str) -> str:
    r"""`name` as it can be printed: one line, not too long, nothing that steers a terminal.

    Example:
        >>> shown("a.jpg"), shown("a\nb"), shown("")
        ('a.jpg', "'a\\nb'", "''")
    """
    text = name if len(name) <= LONGEST else f"{name[: LONGEST // 2]}...{name[-LONGEST // 2 + 3 :]}"
    return text if text.isprintable() and text.strip() else repr(text)


def _fixable(kind: str, said: bool | None) -> bool:
    return KINDS[kind].fixable if said is None else said
