from pathlib import Path

import pytest

from mdesign import paths
from mdesign.storage.code import closure


def finished(checkout, *names, **request):
    """Mark notebooks as run without running them."""
    planned = checkout.plan(*names, **request)
    for task in planned.tasks.values():
        with paths.temporary_folder(task.output.parent, "stage") as stage:
            (stage / task.output.name).write_text("{}")
            (stage / task.record.name).write_text("{}")
            task.keep(stage)


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
    assert due(pair) == due(pair, given=(("seed", "1"),)) == set()


def test_profiles_keep_their_results_apart(pair):
    pair.write_profile("laptop", {"demo/a": {}, "demo/b": {"seed": 2}})
    assert due(pair, profile="laptop") == {"demo/a", "demo/b"}
    finished(pair, profile="laptop")
    assert due(pair, profile="laptop") == due(pair) == set()
    pair.write_profile("laptop", {"demo/a": {}, "demo/b": {"seed": 3}})
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
    assert name in pair.plan().tasks["demo/b"].fault


@pytest.mark.parametrize("name", ["b.ipynb", "b.json", "b.png", "b.key"])
def test_a_damaged_file_is_named_and_made_again(pair, name):
    task = pair.plan().tasks["demo/b"]
    with paths.temporary_folder(task.output.parent, "stage") as stage:
        for made in ("b.ipynb", "b.json", "b.png"):
            (stage / made).write_text('{"as": "it was"}')
        task.keep(stage)
    path = task.output.with_name(name)
    whole = path.read_bytes()
    assert due(pair) == set()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 4]) + whole[middle + 1 :]
    for damaged in (whole[:-3], b"", b"{}", b"[]", bytes(range(256)), flipped):
        path.write_bytes(damaged)
        assert due(pair) == {"demo/b"}
        assert name in task.fault
        path.write_bytes(whole)
    assert task.fault == ""


def test_a_changed_notebook_is_no_damage(pair):
    pair.write("demo/b", "print(3)", needs=["demo/a"])
    assert pair.plan().tasks["demo/b"].fault == ""


def test_a_new_result_replaces_the_old_one_and_leaves_what_is_of_others(pair):
    task = pair.plan().tasks["demo/b"]
    task.output.with_name("b_inset.png").touch()
    task.failed.touch()
    finished(pair, "b")
    names = {path.name for path in task.output.parent.iterdir()}
    assert names == {f"{name}.{suffix}" for name in "ab" for suffix in ("ipynb", "json", "key")}


@pytest.mark.parametrize(
    ("given", "begins"),
    [
        ((("seed", "1"),), "seed=1-"),
        ((("title", "'../a b/c'"),), "title=..abc-"),
        ((("sizes", "[1, 2]"), ("seed", "3")), "seed=3,sizes=1,2-"),
        ((("title", "x" * 300),), "title=xxx"),
    ],
)
def test_other_parameters_have_a_folder_of_their_own(checkout, given, begins):
    parameters = "seed: int = 0\nsizes: tuple[int, ...] = (1,)\ntitle: str = 'a'"
    checkout.write("demo/a", parameters=parameters)
    usual, task = (checkout.plan(given=one).tasks["demo/a"] for one in ((), given))
    assert task.output.parent.parent == usual.output.parent
    assert task.variant.startswith(begins)
    assert len(task.variant) < 80


def test_what_needs_a_notebook_with_other_parameters_is_apart_too(checkout):
    checkout.write("demo/a", parameters="n: int = 0\nprofile: str = 'quick'")
    checkout.write("demo/b", needs=["demo/a"])
    checkout.write("demo/c", parameters="n: int = 3", needs=["demo/b"])
    tasks = checkout.plan("c", given=(("n", "3"),)).tasks
    assert tasks["demo/a"].variant.startswith("n=3-")
    assert tasks["demo/a"].variant == tasks["demo/b"].variant == tasks["demo/c"].variant
    assert tasks["demo/b"].needed == {"demo/a": tasks["demo/a"].record}
    assert checkout.plan("c", given=(("n", "0"),)).tasks["demo/a"].variant == ""


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
