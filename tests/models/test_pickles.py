"""Pickles of weights, good and bad. The bad ones would make a file; none may appear."""

import builtins
import collections
import contextlib
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from figureground.errors import InputError
from figureground.models.pickles import read_pickle, read_zoo


class Calls:
    """Pickled, a call of `function`."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.call


def put(path: Path, value: object, protocol: int = 2) -> Path:
    path.write_bytes(pickle.dumps(value, protocol=protocol))
    return path


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    "value",
    [
        np.arange(6, dtype=np.float32).reshape(2, 3),
        np.asfortranarray(np.arange(6, dtype=np.int64).reshape(2, 3)),
        np.arange(3, dtype=">f8"),
        np.zeros((0, 5), np.uint8),
        np.float32(1.5),
        np.array(7, np.float16),
        collections.OrderedDict(a=[1, (2.5, None)], b={"c": True}),
        "text",
    ],
    ids=["f4", "by columns", "big end", "empty", "scalar", "no axis", "ordered", "text"],
)
def test_arrays_and_plain_values_come_through(tmp_path: Path, value: Any, protocol: int) -> None:
    read = read_pickle(put(tmp_path / "a.pkl", value, protocol))
    if isinstance(value, np.ndarray | np.generic):
        assert np.asarray(read).tolist() == value.tolist()
        assert np.asarray(read).dtype.kind == value.dtype.kind
    else:
        assert read == value


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize(
    ("function", "code", "named"),
    [
        (os.system, "touch {}", r"(posix|nt)\.system"),
        (builtins.eval, "open({!r}, 'w')", r"(builtins|__builtin__)\.eval"),
        (builtins.exec, "open({!r}, 'w')", r"(builtins|__builtin__)\.exec"),
        (os.mkdir, "{}", r"(posix|nt)\.mkdir"),
        (np.load, "{}", r"numpy\.load"),
    ],
    ids=["system", "eval", "exec", "mkdir", "numpy"],
)
def test_nothing_runs(
    tmp_path: Path, function: Callable[..., Any], code: str, named: str, protocol: int
) -> None:
    trace = tmp_path / "trace"
    bad = Calls(function, code.format(str(trace)))
    path = put(tmp_path / "bad.pkl", {"model": {"w": bad}, "__author__": "x"}, protocol)
    with pytest.raises(InputError, match=rf"bad.pkl: wants to run {named}, .* do not trust this file"):
        read_zoo(path)
    assert not trace.exists()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no pickle of weights"),
        (b"garbage", "no pickle of weights"),
        (b"\x80\x02", "no pickle of weights"),
        (b"cnumpy\nndarray\n.", "holds a type"),
        (b"cos\nsystem\n(S'x'\ntR.", "wants to run os.system"),
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", "wants to run os.system"),
        (b"(S'x'\nios\nsystem\n.", "wants to run os.system"),
        (b"cnumpy\ndtype.fields\n.", "wants to run numpy.dtype.fields"),
        (b"\x80\x02\x82\x01.", "no pickle of weights"),  # an extension that nobody registered
        (b"Pid\n.", "no pickle of weights"),  # something held elsewhere
        (b"N" + b"r\xff\xff\xff\xf0" + b"0.", "no pickle of weights"),  # a table of billions of places
        (b"ccollections\nOrderedDict\n}S'update'\nI1\nsb.", "no pickle of weights"),  # a builtin changed
        (b"(" * 50 + b"." * 3, "no pickle of weights"),
    ],
)
def test_what_is_no_pickle_of_weights_is_refused(tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / "bad.pkl"
    path.write_bytes(data)
    with pytest.raises(InputError, match=told):
        read_pickle(path)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (np.array([{}, 1], object), "not of numbers"),
        (np.array(["a"]), "not of numbers"),
        (np.zeros(2, [("a", "i4")]), "not of numbers"),
        (np.datetime64("2020"), "not of numbers"),
        ({1, 2}, "holds a set|wants to run"),
    ],
    ids=["objects", "texts", "records", "dates", "set"],
)
def test_arrays_of_other_things_are_refused(tmp_path: Path, value: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_pickle(put(tmp_path / "a.pkl", {"a": value}))


def test_bytes_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    data = pickle.dumps(np.zeros(5, np.float32), protocol=3)
    assert data.count(b"K\x05\x85") == 1
    (tmp_path / "a.pkl").write_bytes(data.replace(b"K\x05\x85", b"K\x09\x85"))
    with pytest.raises(InputError, match="do not fit its shape"):
        read_pickle(tmp_path / "a.pkl")


def test_a_file_of_the_zoo(tmp_path: Path) -> None:
    weights = {"a.weight": np.ones((2, 3), np.float32)}
    read = read_zoo(put(tmp_path / "z.pkl", {"model": weights, "__author__": "Detectron2 Model Zoo"}))
    assert read["a.weight"].tolist() == [[1, 1, 1], [1, 1, 1]]


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ({"blobs": {"w": np.zeros(2)}}, "Detectron 1 and Caffe2"),
        ({"model": {"w": np.zeros(2)}}, "Detectron 1 and Caffe2"),
        ([1], "is no file of detectron2"),
        ({"model": {}, "__author__": "a"}, "holds no weights"),
        ({"model": {"w": "x"}, "__author__": "a"}, "holds no weights at w"),
    ],
)
def test_other_files_are_no_files_of_the_zoo(tmp_path: Path, held: object, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_zoo(put(tmp_path / "z.pkl", held))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none.pkl: cannot be read: No such file"):
        read_pickle(tmp_path / "none.pkl")


_GOOD = pickle.dumps({"a": np.arange(3, dtype=np.float32), "b": collections.OrderedDict(c=1)}, protocol=2)


@given(st.lists(st.tuples(st.integers(0, len(_GOOD) - 1), st.integers(0, 255)), max_size=4))
def test_a_damaged_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(_GOOD)
    for place, value in changes:
        data[place] = value
    path = tmp_path_factory.getbasetemp() / "damaged.pkl"
    path.write_bytes(data)
    with contextlib.suppress(InputError):
        read_pickle(path)
