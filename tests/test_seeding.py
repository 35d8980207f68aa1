import subprocess
import sys

import numpy as np
import pytest

from mdesign import seeding


def test_one_seed_gives_one_stream():
    first, again, other = seeding.rng(3), seeding.rng(3), seeding.rng(4)
    numbers = first.random(5)
    np.testing.assert_array_equal(numbers, again.random(5))
    assert not np.array_equal(numbers, other.random(5))


@pytest.mark.parametrize(
    ("seed", "error"),
    [(-1, ValueError), (1.5, ValueError), (None, TypeError), (True, TypeError), ("1", TypeError)],
)
def test_a_seed_is_a_whole_number(seed, error):
    with pytest.raises(error, match=r"seed must .*got"):
        seeding.rng(seed)
    with pytest.raises(error, match=r"seed must .*got"):
        seeding.seed_everything(seed)


def test_numpy_integers_are_seeds():
    assert seeding.rng(np.int64(3)).random() == seeding.rng(3).random()


def test_spawned_streams_differ_and_repeat():
    children = [child.random(4) for child in seeding.spawn(seeding.rng(0), 3)]
    again = [child.random(4) for child in seeding.spawn(seeding.rng(0), 3)]
    np.testing.assert_array_equal(children, again)
    assert len({tuple(child) for child in children}) == 3


def test_spawning_leaves_the_parent_alone():
    parent = seeding.rng(0)
    seeding.spawn(parent, 2)
    assert parent.random() == seeding.rng(0).random()


def test_spawn_refuses_a_negative_number():
    with pytest.raises(ValueError, match="n must be at least 0; got -1"):
        seeding.spawn(seeding.rng(0), -1)


def test_seed_everything_makes_keras_repeat():
    program = (
        "import keras, mdesign.seeding as s\n"
        "def draw(seed):\n"
        "    s.seed_everything(seed)\n"
        "    layer = keras.layers.Dense(3)\n"
        "    layer.build((None, 2))\n"
        "    return layer.get_weights()[0].tolist()\n"
        "assert draw(1) == draw(1) != draw(2)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
