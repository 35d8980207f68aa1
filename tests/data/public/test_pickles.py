"""Arrays come out of a pickle, and nothing else."""

import datetime
import os
import pickle
import re

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
        (np.array([Command(eval, "1 + 1")], dtype=object), "builtins.eval"),
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
