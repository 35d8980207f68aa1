import os
import signal
import subprocess
import sys
import time
import warnings
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from mdesign import paths
from mdesign.storage import ShardedSet
from mdesign.storage.fingerprint import fingerprint

SIZE = 8


def make(rng, n):
    latents = rng.uniform(-1, 1, (n, 2, 2)).astype(np.float32)
    return {"latents": latents, "values": latents.sum(axis=(1, 2), dtype=np.float64)}


def sharded(folder, **others) -> ShardedSet:
    return ShardedSet(folder, **({"settings": {"a": 1}, "shard_size": SIZE, "seed": 3} | others))


def contents(found: ShardedSet) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(found.path.glob("shard-*"))}


def must_not_be_called(rng, n):
    raise AssertionError("a finished shard was made again")


def test_samples_are_those_of_each_shards_own_stream(tmp_path):
    found = sharded(tmp_path).load(make, 2 * SIZE + 3)
    streams = [np.random.default_rng(np.random.SeedSequence((3, number))) for number in range(3)]
    expected = np.concatenate([make(stream, SIZE)["latents"] for stream in streams])
    np.testing.assert_array_equal(found["latents"], expected[: 2 * SIZE + 3])
    assert found["latents"].dtype == np.float32
    assert found["values"].shape == (2 * SIZE + 3,)
    assert len(np.unique(found["values"])) == 2 * SIZE + 3


def test_a_finished_set_is_read_and_a_larger_one_begins_with_it(tmp_path):
    first = sharded(tmp_path).load(make, 2 * SIZE)
    again = sharded(tmp_path).load(must_not_be_called, 2 * SIZE)
    larger = sharded(tmp_path).load(make, 5 * SIZE)
    for name, values in first.items():
        np.testing.assert_array_equal(again[name], values)
        np.testing.assert_array_equal(larger[name][: 2 * SIZE], values)


def test_bytes_depend_on_neither_order_nor_clock(tmp_path, monkeypatch):
    whole, backwards = sharded(tmp_path / "whole"), sharded(tmp_path / "backwards")
    whole.load(make, 3 * SIZE)
    monkeypatch.setattr(time, "time", lambda: 1.7e9)
    monkeypatch.setattr(time, "localtime", lambda *_: time.struct_time((2001, 2, 3, *[0] * 6)))
    backwards.load(make, 3 * SIZE)
    backwards.shard_path(0).unlink()
    backwards.shard_path(2).unlink()
    backwards.load(make, 3 * SIZE)
    assert contents(whole) == contents(backwards)
    assert len(contents(whole)) == 6


CHILD = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import test_shards

def slowly(rng, n):
    time.sleep(0.05)
    return test_shards.make(rng, n)

test_shards.sharded(Path(sys.argv[2])).load(slowly, 40 * test_shards.SIZE)
"""


def test_a_killed_run_resumes_to_the_same_bytes(tmp_path):
    whole, broken = sharded(tmp_path / "whole"), sharded(tmp_path / "broken")
    arguments = [str(Path(__file__).parent), str(broken.folder)]
    for goal in (2, 5):
        with subprocess.Popen([sys.executable, "-c", CHILD, *arguments]) as child:
            while child.poll() is None and len(list(broken.path.glob("shard-*.npz"))) < goal:
                time.sleep(0.005)
            child.send_signal(signal.SIGKILL)
        assert child.returncode == -signal.SIGKILL
    kept = set(contents(broken))
    assert 5 <= len([name for name in kept if name.endswith(".npz")]) < 40
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # an unfinished shard is no damaged one
        resumed = broken.load(make, 40 * SIZE)
    undisturbed = whole.load(make, 40 * SIZE)
    np.testing.assert_array_equal(resumed["latents"], undisturbed["latents"])
    # The checksums lie beside the time that a shard took.
    found, wanted = (
        {name: content for name, content in contents(one).items() if name.endswith(".npz")}
        for one in (broken, whole)
    )
    assert found == wanted
    assert not list(broken.path.glob(".*"))


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip_one_bit(path: Path) -> None:
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 4
    path.write_bytes(damaged)


def forge_the_checksum(path: Path) -> None:
    path.with_name(path.name + ".sha256").write_bytes(b"\xff" * 70)


@pytest.mark.parametrize("damage", [truncate, empty, flip_one_bit, forge_the_checksum])
def test_a_damaged_shard_is_named_and_made_anew(tmp_path, damage):
    found = sharded(tmp_path)
    before = found.load(make, 3 * SIZE)
    good = contents(found)
    damage(found.shard_path(1))
    with pytest.warns(UserWarning, match=r"shard-00001\.npz has sha256 .* it is made anew") as seen:
        after = found.load(make, 3 * SIZE)
    assert len(seen) == 1
    np.testing.assert_array_equal(after["values"], before["values"])
    assert contents(found) == good


def test_the_checksum_is_that_of_the_common_tool(tmp_path):
    found = sharded(tmp_path)
    found.load(make, SIZE)
    command = ["sha256sum", "-c", "shard-00000.npz.sha256"]
    try:
        answer = subprocess.run(command, cwd=found.path, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("no sha256sum on this machine")
    assert answer.returncode == 0
    assert answer.stdout == "shard-00000.npz: OK\n"


def test_a_shard_without_its_checksum_was_never_finished(tmp_path):
    found = sharded(tmp_path)
    found.load(make, SIZE)
    good = contents(found)
    found.shard_path(0).write_bytes(b"half")
    found.shard_path(0).with_name("shard-00000.npz.sha256").unlink()
    found.load(make, SIZE)
    assert contents(found) == good


def test_what_a_kill_left_is_swept_out(tmp_path):
    found = sharded(tmp_path)
    found.load(make, SIZE)
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    machine = paths._machine()
    dead, live, elsewhere, old = (
        found.path / f".shard-00001-{name}-abcdefgh.npz"
        for name in (
            f"{machine}-{ended.pid}",
            f"{machine}-{os.getpid()}",
            f"01234567-{ended.pid}",
            f"76543210-{ended.pid}",
        )
    )
    for path in (dead, live, elsewhere, old):
        path.write_bytes(b"half a shard")
    os.utime(old, (0, 0))
    found.load(make, SIZE)
    assert [path.exists() for path in (dead, live, elsewhere, old)] == [False, True, True, False]


@pytest.mark.parametrize("change", [{"settings": {"a": 2}}, {"shard_size": 9}, {"seed": 4}])
def test_other_settings_have_another_folder(tmp_path, change):
    assert sharded(tmp_path, **change).path != sharded(tmp_path).path
    assert sharded(tmp_path).path == sharded(tmp_path).path


@dataclass(frozen=True)
class Stack:
    index: complex = 1.5
    layers: tuple[tuple[complex, float], ...] = ((2.0, 71.0),)


@dataclass(frozen=True)
class Pile:
    index: complex = 1.5
    layers: tuple[tuple[complex, float], ...] = ((2.0, 71.0),)


def test_different_settings_have_different_fingerprints():
    weights = np.arange(6, dtype=np.float32)
    different = [
        None,
        "1",
        1,
        1.0,
        True,
        1 + 0j,
        [1],
        Stack(),
        Stack(index=1.5 + 0j),
        Stack(layers=((2.0, 71.5),)),
        Pile(),
        {"a": 1},
        {"b": 1},
        weights,
        weights.astype(np.float64),
        weights.reshape(2, 3),
        weights[::-1],
    ]
    for one, other in combinations(different, 2):
        assert fingerprint(one) != fingerprint(other), (one, other)


def test_equal_settings_have_equal_fingerprints():
    assert fingerprint(Stack()) == fingerprint(Stack())
    assert fingerprint({"a": (1, 2), "b": None}) == fingerprint({"b": None, "a": [1, 2]})
    assert fingerprint(np.float64(0.1)) == fingerprint(0.1)
    twice = np.arange(12.0).reshape(3, 4)
    assert fingerprint(twice.T) == fingerprint(np.ascontiguousarray(twice.T))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"shard_size": 0}, "shard_size must be at least 1; got 0"),
        ({"seed": -1}, "seed must be"),
        ({"settings": {"a": object()}}, "settings must be numbers"),
        ({"settings": {"a": np.array([{}])}}, "settings must be numbers"),
    ],
)
def test_malformed_sets_are_refused(tmp_path, arguments, message):
    with pytest.raises(ValueError, match=message):
        sharded(tmp_path, **arguments)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ({}, "at least one array"),
        ({"x": np.zeros(SIZE - 1)}, f"{SIZE} samples"),
        ({"x": np.array(1.0)}, f"{SIZE} samples"),
        ({"x": np.array([None] * SIZE)}, "no objects"),
    ],
)
def test_malformed_samples_are_refused_and_not_kept(tmp_path, made, message):
    found = sharded(tmp_path)
    with pytest.raises(ValueError, match=message):
        found.load(lambda rng, n: made, SIZE)
    assert not contents(found)


def test_arrays_must_have_the_same_names_in_every_shard(tmp_path):
    names = iter("ab")
    with pytest.raises(ValueError, match="alike"):
        sharded(tmp_path).load(lambda rng, n: {next(names): np.zeros(n)}, 2 * SIZE)


def test_any_integer_type_gives_the_same_samples(tmp_path):
    many = sharded(tmp_path).load(make, np.uint8(SIZE + 1))
    whole = sharded(tmp_path).load(make, SIZE + 1)
    assert all((many[name] == whole[name]).all() for name in whole)


def test_at_least_one_sample_is_wanted(tmp_path):
    with pytest.raises(ValueError, match="n_samples must be at least 1; got 0"):
        sharded(tmp_path).load(make, 0)
