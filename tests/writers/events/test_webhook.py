import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from figureground.errors import OptionError
from figureground.writers.events.webhook import Webhook, post_json

URL = "http://localhost:1/x"


class Address:
    """What is called: fails as often as told, and remembers what it got."""

    def __init__(self, failures=0):
        self.failures, self.calls, self.got = failures, 0, []

    def __call__(self, address, data):
        self.calls += 1
        if self.calls <= self.failures:
            raise ConnectionRefusedError(111, "Connection refused")
        self.got.append(json.loads(data)["number"])


def test_all_arrive_in_their_order():
    address = Address()
    with Webhook(URL, post=address) as hook:
        for number in range(20):
            hook.add({"number": number})
    assert address.got == list(range(20))
    assert (hook.sent, hook.failed, hook.dropped, hook.notes) == (20, 0, 0, [])


def test_what_fails_is_tried_again_after_longer_and_longer_waits():
    address, waits = Address(failures=3), []
    with Webhook(URL, post=address, wait=lambda seconds: bool(waits.append(seconds))) as hook:
        hook.add({"number": 5})
    assert (address.got, waits, hook.sent) == ([5], [1.0, 2.0, 4.0], 1)


def test_what_fails_five_times_is_told():
    waits = []
    with Webhook(URL, post=Address(failures=5), wait=lambda seconds: bool(waits.append(seconds))) as hook:
        hook.add({"number": 5})
        hook.add({"number": 6})
    assert (hook.sent, hook.failed, len(waits)) == (1, 1, 4)
    assert hook.notes == ["webhook: 1 could not be sent ([Errno 111] Connection refused); 1 were sent"]


def test_a_slow_address_never_holds_up_the_video():
    begun, go_on = threading.Event(), threading.Event()

    def slow(address, data):
        begun.set()
        go_on.wait(30)

    with Webhook(URL, post=slow, most=3) as hook:
        hook.add({"number": 0})
        assert begun.wait(30)
        for number in range(1, 9):  # three of these find room; none of these calls waits for `go_on`
            hook.add({"number": number})
        assert hook.dropped == 5
        go_on.set()
    assert hook.sent == 4
    assert hook.notes == ["webhook: 5 had to be dropped; 4 were sent"]


def test_the_end_does_not_wait_for_ever():
    with Webhook(URL, post=Address(failures=10**9), patience=0.0) as hook:
        for number in range(50):
            hook.add({"number": number})
    assert hook.sent == 0 and hook.failed + hook.dropped == 50


@pytest.mark.parametrize("address", ["ftp://host/x", "file:///etc/passwd", "host/x", "http://", ""])
def test_what_is_no_web_address(address):
    with pytest.raises(OptionError, match="must be a web address"):
        Webhook(address)


def test_a_real_server():
    got = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, self.headers["Content-Type"], json.loads(body)))
            self.send_response(500 if self.path == "/broken" else 204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        host = f"http://127.0.0.1:{server.server_port}"
        try:
            post_json(f"{host}/events", b'{"zone":"door"}')
            with pytest.raises(OSError, match="500"):
                post_json(f"{host}/broken", b"{}")
        finally:
            server.shutdown()
            thread.join()
    assert got == [
        ("/events", "application/json", {"zone": "door"}),
        ("/broken", "application/json", {}),
    ]
