"""Download a file whose hash is known: resumed where it was interrupted, and there only when it is whole."""

import contextlib
import hashlib
import http.client
import secrets
import shutil
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from figureground.errors import InputError, OutputError
from figureground.files import output_errors

Progress = Callable[[int], None]
"""Called with the number of bytes that are there."""

TIMEOUT = 30.0
_BLOCK = 1 << 20
_SPARE = 64 << 20  # bytes that are left free on the disk
_LOCAL = "localhost", "127.0.0.1", "::1"


class _BrokenOffError(Exception):
    """The connection ended early; what has come is kept."""


def download(url: str, path: Path, *, sha256: str, size: int, progress: Progress | None = None) -> Path:
    """Have the file of `url` at `path`; one that is there already is only checked.

    What has come is kept beside `path` when the connection breaks, and the next call goes on from there if
    the server can. Several processes may do this at once. Other hosts may be redirected to, but only by
    https: the hash tells whether it is the right file, wherever it came from.

    Args:
        url: https; http for this machine alone.
        path: where to.
        sha256: of the file, 64 hexadecimal digits.
        size: of the file, in bytes.
        progress: called while it comes.

    Raises:
        InputError: it cannot be had, or is not the file that it should be; the message tells how to put it
            there by hand.
        OutputError: there is no room, or it cannot be written.
    """
    if path.exists():
        return _checked(path, sha256)
    _check_address(url)
    with output_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with _lock(path.parent / f".{path.name}.lock") as alone:
            if path.exists():
                return _checked(path, sha256)
            # Where another process is at it, this one takes the whole file for itself.
            name = f".{path.name}.part" if alone else f".fg-{secrets.token_hex(4)}.part"
            part = path.parent / name
            try:
                _fill(url, part, path, sha256, size, progress or _silent)
                part.replace(path)
            finally:
                if not alone:
                    part.unlink(missing_ok=True)
    return path


def by_hand(path: Path) -> str:
    """What to do where there is no network.

    Example:
        >>> by_hand(Path("a.pth"))
        'without a connection here, download it on another computer and put it at a.pth'
    """
    return f"without a connection here, download it on another computer and put it at {path}"


def _fill(url: str, part: Path, path: Path, sha256: str, size: int, progress: Progress) -> None:
    """Make `part` the whole file, going on from what is there."""
    resumed = part.exists() and part.stat().st_size > 0
    _check_room(path, size - (part.stat().st_size if resumed else 0))
    while (had := _length(part)) != size:
        try:
            _get(url, part, path, size, progress)
        except _BrokenOffError as error:
            if _length(part) <= had:  # as long as some of it comes, another try is worth it
                raise InputError(
                    f"{url}: the connection broke off after {_length(part):,} of {size:,} bytes ({error}); "
                    "the same command goes on from there"
                ) from error
    if _hash(part) == sha256:
        return
    part.unlink()
    if resumed:  # what was there before may have been another version
        return _fill(url, part, path, sha256, size, progress)
    raise InputError(f"{url}: is not the file that was published (its sha256 differs); nothing was kept")


def _get(url: str, part: Path, path: Path, size: int, progress: Progress) -> None:
    """Append to `part` what is missing, or begin anew where the server cannot do otherwise."""
    had = _length(part)
    if had > size:
        part.unlink()
        had = 0
    with _opened(url, path, had) as answer:
        goes_on = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {had}-")
        had = had if goes_on else 0
        said = answer.headers.get("Content-Length")
        if answer.status == 206 and not goes_on:
            part.unlink()
            raise InputError(f"{url}: the server sent another part than was asked for; try again")
        if said is not None and said.isdigit() and had + int(said) != size:
            raise InputError(
                f"{url}: has {had + int(said):,} bytes, expected {size:,}: the file was changed, or a page "
                f"of your network came instead; {by_hand(path)}"
            )
        with part.open("ab" if goes_on else "wb") as file:
            _copy(answer, file, had, size, progress)


def _copy(answer: Any, file: IO[bytes], had: int, size: int, progress: Progress) -> None:
    while had < size:
        try:
            block = answer.read(min(_BLOCK, size - had))
        except (TimeoutError, ConnectionError, ssl.SSLError, http.client.HTTPException) as error:
            raise _BrokenOffError(str(error) or type(error).__name__) from error
        if not block:
            raise _BrokenOffError("the server ended it")
        file.write(block)
        had += len(block)
        progress(had)


def _opened(url: str, path: Path, start: int) -> Any:
    """The answer of the server, from byte `start` on if it can."""
    headers = {"User-Agent": "figureground", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    handlers: list[urllib.request.BaseHandler] = [_Redirects()]
    if urllib.parse.urlsplit(url).hostname in _LOCAL:
        handlers.append(urllib.request.ProxyHandler({}))
    try:
        request = urllib.request.Request(url, headers=headers)
        return urllib.request.build_opener(*handlers).open(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == 416 and start:  # it is not as long as what is here
            return _opened(url, path, 0)
        reason = f"the server answers {error.code} {error.reason}"
        raise InputError(f"{url}: cannot be downloaded: {reason}; {by_hand(path)}") from error
    except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
        why = getattr(error, "reason", None) or error
        why = getattr(why, "strerror", None) or why
        raise InputError(f"{url}: cannot be downloaded: {why}; {by_hand(path)}") from error


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Redirects, but never from https to an address that others can read."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        _check_address(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _check_address(url: str) -> None:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise InputError(f"{url}: is no https:// address, so anyone on the way could change the file")


def _check_room(path: Path, missing: int) -> None:
    free = shutil.disk_usage(path.parent).free
    if free < missing + _SPARE:
        raise OutputError(
            f"{path}: there is no room: {missing / 2**20:.0f} MB are needed and {free / 2**20:.0f} MB are "
            "free; FIGUREGROUND_HOME can name a folder on another disk"
        )


def _checked(path: Path, sha256: str) -> Path:
    if not path.is_file() or _hash(path) != sha256:
        raise InputError(f"{path}: is not the file that was published (its sha256 differs); delete it")
    return path


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _length(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _silent(done: int) -> None:
    pass


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[bool]:
    """Whether this process alone has `path` while the block runs; the system frees it when a process dies."""
    with path.open("ab") as file:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True  # the empty file stays: to remove it would let two others lock two files
