import json

import pytest

from figureground.errors import OutputError
from figureground.writers.spool import CHUNK, Record, Spool


def record(i: int) -> Record:
    return Record(3 * i, i % 128 == 0, bytes([i % 251]) * (i % 17), b"alpha" * (i % 3))


def filled(folder, count, settings=None):
    spool = Spool(folder, settings or {"on": "black"}, resume=False)
    for i in range(count):
        spool.append(record(i))
        if (i + 1) % CHUNK == 0:
            spool.commit()
    return spool


def test_what_goes_in_comes_out(tmp_path):
    spool = filled(tmp_path, 700)
    assert (spool.done, spool.last_pts) == (512, 3 * 699)
    assert list(spool.records()) == [record(i) for i in range(700)]
    spool.close()


@pytest.mark.parametrize(("count", "done"), [(0, 0), (255, 0), (256, 256), (600, 512)])
def test_only_whole_chunks_are_resumed(tmp_path, count, done):
    filled(tmp_path, count).close()
    spool = Spool(tmp_path, {"on": "black"}, resume=True)
    assert (spool.done, spool.last_pts) == (done, 3 * (done - 1) if done else -1)
    assert list(spool.records()) == [record(i) for i in range(done)]


@pytest.mark.parametrize(
    ("rewound", "done"), [(600, 512), (512, 512), (511, 256), (256, 256), (3, 0), (0, 0)]
)
def test_rewinding_and_going_on(tmp_path, rewound, done):
    filled(tmp_path, 600).close()
    spool = Spool(tmp_path, {"on": "black"}, resume=True)
    spool.rewind(rewound)
    assert spool.done == done
    for i in range(done, 512):
        spool.append(record(i))
        if (i + 1) % CHUNK == 0:
            spool.commit()
    spool.close()
    again = Spool(tmp_path, {"on": "black"}, resume=True)
    assert list(again.records()) == [record(i) for i in range(512)]


def test_any_flipped_byte_costs_its_chunk_and_what_follows(tmp_path):
    filled(tmp_path, 3 * CHUNK).close()
    path = tmp_path / "packets.bin"
    state, data = (tmp_path / "state.json").read_text(), path.read_bytes()
    chunk_ends = []
    size = 0
    for i in range(3 * CHUNK):
        size += 4 + 17 + len(record(i).data) + len(record(i).extra)  # check, head, data, alpha
        if (i + 1) % CHUNK == 0:
            chunk_ends.append(size)
    assert chunk_ends[-1] == len(data)
    for at in range(0, len(data), 997):
        (tmp_path / "state.json").write_text(state)
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        whole = sum(end <= at for end in chunk_ends)
        assert Spool(tmp_path, {"on": "black"}, resume=True).done == whole * CHUNK


def test_facts_outlive_the_run_that_learnt_them(tmp_path):
    spool = Spool(tmp_path, {"on": "black"}, resume=False)
    spool.facts["first"] = "1/3"
    for i in range(CHUNK):
        spool.append(record(i))
    spool.commit()
    spool.close()
    assert Spool(tmp_path, {"on": "black"}, resume=True).facts == {
        "settings": {"on": "black"},
        "first": "1/3",
    }
    assert json.loads((tmp_path / "state.json").read_text())["done"] == CHUNK


def test_other_settings_never_see_what_is_there(tmp_path):
    filled(tmp_path, 600).close()
    assert Spool(tmp_path, {"on": "white"}, resume=True).done == 0
    assert Spool(tmp_path, {"on": "black"}, resume=True).done == 0  # it was dropped


def test_packets_are_read_where_they_were_written(tmp_path):
    spool = filled(tmp_path, 300)
    (tmp_path / "packets.bin").rename(tmp_path / "moved")
    (tmp_path / "packets.bin").write_bytes(b"of another run")
    assert list(spool.records()) == [record(i) for i in range(300)]
    spool.append(record(300))  # it still goes to the end
    assert list(spool.records()) == [record(i) for i in range(301)]
    spool.close()


def test_packets_of_another_run_are_not_mixed_with_ours(tmp_path):
    spool = Spool(tmp_path, {"on": "black"}, resume=False)
    filled(tmp_path, 10).close()
    with pytest.raises(OutputError, match=r"packets\.bin: another run has changed it; wait for that run"):
        spool.append(record(0))
    spool.close()


def test_a_chunk_of_another_length_is_refused(tmp_path):
    spool = filled(tmp_path, 10)
    with pytest.raises(ValueError, match="a chunk is 256 packets, got 10"):
        spool.commit()
    spool.close()
