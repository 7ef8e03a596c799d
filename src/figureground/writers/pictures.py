"""Pictures: a folder with one a frame, or a single still."""

import contextlib
import json
import os
import shutil
import zlib
from itertools import chain, count
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO, TypeAlias

import cv2

from figureground.errors import OptionError, OutputError
from figureground.files import output_errors
from figureground.frames import Frame
from figureground.instances import Instances
from figureground.writers.paint import choose_painter
from figureground.writers.pixels import Picture
from figureground.writers.plan import Plan, prepare

LIST = "figureground.json"
"""In a folder of pictures: what made them, and each one's name, index and time in seconds."""

_TO_CV2 = {2: None, 3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
_OPTIONS = {
    ".png": [],  # the fastest and, for pictures mostly of one colour, the smallest
    ".webp": [cv2.IMWRITE_WEBP_QUALITY, 95],
    ".jpg": [cv2.IMWRITE_JPEG_QUALITY, 95],
    ".jpeg": [cv2.IMWRITE_JPEG_QUALITY, 95],
}
_ALPHA = (".png", ".webp")
_LOSSLESS = (".png",)
STILL_SUFFIXES = (*_OPTIONS,)
_PNG_END = b"IEND\xaeB`\x82"

Row: TypeAlias = dict[str, Any]


def picture_to_bytes(picture: Picture, suffix: str) -> bytes:
    """The file of a picture: `suffix` is .png, .webp, .jpg or .jpeg.

    Example:
        >>> import numpy as np
        >>> picture_to_bytes(np.zeros((2, 2, 4), np.uint8), ".png")[1:4]
        b'PNG'
    """
    channels = picture.shape[2] if picture.ndim == 3 else 2
    code = _TO_CV2[channels]
    ordered = picture if code is None else cv2.cvtColor(picture, code)
    fine, data = cv2.imencode(suffix, ordered, _OPTIONS[suffix])
    if not fine:
        raise OutputError(f"a picture of {picture.shape[1]} x {picture.shape[0]} cannot be kept as {suffix}")
    return bytes(data)


def with_comment(data: bytes, suffix: str, comment: str) -> bytes:
    r"""The picture file `data` with a comment: PNG's tEXt, JPEG's COM, or a chunk "note" at the end of WebP.

    Example:
        >>> import numpy as np
        >>> data = picture_to_bytes(np.zeros((2, 2, 3), np.uint8), ".png")
        >>> with_comment(data, ".png", "made by hand")[37:61]
        b'tEXtComment\x00made by hand'
    """
    text = comment.encode("ascii", "replace")
    if suffix == ".png":  # after the 8 bytes of its mark and the 25 of its header
        body = b"tEXtComment\0" + text
        crc = zlib.crc32(body).to_bytes(4, "big")
        return data[:33] + (len(body) - 4).to_bytes(4, "big") + body + crc + data[33:]
    if suffix == ".webp":
        text += b" " * (len(text) % 2)
        data += b"note" + len(text).to_bytes(4, "little") + text
        return data[:4] + (len(data) - 8).to_bytes(4, "little") + data[8:]
    place = 4 + int.from_bytes(data[4:6], "big")  # JFIF's own segment stays the first
    return data[:place] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + data[place:]


class StillWriter:
    """A Writer of a single picture; a second frame is an error."""

    def __init__(self, plan: Plan):
        self.notes: list[str] = []
        self._plan, self._suffix, self._picture = plan, plan.path.suffix.lower(), b""
        choices = {"masks": _LOSSLESS}.get(plan.kind, _ALPHA if plan.transparent else STILL_SUFFIXES)
        if self._suffix not in choices:
            what = "a mask" if plan.kind == "masks" else "a transparent picture"
            raise OptionError(
                f"{plan.path}: {what} cannot be kept as {self._suffix}; choose {', '.join(choices)}"
            )
        if plan.info.kind == "video" and (plan.info.count or 0) > 1:
            self._refuse_second()
        self._paint, self._part = choose_painter(plan), prepare(plan)

    @property
    def done(self) -> int:
        """Always 0: one picture is quickly made again."""
        return 0

    def rewind(self, done: int) -> int:
        """Nothing to forget."""
        return 0

    def __enter__(self) -> Self:
        self._part.take()
        return self

    def write(self, frame: Frame, found: Instances) -> None:
        """Paint the picture."""
        if self._picture:
            self._refuse_second()
        data = picture_to_bytes(self._paint(frame, found), self._suffix)
        self._picture = with_comment(data, self._suffix, self._plan.comment)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._finish()
        finally:
            self._part.clear()
            self._part.release()

    def _finish(self) -> None:
        path = self._plan.path
        if not self._picture:
            raise OutputError(f"{path}: not written, because not one frame came")
        with output_errors(path):
            (self._part.folder / f"whole{self._suffix}").write_bytes(self._picture)
            self._part.finish(f"whole{self._suffix}", path)

    def _refuse_second(self) -> None:
        raise OptionError(
            f"{self._plan.path}: holds one picture, but {self._plan.info.name} has more;"
            " write to a video (.mp4) or to a folder (a name without an ending)"
        )


class FolderWriter:
    """A Writer of a folder with a PNG a frame, and a list of them.

    A still keeps its name, a frame of a video gets its index. Pictures are made in the part folder and
    moved at the end, in one step where nothing stands at the path; each counts as done from the moment
    that it stands in the journal there.
    """

    def __init__(self, plan: Plan):
        self.notes: list[str] = []
        self._plan, self._paint, self._part = plan, choose_painter(plan), prepare(plan)
        self._frames = self._part.folder / "frames"
        with output_errors(plan.path):
            self._journal = _Journal(self._part.folder / "journal.jsonl", plan.settings(), self._frames)
        if plan.resume and not self.done:
            self.notes.append(f"{plan.path}: no earlier run to go on from, so it starts anew")

    @property
    def done(self) -> int:
        """Pictures that an interrupted run has written."""
        return len(self._journal.rows)

    def rewind(self, done: int) -> int:
        """Forget the pictures after the first `done`."""
        with output_errors(self._plan.path):
            self._journal.rewrite(self._journal.rows[: max(0, done)])
        return self.done

    def __enter__(self) -> Self:
        self._part.take()
        return self

    def write(self, frame: Frame, found: Instances) -> None:
        """Paint and keep one picture."""
        data = picture_to_bytes(self._paint(frame, found), ".png")
        name = self._free_name(frame)
        with output_errors(self._plan.path):
            self._frames.mkdir(parents=True, exist_ok=True)
            (self._frames / name).write_bytes(data)
            self._journal.append({"name": name, "index": frame.index, "time": str(frame.time)})

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._journal.close()
        try:
            if error is None:
                with output_errors(self._plan.path):
                    self._finish()
        finally:
            if not self.done:
                self._part.clear()
            self._part.release()

    def _free_name(self, frame: Frame) -> str:
        """The name of the frame's picture: a.jpg and a.png give a.png and a.png.png."""
        still = Path(frame.name)
        stem = still.stem or f"{frame.index:06d}"
        stems = chain([stem, still.name or stem], (f"{stem}-{n}" for n in count(2)))
        return next(f"{stem}.png" for stem in stems if f"{stem}.png".lower() not in self._journal.taken)

    def _finish(self) -> None:
        """Put the pictures in their place: in one step, where nothing is there yet."""
        if not self.done:
            raise OutputError(f"{self._plan.path}: not written, because not one frame came")
        path, names = self._plan.path, {row["name"] for row in self._journal.rows}
        listing = {"made_by": self._plan.comment, "frames": self._journal.rows}
        (self._frames / LIST).write_text(json.dumps(listing, indent=1), encoding="utf-8")
        for left in self._frames.iterdir():
            if left.name not in names and left.name != LIST:
                left.unlink()
        with contextlib.suppress(OSError):
            path.rmdir()  # an empty folder, which not every system would replace
        if not path.exists():
            self._part.finish("frames", path)
            return
        for row in _read_json(path / LIST).get("frames", []):
            (path / Path(row["name"]).name).unlink(missing_ok=True)
        for name in sorted(names):
            self._place(name)
        self._part.finish(f"frames/{LIST}", path / LIST)

    def _place(self, name: str) -> None:
        """Add a picture to the folder; the part keeps it too, so that a run stopped here can go on."""
        new = self._part.folder / "new.png"
        new.unlink(missing_ok=True)
        try:
            os.link(self._frames / name, new)
        except OSError:  # the disk knows no links
            shutil.copyfile(self._frames / name, new)
        new.replace(self._plan.path / name)


class _Journal:
    """The pictures that are whole, a line each, after a line with the settings; appended to as they come."""

    def __init__(self, path: Path, settings: dict[str, Any], frames: Path):
        self._path, self._settings = path, settings
        self._file: TextIO | None = None
        self.rows: list[Row] = []
        self.taken: set[str] = set()
        self.rewrite(_whole_rows(path, settings, frames))

    def rewrite(self, rows: list[Row]) -> None:
        """Keep only `rows`."""
        self.close()
        self.rows, self.taken = rows, {row["name"].lower() for row in rows}
        if self._path.exists():
            self._write(rows)

    def _write(self, rows: list[Row]) -> None:
        lines = [json.dumps(line) for line in (self._settings, *rows)]
        part = self._path.with_suffix(".new")
        part.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        part.replace(self._path)

    def append(self, row: Row) -> None:
        """One picture more."""
        if self._file is None:
            if not self._path.exists():
                self._write([])
            self._file = self._path.open("a", encoding="utf-8")
        self._file.write(json.dumps(row) + "\n")
        self._file.flush()
        self.rows.append(row)
        self.taken.add(row["name"].lower())

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            with contextlib.suppress(OSError):  # of what could not be written, `append` has told
                self._file.close()
            self._file = None


def _whole_rows(path: Path, settings: dict[str, Any], frames: Path) -> list[Row]:
    """The journal's rows up to the first whose line or picture is damaged; none if the settings differ."""
    rows: list[Row] = []
    try:
        first, *lines = path.read_text(encoding="utf-8").splitlines()
        if json.loads(first) != settings:
            return []
        for line in lines:
            row = json.loads(line)
            if not (frames / row["name"]).read_bytes().endswith(_PNG_END):
                break
            rows.append(row)
    except (OSError, ValueError, KeyError, TypeError):
        return rows
    return rows


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
