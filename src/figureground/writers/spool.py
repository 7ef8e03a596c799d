"""Encoded video kept safe while it grows, so that a killed run can go on where it was.

A finished file needs an index that is known at the end only, so the encoded packets first go to a plain
file, one after the other, in the part folder beside the result. Every `CHUNK` frames the encoder is
emptied and a new one opened; only such whole chunks count as done. What a later run adds then does not
depend on where the earlier one stopped, and the result is the same, byte for byte.

The encoders used give one packet a frame in the frames' order (no B-frames), so the decoding time is the
presentation time and the number of packets is the number of frames.
"""

import contextlib
import json
import os
import struct
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from figureground.errors import OutputError

CHUNK = 256
"""Frames between two points from which a run can go on."""

_HEAD = struct.Struct("<qBII")  # time in ticks, 1 = key frame, size, size of the extra data
_CHECK = struct.Struct("<I")  # CRC-32 of all the rest


class Record(NamedTuple):
    """One packet.

    Attributes:
        pts: its time in ticks.
        key: whether decoding can start here.
        data: what the encoder gave.
        extra: the alpha channel that VP9 keeps beside it; empty for others.
    """

    pts: int
    key: bool
    data: bytes
    extra: bytes


class _Mark(NamedTuple):
    """Where a chunk ends: the offset in the file, and the time of the last frame before it."""

    offset: int
    pts: int


class Spool:
    """The packets of one video in `folder`.

    `facts` (fit for JSON) are the settings and what was learnt from the first frame. A spool that is
    resumed with other `settings`, or whose state is damaged, starts anew; damaged packets are dropped
    with the rest of their chunk and all that follows.

    Example:
        >>> import tempfile
        >>> spool = Spool(Path(tempfile.mkdtemp()), {"on": "black"}, resume=False)
        >>> spool.append(Record(0, True, b"packet", b""))
        >>> [record.data for record in spool.records()], spool.done
        ([b'packet'], 0)
        >>> spool.close()
    """

    def __init__(self, folder: Path, settings: dict[str, Any], *, resume: bool):
        self._state, self._path = folder / "state.json", folder / "packets.bin"
        self._marks = [_Mark(0, -1)]
        self.facts: dict[str, Any] = {"settings": settings}
        state = _read_state(self._state) if resume else {}
        if state.get("facts", {}).get("settings") == settings and self._path.exists():
            self._marks = _whole_chunks(self._path, state["offset"])
        if self.done:
            self.facts = state["facts"]
        else:
            self._state.unlink(missing_ok=True)
        self._file: BinaryIO | None = None
        self._fresh, self._last = 0, -1
        self._cut()

    @property
    def done(self) -> int:
        """Frames in whole chunks, a multiple of CHUNK."""
        return (len(self._marks) - 1) * CHUNK

    @property
    def last_pts(self) -> int:
        """Time in ticks of the last frame, -1 where there is none."""
        return self._last

    def rewind(self, done: int) -> None:
        """Forget all after the last whole chunk of the first `done` frames."""
        del self._marks[max(0, done) // CHUNK + 1 :]
        self._cut()
        if self._state.exists():
            self._save_state()

    def append(self, record: Record) -> None:
        """Keep one packet."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("a+b")
            self._check_end(self._file)
        self._file.write(_packed(record))
        self._fresh += 1
        self._last = record.pts

    def commit(self) -> None:
        """Make the CHUNK packets since the last commit safe: after this, they outlive a power cut."""
        if self._fresh != CHUNK or self._file is None:
            raise ValueError(f"a chunk is {CHUNK} packets, got {self._fresh}")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._marks.append(_Mark(os.fstat(self._file.fileno()).st_size, self._last))
        self._fresh = 0
        self._save_state()

    def records(self) -> Iterator[Record]:
        """All packets, also those after the last commit, up to the first that is damaged."""
        if self._file is not None:
            self._file.seek(0)
            yield from iter(partial(_read, self._file), None)
        elif self._path.exists():
            with self._path.open("rb") as file:
                yield from iter(partial(_read, file), None)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            with contextlib.suppress(OSError):  # of what could not be written, others have told
                self._file.close()
            self._file = None

    def _check_end(self, file: BinaryIO) -> None:
        if os.fstat(file.fileno()).st_size != self._marks[-1].offset:
            raise OutputError(f"{self._path}: another run has changed it; wait for that run, or stop it")

    def _cut(self) -> None:
        """Drop what is after the last whole chunk."""
        self.close()
        if self._path.exists():
            os.truncate(self._path, self._marks[-1].offset)
        self._fresh, self._last = 0, self._marks[-1].pts

    def _save_state(self) -> None:
        text = json.dumps({"done": self.done, "offset": self._marks[-1].offset, "facts": self.facts})
        part = self._state.with_suffix(".new")
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._state)


def _packed(record: Record) -> bytes:
    head = _HEAD.pack(record.pts, record.key, len(record.data), len(record.extra))
    return b"".join((_check(head, record.data, record.extra), head, record.data, record.extra))


def _check(*parts: bytes) -> bytes:
    check = 0
    for part in parts:
        check = zlib.crc32(part, check)
    return _CHECK.pack(check)


def _read(file: BinaryIO) -> Record | None:
    """The next packet, or None at the end of the file or of what is undamaged."""
    check, head = file.read(_CHECK.size), file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    pts, key, size, extra_size = _HEAD.unpack(head)
    data, extra = file.read(size), file.read(extra_size)
    if len(data) < size or len(extra) < extra_size or _check(head, data, extra) != check:
        return None
    return Record(pts, bool(key), data, extra)


def _whole_chunks(path: Path, limit: int) -> list[_Mark]:
    """Where each undamaged chunk ends, up to the offset `limit`; first the mark of nothing."""
    marks, count = [_Mark(0, -1)], 0
    with path.open("rb") as file:
        while file.tell() < limit and (record := _read(file)) is not None:
            count += 1
            if count % CHUNK == 0 and file.tell() <= limit:
                marks.append(_Mark(file.tell(), record.pts))
    return marks


def _read_state(path: Path) -> dict[str, Any]:
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    sound = isinstance(state, dict) and isinstance(state.get("facts"), dict)
    return state if sound and isinstance(state.get("offset"), int) else {}
