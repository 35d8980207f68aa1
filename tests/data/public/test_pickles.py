"""Arrays come out of a pickle, and nothing else."""

import datetime
import os
import pickle
import re
import tracemalloc
from contextlib import suppress

import numpy as np
import pytest

from mdesign.data.public.pickles import UnsafePickle, read_arrays


class Command:
    """What a hostile file holds: a call of its choice."""

    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call[0], self.call[1:]


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_arrays_in_plain_containers_come_back(tmp_path, protocol):
    content = [
        {"a": np.arange(6.0).reshape(2, 3), "b": np.float32(2.5)},
        (np.array([[1, 2], [3, 4]], order="F", dtype=np.int16), "text", 3, None),
    ]
    path = tmp_path / "content.pickle"
    if protocol == 2:  # from Python 3 it would ask for a codec
        content = ["text", 3, {"none": None}]
    path.write_bytes(pickle.dumps(content, protocol=protocol))
    found = read_arrays(path)
    if protocol == 2:
        assert found == content
        return
    assert found[0]["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found[0]["b"] == np.float32(2.5)
    assert found[1][0].tolist() == [[1, 2], [3, 4]]
    assert found[1][1:] == ("text", 3, None)


def test_a_pickle_of_python_2_is_read(tmp_path):
    path = tmp_path / "old.pickle"
    # What numpy 1 under Python 2 wrote for numpy.array([1, 2], dtype="int8").
    path.write_bytes(
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
        b"(I1\n(I2\ntcnumpy\ndtype\n(S'i1'\nI0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI0\ntb"
        b"I00\nS'\\x01\\x02'\ntb."
    )
    found = read_arrays(path)
    assert found.tolist() == [1, 2]
    assert found.dtype == np.int8


@pytest.mark.parametrize(
    ("content", "asked"),
    [
        (Command(os.system, "echo harm"), f"{os.name}.system"),
        (Command(eval, "1 + 1"), "builtins.eval"),
        ([np.zeros(2), datetime.date(2020, 1, 1)], "datetime.date"),
        (Command(np.load, "file.npy"), "numpy.load"),
    ],
)
def test_anything_else_is_refused_by_name(tmp_path, content, asked):
    path = tmp_path / "hostile.pickle"
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(UnsafePickle, match=re.escape(f"asks for {asked};")):
        read_arrays(path)


@pytest.mark.parametrize("content", [b"", b"no pickle", pickle.dumps([1, 2, 3])[:-3]])
def test_a_damaged_file_is_named(tmp_path, content):
    path = tmp_path / "damaged.pickle"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"damaged\.pickle is no whole pickle"):
        read_arrays(path)


class Reduced:
    """What rebuilds an array, with a state of choice."""

    def __init__(self, *parts):
        self.parts = parts

    def __reduce__(self):
        return self.parts


POINTERS = Reduced(np.dtype, ("O8", False, True), (3, "|", None, None, None, -1, -1, 63))
# Its flags deny that it holds objects, so that NumPy takes the bytes for pointers.
FIELD = {"a": (np.dtype("O"), 0)}
DISGUISED = Reduced(np.dtype, ("V8", False, True), (3, "|", None, ("a",), FIELD, 8, 1, 0))


def array_of(kind, shape=(2,), content=bytes(16)):
    rebuilt = np.zeros(1).__reduce__()
    return Reduced(rebuilt[0], rebuilt[1], (1, shape, kind, False, content))


@pytest.mark.parametrize(
    "content",
    [
        array_of(POINTERS),
        array_of(DISGUISED),
        array_of(np.dtype("f8"), content=bytes(15)),
        array_of(np.dtype("f8"), shape=(10**12,)),
        array_of(np.dtype("f8"), shape=(-1, -2)),
        array_of(np.dtype("f8"), shape=("2",)),
        array_of(3),
        np.array([None]),
        np.array(["text"]),
        np.zeros(2, "f8, i4"),
        np.dtype("f8"),
        np.ndarray,
    ],
)
def test_anything_but_plain_numbers_is_refused(tmp_path, content):
    """An array of pointers that a file chooses would crash the process when it is used."""
    path = tmp_path / "hostile.pickle"
    path.write_bytes(pickle.dumps([content, 1], protocol=4))
    with pytest.raises(ValueError, match="pickle"):
        read_arrays(path)


def flat(content):
    if isinstance(content, dict):
        content = list(content.values())
    if isinstance(content, list | tuple):
        return [one for entry in content for one in flat(entry)]
    return [content]


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_mutated_pickles_give_numbers_or_an_error(tmp_path, protocol):
    rng = np.random.default_rng(protocol)
    content = [{"a": np.arange(6.0).reshape(2, 3)}, (np.ones(3, ">i2"), "text", np.float32(2))]
    whole, path = pickle.dumps(content, protocol), tmp_path / "mutated.pickle"
    n_read = 0
    for _ in range(400):
        mutated = bytearray(whole)
        for place in rng.integers(0, len(whole), rng.integers(1, 4)):
            mutated[place] = rng.choice([rng.integers(256), mutated[place] ^ 1 << rng.integers(8)])
        if rng.random() < 0.2:
            del mutated[rng.integers(len(mutated)) :]
        path.write_bytes(mutated)
        try:
            found = read_arrays(path)
        except ValueError as error:
            assert "pickle" in str(error)
            continue
        n_read += 1
        for one in flat(found):
            assert one is None or isinstance(
                one, np.ndarray | np.generic | str | bytes | int | float
            )
            if isinstance(one, np.ndarray):
                assert one.dtype.kind in "biufc"
                one.sum()
    assert 20 < n_read < 380


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x05K\x01r\xff\xff\xff\x7f.",
        b"\x80\x05\x96" + (2**40).to_bytes(8, "little") + b"short.",
        b"\x80\x05\x8e" + (2**62).to_bytes(8, "little") + b"short.",
    ],
    ids=["memo", "bytearray", "bytes"],
)
def test_no_memory_is_reserved_for_what_a_short_file_states(tmp_path, content):
    path = tmp_path / "bomb.pickle"
    path.write_bytes(content)
    tracemalloc.start()
    with suppress(ValueError):
        read_arrays(path)
    assert tracemalloc.get_traced_memory()[1] < 1e6
    tracemalloc.stop()


def test_a_chain_of_copies_is_read_once_each(tmp_path):
    content = [np.zeros(1)]
    for _ in range(60):
        content = [content, content]
    path = tmp_path / "chain.pickle"
    path.write_bytes(pickle.dumps(content))
    found = read_arrays(path)
    assert found[0] is found[1]
