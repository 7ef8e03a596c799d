import os
import signal
import threading

import pytest

from figureground.training.interrupt import stop_asked


def test_the_first_is_noted_and_the_second_stops() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stop_asked() as asked:
        assert not asked()
        os.kill(os.getpid(), signal.SIGINT)
        assert asked()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGINT) is before


def test_in_another_thread_nothing_is_noted() -> None:
    seen: list[bool] = []

    def work() -> None:
        with stop_asked() as asked:
            seen.append(asked())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]
