"""Kept results are named by the code behind them."""

import shutil
import subprocess
import sys

import pytest

from mdesign import paths
from mdesign.storage import code_of

SETS = """
from mdesign.data.sets.absorption import absorption_data
from mdesign.data.sets.stiffness import stiffness_cells
from mdesign.storage import code_of
print(code_of(stiffness_cells), code_of(absorption_data))
"""

RELOADED = """
import importlib
from pathlib import Path
from mdesign.data.sets import stiffness
from mdesign.storage import code_of
path = Path(stiffness.__file__)
before = code_of(stiffness.stiffness_cells)
path.write_text(path.read_text().replace("SHARD_SIZE = 50", "SHARD_SIZE = 51"))
assert code_of(stiffness.stiffness_cells) == before
importlib.reload(stiffness)
assert code_of(stiffness.stiffness_cells) != before
"""

GAN = """
import importlib, sys
from pathlib import Path
from mdesign.models import losses
from mdesign.models.gan import network, training
small = dict(n_fields=12, field_size=48, image_size=32, batch_size=4, n_steps=1)
trained = training.train_gan(training.GanSettings(**small), sys.argv[1])
path = Path(losses.__file__)
text = path.read_text()
head, tail = text.split("def real_or_not", 1)
path.write_text(head + "def real_or_not" + tail.replace("return ", "return 100 * ", 1))
for module in (losses, network, training):
    importlib.reload(module)
again = training.train_gan(training.GanSettings(**small), sys.argv[1])
print(again.history["discriminator"][0] / trained.history["discriminator"][0])
"""


@pytest.fixture
def copied(tmp_path):
    """A copy of the package that a test may change."""
    ignored = shutil.ignore_patterns("__pycache__", "*.nbc", "*.nbi")
    shutil.copytree(paths.repository() / "mdesign", tmp_path / "mdesign", ignore=ignored)
    return tmp_path / "mdesign"


def run(package, script, *arguments):
    """Run a script with a copy of the package, in a process of its own."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, cwd=package.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_changed_line_in_any_module_behind_a_result_gives_another_name(copied):
    stiffness, absorption = run(copied, SETS)

    def append(name, text):
        path = copied / name
        path.write_text(path.read_text() + text)

    append("physics/voxels/elements.py", "\n# a comment\n")
    append("storage/shards.py", '\n\ndef nothing():\n    """Say so."""\n')
    added = run(copied, SETS)
    assert added[0] != stiffness and added[1] != absorption
    append("physics/voxels/elements.py", "CHANGED = 1\n")
    changed = run(copied, SETS)
    assert changed[0] != added[0] and changed[1] == added[1]
    append("physics/optics/optical_constants.tsv", "\n")
    assert run(copied, SETS)[0] == changed[0] and run(copied, SETS)[1] != changed[1]


def test_a_changed_docstring_or_comment_does_not(copied):
    before = run(copied, SETS)
    for path in copied.rglob("*.py"):
        text = path.read_text()
        path.write_text(text.replace('"""', '"""Changed. ', 1) + "\n# another comment\n")
    assert run(copied, SETS) == before


def test_code_that_runs_counts_until_it_is_loaded_again(copied):
    run(copied, RELOADED)


def test_a_gan_trained_before_a_change_of_its_loss_is_not_returned_after_it(copied, tmp_path):
    (ratio,) = run(copied, GAN, tmp_path / "kept")
    assert float(ratio) == pytest.approx(100, rel=1e-3)


def test_code_of_others_counts_by_its_own_source():
    namespaces = [{}, {}]
    for namespace, line in zip(namespaces, ("return 1", "return 2"), strict=True):
        exec(f"def at_a_prompt():\n    {line}", namespace | {"__name__": "__main__"}, namespace)
    first, second = (namespace["at_a_prompt"] for namespace in namespaces)
    # There is no source to read of what was typed at a prompt.
    assert code_of(first) == code_of(second)
    assert code_of(run) != code_of(copied)
