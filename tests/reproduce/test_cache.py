import json
from pathlib import Path

import pytest

from mdesign.storage.code import closure


def finished(checkout, *names, **request):
    """Mark notebooks as run without running them."""
    planned = checkout.plan(*names, **request)
    for task in planned.tasks.values():
        task.output.parent.mkdir(parents=True, exist_ok=True)
        task.output.write_text("{}")
        task.record.write_text("{}")
        task.mark_done(1.0)


def due(checkout, **request):
    return set(checkout.plan(**request).due)


@pytest.fixture
def pair(checkout):
    """Two finished notebooks, the second of which needs the first."""
    checkout.write_module("physics/__init__.py", "from mdesign.physics.beam import bend")
    checkout.write_module("physics/beam.py", "from mdesign import paths\ndef bend():\n    return 1")
    checkout.write_module("physics/plate.py", "x = 1")
    checkout.write_module("paths.py", "x = 1")
    checkout.write("demo/a", "from mdesign.physics import bend")
    checkout.write("demo/b", "print(1)", needs=["demo/a"])
    finished(checkout)
    return checkout


def test_what_was_finished_is_up_to_date(pair):
    assert due(pair) == set()
    assert due(pair, force=True) == {"demo/a", "demo/b"}
    assert due(pair, profile="quick", given=(("seed", "0"),)) == set()


def test_another_parameter_is_another_result(pair):
    assert due(pair, given=(("seed", "1"),)) == {"demo/a", "demo/b"}
    finished(pair, given=(("seed", "1"),))
    assert due(pair) == {"demo/a", "demo/b"}


def test_profiles_keep_their_results_apart(pair):
    pair.write_profile("laptop", {"demo/b": {"seed": 2}})
    assert due(pair, profile="laptop") == {"demo/a", "demo/b"}
    finished(pair, profile="laptop")
    assert due(pair, profile="laptop") == due(pair) == set()
    pair.write_profile("laptop", {"demo/b": {"seed": 3}})
    assert due(pair, profile="laptop") == {"demo/b"}


def test_changed_code_reaches_those_that_need_it(pair):
    pair.write("demo/b", "print(2)", needs=["demo/a"])
    assert due(pair) == {"demo/b"}
    finished(pair)
    pair.write("demo/a", "from mdesign.physics import bend; bend()")
    assert due(pair) == {"demo/a", "demo/b"}


@pytest.mark.parametrize(
    ("module", "text", "changes"),
    [
        ("physics/beam.py", "from mdesign import paths\ndef bend():\n    return 2", True),
        ("paths.py", "x = 2", True),
        ("physics/table.tsv", "1", True),
        ("physics/beam.py", "from mdesign import paths\n\n# why\ndef bend(): return 1", False),
        (
            "physics/beam.py",
            '"""Beams."""\nfrom mdesign import paths\ndef bend():\n    "Bend."\n    return 1',
            False,
        ),
        ("physics/plate.py", "x = 2", False),
    ],
)
def test_modules_count_if_they_run_and_say_something_else(pair, module, text, changes):
    pair.write_module(module, text)
    assert due(pair) == ({"demo/a", "demo/b"} if changes else set())


def test_changed_claims_make_a_notebook_out_of_date(checkout, monkeypatch):
    from mdesign import papers

    checkout.write("gidn/fig2_peaks", "print(1)")
    checkout.write("gidn/other", "print(1)")
    finished(checkout)
    monkeypatch.setattr(papers, "claims_of", lambda notebook: {})
    assert due(checkout) == {"gidn/fig2_peaks"}


@pytest.mark.parametrize("suffix", [".ipynb", ".json", ".key"])
def test_a_missing_file_is_made_again(pair, suffix):
    pair.plan().tasks["demo/b"].output.with_suffix(suffix).unlink()
    assert due(pair) == {"demo/b"}


@pytest.mark.parametrize("name", ["b.ipynb", "b.json", "b.png", "b_inset.png"])
def test_a_file_that_something_else_wrote_is_made_again(pair, name):
    path = pair.plan().tasks["demo/b"].output.with_name(name)
    path.write_text('{"seed": 1}')
    assert due(pair) == {"demo/b"}


def test_a_stamp_without_digests_is_out_of_date(pair):
    stamp = pair.plan().tasks["demo/b"].stamp
    content = json.loads(stamp.read_text())
    stamp.write_text(json.dumps(content | {"files": list(content["files"])}))
    assert due(pair) == {"demo/b"}


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"profile": "laptop"}, False),
        ({"parameters": {"profile": "quick", "seed": 1, "sizes": [1, 2]}}, False),
        ({"parameters": {"profile": "quick", "seed": 0, "sizes": [1, 2]}}, True),
    ],
)
def test_a_record_is_that_of_a_task_if_its_values_are(checkout, changes, same):
    parameters = 'profile: str = "quick"\nseed: int = 0\nsizes: tuple[int, ...] = (1, 2)'
    checkout.write("demo/a", parameters=parameters)
    task = checkout.plan().tasks["demo/a"]
    assert task.is_recorded()
    task.output.parent.mkdir(parents=True)
    values = {"profile": "quick", "seed": 0, "sizes": [1, 2]}
    task.record.write_text(json.dumps({"profile": "quick", "parameters": values} | changes))
    assert task.is_recorded() == same


def test_clearing_leaves_what_is_of_others(pair):
    task = pair.plan().tasks["demo/b"]
    task.output.with_name("b_inset.png").touch()
    task.clear()
    names = {path.name for path in task.output.parent.iterdir()}
    assert names == {"a.ipynb", "a.json", "a.key", "b.ipynb"}


def test_states(pair):
    pair.write("demo/c")
    pair.write("demo/b", "print(3)", needs=["demo/a"])
    states = {one: task.state for one, task in pair.plan().tasks.items()}
    assert states == {"demo/a": "up to date", "demo/b": "out of date", "demo/c": "never run"}


def test_figures_of_another_notebook_are_not_taken_for_ones_own(checkout):
    checkout.write("demo/fig1")
    checkout.write("demo/fig1_more")
    finished(checkout)
    task = checkout.plan().tasks["demo/fig1"]
    for name in ("fig1.png", "fig1_inset.png", "fig10.png", "fig1_more.png"):
        (task.output.parent / name).touch()
    assert [path.name for path in task.produced()] == ["fig1.json", "fig1.png", "fig1_inset.png"]


def modules(package: Path, *code: str) -> set[str]:
    found = closure(code, package)
    return {path.relative_to(package).as_posix() for path in found} - {"__init__.py"}


@pytest.fixture
def package(checkout) -> Path:
    late = "from mdesign.design.near import near\ndef __getattr__(name):\n    raise AttributeError"
    for name, text in {
        "cli.py": "import mdesign.seeding",
        "seeding.py": "",
        "design/__init__.py": late,
        "design/near.py": "def near(): ...",
        "design/late.py": "from .deep import x\nclass Late: ...",
        "design/deep.py": "x = 1",
        "design/never.py": "y: int = 1",
        "reproduce/__init__.py": "from mdesign.reproduce.record import record",
        "reproduce/record.py": "def record(): ...",
        "reproduce/tables.py": "class Table: ...",
        "reproduce/runner.py": "import mdesign.cli",
    }.items():
        checkout.write_module(name, text)
    return checkout.workspace.package


def test_imports_are_followed_wherever_they_stand(package):
    near = {"design/__init__.py", "design/near.py"}
    late = near | {"design/late.py", "design/deep.py"}
    record = {"reproduce/__init__.py", "reproduce/record.py"}
    assert modules(package, "import numpy") == set()
    assert modules(package, "%matplotlib inline\nfrom mdesign.design import near") == near
    assert modules(package, "def f():\n    from mdesign.design import Late") == late
    whole = late | {"design/never.py"}
    assert modules(package, "from mdesign import design") == whole
    assert modules(package, "import mdesign", "mdesign.design.near.near()") == whole
    assert modules(package, "from mdesign.reproduce import record") == record
    assert modules(package, "import mdesign.cli, mdesign.reproduce.runner") == record
    assert modules(package, "import mdesign.cli") == set()
    tables = {"reproduce/__init__.py", "reproduce/tables.py"}
    assert modules(package, "from mdesign.reproduce.tables import Table") == tables


def test_every_notebook_of_this_checkout_runs_some_module():
    from mdesign.reproduce.cache import Workspace
    from mdesign.reproduce.notebook import discover

    workspace = Workspace.of_checkout()
    for notebook in discover(workspace.root).values():
        assert "reproduce/record.py" in modules(workspace.package, *notebook.code), notebook.id
