"""Which outputs a run writes, decided before any work starts.

No two inputs share an output, and no output is one of the inputs, whatever links or letter case hide it.
"""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from figureground.errors import OptionError, OutputError

ALSO = {
    "overlay": ("overlay", "black"),
    "masks": ("masks", "black"),
    "transparent": ("cutout", "transparent"),
    "black": ("cutout", "black"),
    "white": ("cutout", "white"),
    "blur": ("cutout", "blur"),
    "depth": ("depth", "black"),
    "tracks": ("tracks", "black"),
    "split": ("split", "black"),
}
"""What `--also` knows: name -> (kind of output, ground)."""
FOLLOWED = "tracks", "split"
"""The kinds of outputs that need to know which figure is which."""
TRACKS_SUFFIX = ".tracks.parquet"

VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi")
STILL_SUFFIXES = (".png", ".webp", ".jpg", ".jpeg")
ALPHA_SUFFIXES = (".mov", ".webm", ".png", ".webp")
MASK_SUFFIXES = (".mkv", ".png")
_NAME_BYTES = 255  # the longest name that common file systems take


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a run.

    Attributes:
        what: as `open_source` takes it.
        medium: "video", "still" (one picture) or "stills" (a folder or pattern: a sequence).
        name: file name that the outputs are named after.
        folder: where the outputs lie below the output folder.
    """

    what: str
    medium: str
    name: str
    folder: Path = Path()


@dataclass(frozen=True, slots=True)
class Output:
    """What a job writes: `kind` and `on` as `open_writer` takes them; a `folder` holds a picture a frame.

    The kind "split" is a folder with a video for each figure, made from the job's tracks.
    """

    path: Path
    kind: str = "cutout"
    on: str = "black"
    folder: bool = False


class _Extra(NamedTuple):
    """What `--also` asks for; the suffix is empty where none was given."""

    name: str
    kind: str
    on: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Job:
    """One input and all that is written from it; the first output is the main one."""

    what: str
    outputs: tuple[Output, ...]


def plan(
    inputs: Sequence[Input], out: str, *, on: str = "black", also: Sequence[str] = (), kind: str = "cutout"
) -> list[Job]:
    """One job for each input.

    Args:
        inputs: what to cut, at least one.
        out: a file name where there is one input, else a folder. Without a known suffix, or with a
            slash at the end, it is a folder.
        on: the ground of the main output.
        also: names out of ALSO, each with a suffix if wanted: "overlay", "transparent.webm".
        kind: of the main output: "cutout" or "tracks".

    Raises:
        OptionError: `out` cannot hold the outputs, or an output is one of the inputs.
        OutputError: an output lies below a file.

    Example:
        >>> videos = [Input("in/a.avi", "video", "a.avi"), Input("in/a.mp4", "video", "a.mp4")]
        >>> [str(job.outputs[0].path) for job in plan(videos, "out")]
        ['out/a.avi.mp4', 'out/a.mp4.mp4']
    """
    if not out.strip():
        raise OptionError('-o: an empty text is no place; write "." for this folder')
    extras = [_parse_also(token, on) for token in also]
    if _is_file(out, kind):
        if len(inputs) > 1:
            raise OptionError(f"-o {out}: {len(inputs)} inputs need a folder to write to, not one file")
        only = inputs[0]
        medium = "still" if only.medium == "still" else "video"  # a film of pictures has films beside it
        main = Output(_only_file(only, out), kind, on)
        jobs = [Job(only.what, _outputs(main, medium, extras))]
    else:
        jobs = _in_folder(inputs, Output(Path(out), kind, on), extras)
    _refuse_unfit(jobs)
    _refuse_shared(jobs)
    refuse_inputs(jobs)
    return jobs


def _is_file(out: str, kind: str) -> bool:
    suffix = Path(out).suffix.lower()
    if out.endswith(("/", os.sep)) or Path(out).is_dir():
        return False
    if kind == "tracks" or suffix == ".parquet":
        return _is_tracks_file(out, kind)
    if suffix in VIDEO_SUFFIXES + STILL_SUFFIXES:
        return True
    if re.fullmatch(r"\.[a-z][a-z0-9]{1,3}", suffix):
        known = " ".join(VIDEO_SUFFIXES + STILL_SUFFIXES)
        raise OptionError(
            f"-o {out}: cannot write {suffix} files; choose one of {known}, or a folder: {out}/"
        )
    return False


def _is_tracks_file(out: str, kind: str) -> bool:
    """The same where the main output or `out` is one of tracks."""
    suffix = Path(out).suffix.lower()
    if suffix == ".parquet" and kind != "tracks":
        raise OptionError(
            f"-o {out}: tracks are written by figureground track; or beside the cut-out by --also tracks"
        )
    if suffix in VIDEO_SUFFIXES + STILL_SUFFIXES:
        raise OptionError(
            f"-o {out}: tracks go to a file NAME{TRACKS_SUFFIX}, or to a folder; pictures come beside"
            " them with --also overlay,black"
        )
    return suffix == ".parquet"


def stem_of(name: str) -> str:
    """A file's name without its suffix; of tracks, without all of it.

    Example:
        >>> stem_of("flies.tracks.parquet"), stem_of("flies.v2.mp4")
        ('flies', 'flies.v2')
    """
    stem = Path(name).stem
    return stem.removesuffix(".tracks") if Path(name).suffix.lower() == ".parquet" else stem


def _only_file(given: Input, out: str) -> Path:
    if given.medium != "still" and Path(out).suffix.lower() in STILL_SUFFIXES:
        folder = Path(out).with_suffix("")
        raise OptionError(f"-o {out}: {given.what} has many frames; for one picture each use -o {folder}/")
    return Path(out)


def _parse_also(token: str, on: str) -> _Extra:
    name, dot, suffix = token.strip().partition(".")
    fit = () if name in FOLLOWED else VIDEO_SUFFIXES + STILL_SUFFIXES
    if name not in ALSO or (dot and "." + suffix not in fit):
        raise OptionError(
            f"--also {token}: choose from {', '.join(ALSO)}, each with a suffix if wanted, "
            "such as transparent.webm"
        )
    kind, ground = ALSO[name]
    return _Extra(name, kind, on if kind == "split" else ground, dot + suffix)


def _suffix(medium: str, kind: str, on: str, wanted: str = "") -> str:
    """The suffix of an output; empty for a folder of pictures."""
    if kind in FOLLOWED:
        return TRACKS_SUFFIX if kind == "tracks" else ""
    if medium == "still":
        return wanted or ".png"
    if wanted in STILL_SUFFIXES:
        return ""
    if wanted or medium == "stills":
        return wanted
    return ".mkv" if kind == "masks" else ".mov" if on == "transparent" else ".mp4"


def _outputs(main: Output, medium: str, extras: Iterable[_Extra]) -> tuple[Output, ...]:
    """The main output and those beside it; who is to be split needs tracks."""
    outputs = [main]
    for name, kind, ground, wanted in _with_tracks(main, extras):
        suffix = _suffix(medium, kind, ground, wanted)
        stem = main.path.name if main.folder else stem_of(main.path.name)
        file = _short(stem, suffix if kind == "tracks" else f"_{name}{suffix}")
        outputs.append(Output(main.path.with_name(file), kind, ground, not suffix))
    if medium == "still" and any(output.kind in FOLLOWED for output in outputs):
        raise OptionError("in a single photo there is nobody to follow; tracks need a video or a folder")
    return tuple(outputs)


def _with_tracks(main: Output, extras: Iterable[_Extra]) -> list[_Extra]:
    """`extras`, and tracks among them where figures are to be split."""
    extras = list(extras)
    kinds = {main.kind, *(extra.kind for extra in extras)}
    tracks = _Extra("tracks", *ALSO["tracks"], "")
    return [tracks, *extras] if "split" in kinds and "tracks" not in kinds else extras


def _short(stem: str, tail: str) -> str:
    """`stem` + `tail`, the stem cut where the name would be longer than file systems take."""
    room = _NAME_BYTES - len(os.fsencode(tail))
    return (
        os.fsencode(stem)[:room].decode(errors="ignore") + tail
        if len(os.fsencode(stem)) > room
        else stem + tail
    )


def _in_folder(inputs: Sequence[Input], out: Output, extras: Sequence[_Extra]) -> list[Job]:
    """Outputs that mirror the inputs; where two would clash, both keep their whole names."""

    def outputs(given: Input, tail: str) -> tuple[Output, ...]:
        suffix = _suffix(given.medium, out.kind, out.on)
        stem = given.name if tail or given.medium == "stills" else stem_of(given.name)
        number = "" if tail in ("", "whole") else f"_{tail}"
        path = out.path / given.folder / _short(stem, number + suffix)
        if len(inputs) == 1 and given.medium == "stills" and not suffix:
            path = out.path
        return _outputs(replace(out, path=path, folder=not suffix), given.medium, extras)

    chosen = [outputs(given, "") for given in inputs]
    keys = [{_key(output.path) for output in one} for one in chosen]
    clashes = [any(keys[i] & other for j, other in enumerate(keys) if j != i) for i in range(len(inputs))]
    taken = {key for one, clash in zip(keys, clashes, strict=True) if not clash for key in one}
    for i, given in enumerate(inputs):
        tail, number = "whole", 1
        while clashes[i]:
            chosen[i] = outputs(given, tail)
            mine = {_key(output.path) for output in chosen[i]}
            if not mine & taken:
                taken |= mine
                break
            number += 1
            tail = str(number)
    return [Job(given.what, one) for given, one in zip(inputs, chosen, strict=True)]


def _key(path: Path) -> str:
    """Equal for paths that lead to one file, also where the file system ignores letter case."""
    return os.path.realpath(path).casefold()


def _refuse_unfit(jobs: Sequence[Job]) -> None:
    """Raise where a kind of file cannot hold what it is to hold, or a folder on the way is a file."""
    for output in (output for job in jobs for output in job.outputs):
        path = output.path
        fit: tuple[str, ...] = VIDEO_SUFFIXES + STILL_SUFFIXES
        if output.kind == "tracks":
            fit = (".parquet",)
        elif output.kind == "masks":
            fit = MASK_SUFFIXES
        elif output.kind == "cutout" and output.on == "transparent":
            fit = ALPHA_SUFFIXES
        if not output.folder and path.suffix.lower() not in fit:
            what = "lossless masks" if output.kind == "masks" else "what is transparent"
            raise OptionError(f"{path}: {path.suffix} cannot hold {what}; choose one of {' '.join(fit)}")
        for folder in path.parents:
            if folder.exists() and not folder.is_dir():
                raise OutputError(f"{path}: cannot be written: {folder} is a file, not a folder")


def _refuse_shared(jobs: Sequence[Job]) -> None:
    """Within one job two outputs can still be one file: `--also overlay,overlay`, `-o a_masks.mkv`."""
    for job in jobs:
        seen: set[str] = set()
        for output in job.outputs:
            if _key(output.path) in seen:
                raise OptionError(f"{output.path} would be written twice; give -o or --also another name")
            seen.add(_key(output.path))


def refuse_inputs(jobs: Sequence[Job]) -> None:
    """Raise OptionError where an output is an input or a folder that holds one."""
    inputs = [file for job in jobs for file in _files(job.what)]
    keys = {_key(path): path for path in inputs}
    same = {_identity(path): path for path in inputs}
    for output in (output for job in jobs for output in job.outputs):
        path = output.path
        clash = keys.get(_key(path)) or (same.get(_identity(path)) if path.exists() else None)
        if clash is None and output.folder:
            clash = next((keys[key] for key in keys if key.startswith(_key(path) + os.sep)), None)
        if clash is not None:
            raise OptionError(f"-o: {path} would overwrite the input {clash}; choose another place")


def _files(what: str) -> list[Path]:
    """The files that an input is read from: itself, the pictures of its folder, or those of its pattern."""
    path = Path(what)
    if path.is_dir():
        return [path, *(file for file in path.iterdir() if file.is_file())]
    return [path] if path.exists() else [*path.parent.glob(path.name)]


def _identity(path: Path) -> tuple[int, int]:
    """Equal for hard links to one file."""
    stat = path.stat()
    return stat.st_dev, stat.st_ino
