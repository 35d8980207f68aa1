"""Names of kept results."""

from dataclasses import dataclass

import numpy as np
import pytest

from mdesign.storage import ShardedSet, fingerprint, kept_arrays, result_name, rounded


@dataclass(frozen=True)
class Settings:
    rate: float = 1e-3


def make():
    return 1


def test_a_name_depends_on_settings_data_and_code():
    array = np.arange(6.0)
    base = result_name("fit", Settings(), array, code=make)
    assert base == result_name("fit", Settings(), array.copy(), code=make)
    others = [
        result_name("fit", Settings(2e-3), array, code=make),
        result_name("fit", Settings(), array.reshape(2, 3), code=make),
        result_name("fit", Settings(), array.astype(np.float32), code=make),
        result_name("fit", Settings(), -array, code=make),
        result_name("fit", Settings(), array, code=ShardedSet),
        result_name("fit", Settings(), array, code=(make, ShardedSet)),
        result_name("other", Settings(), array, code=make),
    ]
    assert len({base, *others}) == 1 + len(others)
    assert base.startswith("fit-")


def test_rounding_hides_rounding_errors_only():
    assert fingerprint(rounded([0.1 + 0.2, 1e-9])) == fingerprint(rounded([0.3, 1e-9]))
    assert rounded([1.2345678, -12345678.0]) == [1.235, -12350000.0]


@pytest.mark.parametrize("damage", [b"", b"garbage"])
def test_a_damaged_file_is_named_and_made_once_more(tmp_path, damage):
    path, calls = tmp_path / "values.npz", []

    def computed():
        calls.append(1)
        return {"x": np.arange(3)}

    for _ in range(2):
        np.testing.assert_array_equal(kept_arrays(path, computed)["x"], np.arange(3))
    whole = path.read_bytes()
    path.write_bytes(damage)
    with pytest.warns(UserWarning, match="values.npz has sha256"):
        kept_arrays(path, computed)
    assert len(calls) == 2
    assert path.read_bytes() == whole
