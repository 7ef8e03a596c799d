"""What LabGym would stumble over in a folder of examples."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from figureground.errors import InputError
from figureground.stills import read_still
from figureground.writers.examples.movie import look_at_movie
from figureground.writers.examples.names import ExampleName, parse_name, unfit_behaviour

_KINDS = (".avi", ".jpg")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        file: where.
        text: what is wrong with it.
        cure: what to do.
    """

    file: str
    text: str
    cure: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found.

    Attributes:
        pairs: how many examples have both files.
        faults: what is wrong, by file.
        behaviours: pairs in each behaviour's folder, by its path below; empty where nothing is sorted yet.
    """

    pairs: int
    faults: tuple[Fault, ...]
    behaviours: dict[str, int]


@dataclass
class _Folder:
    """The files of one folder, by stem."""

    path: Path
    files: dict[str, set[str]] = field(default_factory=dict)
    odd: list[Path] = field(default_factory=list)  # names whose ending LabGym overlooks

    @property
    def pairs(self) -> list[str]:
        return [stem for stem, kinds in self.files.items() if len(kinds) == len(_KINDS)]


def check_examples(folder: str | Path, progress: Callable[[int], None] = lambda done: None) -> Checked:
    """Look at every example in `folder` and below it, as it was made or sorted into behaviours.

    Args:
        folder: where they are.
        progress: called with the number of files that are done.

    Raises:
        InputError: there is no such folder, or no example in it.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "arena_0_15_len15.jpg").write_bytes(b"")
        >>> check_examples(folder).faults[0].text
        'has no .avi beside it'
    """
    root = Path(folder)
    if not root.is_dir():
        raise InputError(f"{root}: there is no such folder")
    folders = list(_folders(root))
    if not folders:
        raise InputError(f"{root}: holds no .avi and no .jpg, so no examples")
    faults: list[Fault] = []
    done = 0
    for one in folders:
        faults += _name_faults(one)
        for stem, kinds in one.files.items():
            faults += _content_faults(one.path / stem, kinds)
            done += len(kinds)
            progress(done)
    behaviours = {
        str(one.path.relative_to(root)): len(one.pairs) for one in folders if _is_behaviour(one, root)
    }
    faults += [*_behaviour_faults(root, behaviours), *_mixture_faults(folders)]
    return Checked(sum(len(one.pairs) for one in folders), tuple(faults), behaviours)


def _folders(root: Path) -> Iterator[_Folder]:
    """Every folder with an .avi or a .jpg in it; hidden ones and links to folders are left out."""
    for place, below, names in os.walk(root):
        below[:] = sorted(name for name in below if not name.startswith("."))
        found = _Folder(Path(place))
        for name in sorted(names):
            stem, ending = Path(name).stem, Path(name).suffix
            if name.startswith(".") or ending.lower() not in (*_KINDS, ".jpeg"):
                continue
            if not (found.path / name).is_file():  # a pipe would keep us waiting
                continue
            if ending in _KINDS:
                found.files.setdefault(stem, set()).add(ending)
            else:
                found.odd.append(found.path / name)
        if found.files or found.odd:
            yield found


def _name_faults(folder: _Folder) -> Iterator[Fault]:
    for path in folder.odd:
        right = ".avi" if path.suffix.lower() == ".avi" else ".jpg"
        yield Fault(
            str(path), f"ends in {path.suffix}, which LabGym overlooks", f"rename it to end in {right}"
        )
    for stem, kinds in folder.files.items():
        if parse_name(stem) is None:
            ending = min(kinds)
            yield Fault(f"{folder.path / stem}{ending}", _why_unfit(stem, ending), _cure_of(stem))


def _why_unfit(stem: str, ending: str) -> str:
    reason = "does not end as <video>_<id>_<frame>_len<frames> does"
    if "." in stem:
        reason = "has a dot in it"
    elif stem.count("_len") > 1:
        reason = "has more than one _len"
    stops = "; LabGym cannot open the folder for sorting" if ending == ".jpg" else ""
    return f"its name {reason}{stops}"


def _cure_of(stem: str) -> str:
    fitting = stem.replace(".", "-")
    before, mark, after = fitting.rpartition("_len")
    fitting = before.replace("_len", "-len") + mark + after
    if parse_name(fitting) is not None:
        return f"rename its files to {fitting}"
    return "rename it so, or move it out of the folder"


def _content_faults(stem: Path, kinds: set[str]) -> Iterator[Fault]:
    movie, still = (stem.with_name(stem.name + kind) for kind in _KINDS)
    for kind, path in zip(_KINDS, (still, movie), strict=True):
        if kind not in kinds:
            yield Fault(str(path), f"has no {kind} beside it", "make the example again, or remove it")
    named, sizes = parse_name(stem.name), []
    if ".avi" in kinds:
        try:
            found = look_at_movie(movie)
        except InputError as error:
            yield _broken(movie, error)
        else:
            sizes.append(found.size)
            yield from _movie_faults(movie, found.codec, found.frames, found.rate, named)
    if ".jpg" in kinds:
        try:
            picture = read_still(still)
        except InputError as error:
            yield _broken(still, error)
        else:
            sizes.append((picture.shape[0], picture.shape[1]))
    if len(sizes) == len(_KINDS) and max(abs(a - b) for a, b in zip(*sizes, strict=True)) > 1:
        (h, w), (tall, wide) = sizes  # LabGym's own animations lose an odd row or column
        text = f"the animation is {w} x {h} pixels, its picture {wide} x {tall}: they are not of one example"
        yield Fault(str(movie), text, "make the example again")


def _broken(path: Path, error: InputError) -> Fault:
    return Fault(str(path), str(error).removeprefix(f"{path}: "), "make the example again, or remove it")


def _movie_faults(
    path: Path, codec: str, frames: int, rate: float, named: ExampleName | None
) -> Iterator[Fault]:
    again = "make the example again"
    if codec != "mjpeg":
        yield Fault(str(path), f"is encoded as {codec}, LabGym's are Motion JPEG", again)
    if named is not None and frames != named.length:
        text = f"holds {frames} frames, its name says {named.length}"
        yield Fault(str(path), text, again)
    if rate < 1:
        yield Fault(str(path), f"runs at {rate:g} frames a second; LabGym needs 1 or more", again)


def _is_behaviour(folder: _Folder, root: Path) -> bool:
    """Whether a folder holds sorted examples: it is not called as the figure in its files' names is."""
    named = [one for one in map(parse_name, folder.files) if one is not None]
    name = folder.path.name
    figures = (name == "0" if one.mode == "_itbs" else one.before.endswith(f"_{name}") for one in named)
    return folder.path != root and bool(named) and not all(figures)


def _behaviour_faults(root: Path, behaviours: dict[str, int]) -> Iterator[Fault]:
    for name in behaviours:
        if unfit := unfit_behaviour(Path(name).name):
            letters = " ".join(unfit)
            text = f"LabGym cannot have {letters} in the name of a behaviour"
            yield Fault(str(root / name), text, "rename the folder without them")
    if len(behaviours) == 1:
        text = "holds one behaviour only; LabGym learns to tell two or more apart"
        yield Fault(str(root), text, "add a folder with examples of another")


def _mixture_faults(folders: Sequence[_Folder]) -> Iterator[Fault]:
    """Examples of different kinds cannot train one categorizer."""
    named = [
        (f"{folder.path / stem}{min(endings)}", parse_name(stem))
        for folder in folders
        for stem, endings in folder.files.items()
    ]
    kinds = {path: (one.length, one.mode, one.social_distance, one.body_parts) for path, one in named if one}
    counts = Counter(kinds.values()).most_common()
    for kind, count in counts[1:]:
        first = next(path for path, one in kinds.items() if one == kind)
        most, number = counts[0]
        text = f"is of {_told(kind)} ({count} in all), {number} others are of {_told(most)}"
        yield Fault(first, text, "train a categorizer with examples of one kind; move the others away")


def _told(kind: tuple[int, str, int | None, int | None]) -> str:
    length, mode, distance, parts = kind
    words = [
        f"{length} frames",
        {"": "", "_itbs": "interactive basic", "_itadv": "interactive advanced"}[mode],
    ]
    words += [] if distance is None else [f"social distance {distance}"]
    words += [] if parts is None else [f"body parts {parts}"]
    return ", ".join(filter(None, words))
