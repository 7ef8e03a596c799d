"""Events as calls of a web address, from a thread of their own that the video never waits for."""

import queue
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from types import TracebackType
from typing import Any, Self, TypeAlias

import msgspec

from figureground import __version__
from figureground.errors import OptionError

Post: TypeAlias = Callable[[str, bytes], None]
"""Send the bytes to the address; raises OSError or HTTPException where that fails."""

_TRIES = 5
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0  # seconds between two tries, doubled each time
_TIMEOUT = 10.0  # seconds for one call
_MOST = 100  # events that wait; later ones are dropped
_AT_END = 10.0  # seconds that the end waits for what is still to be sent


class Webhook:
    """Sends each event, as JSON, to `address` by POST; a context manager.

    At most 100 events wait. What fails is tried five times, with longer and longer waits between; then,
    and where too many wait, an event is dropped and counted.

    Args:
        address: http:// or https://
        post: what sends.
        most: how many events may wait.
        patience: seconds that the end waits for what is still to be sent.
        wait: sleeps for some seconds, or until the end; whether the end has come.

    Attributes:
        sent: events that arrived.
        failed: events that were tried in vain.
        dropped: events for which there was no room, or no time at the end.

    Raises:
        OptionError: the address is none of the web.
    """

    def __init__(
        self,
        address: str,
        *,
        post: Post | None = None,
        most: int = _MOST,
        patience: float = _AT_END,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        parts = urllib.parse.urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise OptionError(f"webhook {address}: must be a web address, http://... or https://...")
        self.sent = self.failed = self.dropped = 0
        self._address, self._post, self._patience = address, post or post_json, patience
        self._waiting: queue.Queue[bytes | None] = queue.Queue(most)
        self._over = threading.Event()
        self._wait = wait or self._over.wait
        self._thread = threading.Thread(target=self._send_all, name="webhook", daemon=True)
        self._why = ""

    @property
    def notes(self) -> list[str]:
        """What did not arrive, and why; empty where all did."""
        lost = [f"{self.failed} could not be sent"] * bool(self.failed)
        lost += [f"{self.dropped} had to be dropped"] * bool(self.dropped)
        why = f" ({self._why})" if self._why else ""
        return [f"webhook: {' and '.join(lost)}{why}; {self.sent} were sent"] if lost else []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def add(self, record: dict[str, Any]) -> None:
        """Have an event sent; returns at once."""
        try:
            self._waiting.put_nowait(msgspec.json.encode(record))
        except queue.Full:
            self.dropped += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        timer = threading.Timer(self._patience, self._over.set)
        timer.daemon = True
        timer.start()
        self._end()
        self._thread.join(self._patience + _TIMEOUT)
        timer.cancel()
        self._over.set()

    def _end(self) -> None:
        """Tell the thread that nothing comes any more, also where the queue is full."""
        while self._thread.is_alive():
            try:
                self._waiting.put(None, timeout=0.1)
                return
            except queue.Full:
                continue

    def _send_all(self) -> None:
        while (data := self._waiting.get()) is not None:
            if self._over.is_set():
                self.dropped += 1
            else:
                self._send(data)

    def _send(self, data: bytes) -> None:
        pause = _FIRST_WAIT
        for attempt in range(_TRIES):
            try:
                self._post(self._address, data)
            except (OSError, HTTPException, ValueError) as error:
                self._why = _reason(error)
                if attempt + 1 == _TRIES or self._wait(pause):
                    break
                pause = min(2 * pause, _LONGEST_WAIT)
            else:
                self.sent += 1
                return
        self.failed += 1


def post_json(address: str, data: bytes) -> None:
    """Send JSON to a web address by POST.

    Raises:
        OSError: it cannot be reached, or answers with an error.
    """
    agent = f"figureground/{__version__}"
    headers = {"Content-Type": "application/json", "User-Agent": agent}
    request = urllib.request.Request(address, data, headers, method="POST")
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
        answer.read(1 << 16)


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"it answered {error.code} {error.reason}"
    return str(getattr(error, "reason", None) or error) or type(error).__name__
