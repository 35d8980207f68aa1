import json

import pytest

from mdesign.reproduce.notebook import UsageError, discover, in_order, select


def test_metadata_parameters_and_code_are_read(checkout):
    path = checkout.write(
        "demo/fig1",
        "print(1)",
        needs=["demo/fig0"],
        parameters='n: int = 20_000  # number\nsizes: tuple[int, ...] = (1, 2)\nname = "x"',
        shows="Fig. 1",
    )
    notebook = discover(checkout.workspace.root)["demo/fig1"]
    assert (notebook.paper, notebook.name, notebook.shows) == ("demo", "fig1", "Fig. 1")
    assert notebook.path == path
    assert notebook.needs == ("demo/fig0",)
    assert notebook.code[-1] == "print(1)"
    found = {one.name: (one.annotation, one.default) for one in notebook.parameters.values()}
    assert found == {
        "n": ("int", 20_000),
        "sizes": ("tuple[int, ...]", (1, 2)),
        "name": ("str", "x"),
    }


def test_checkpoints_of_jupyter_are_no_notebooks(checkout):
    path = checkout.write("demo/fig1")
    copy = path.parent / ".ipynb_checkpoints" / "fig1-checkpoint.ipynb"
    copy.parent.mkdir()
    copy.write_text(path.read_text())
    assert list(discover(checkout.workspace.root)) == ["demo/fig1"]


def test_names_may_be_full_bare_or_a_paper(checkout):
    for identifier in ("demo/fig1", "demo/fig2", "other/fig3"):
        checkout.write(identifier)
    notebooks = discover(checkout.workspace.root)
    assert select(notebooks, []) == ["demo/fig1", "demo/fig2", "other/fig3"]
    assert select(notebooks, ["fig3"]) == ["other/fig3"]
    assert select(notebooks, ["demo/fig2", "demo"]) == ["demo/fig2", "demo/fig1"]
    with pytest.raises(UsageError, match=r"unknown notebook 'fgi3'.*mean other/fig3"):
        select(notebooks, ["fgi3"])


def test_a_bare_name_of_two_papers_is_refused(checkout):
    checkout.write("demo/fig1")
    checkout.write("other/fig1")
    with pytest.raises(UsageError, match="demo/fig1, other/fig1"):
        select(discover(checkout.workspace.root), ["fig1"])


def test_needs_come_first(checkout):
    checkout.write("demo/a", needs=["demo/b"])
    checkout.write("demo/b", needs=["demo/c"])
    checkout.write("demo/c")
    checkout.write("demo/d")
    notebooks = discover(checkout.workspace.root)
    assert in_order(notebooks, ["demo/a"]) == ["demo/c", "demo/b", "demo/a"]


def test_needs_in_a_circle_or_of_nothing_are_refused(checkout):
    checkout.write("demo/a", needs=["demo/b"])
    checkout.write("demo/b", needs=["demo/a"])
    checkout.write("demo/c", needs=["demo/z"])
    notebooks = discover(checkout.workspace.root)
    with pytest.raises(UsageError, match=r"demo/a -> demo/b|demo/b -> demo/a"):
        in_order(notebooks, ["demo/a"])
    with pytest.raises(UsageError, match="demo/c needs 'demo/z'"):
        in_order(notebooks, ["demo/c"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parameters": "n: int = len('x')"}, "parameters cell of notebooks/demo/fig1"),
        ({"id": "demo/other"}, "calls itself 'demo/other'"),
        ({"needs": "demo/a"}, "notebooks/demo/fig1.ipynb must have mdesign.needs as a list"),
        ({"data": {}}, "mdesign.data as a list; got {}"),
        ({"seconds": 3}, "mdesign.seconds as a dict; got 3"),
        ({"shows": None}, "mdesign.shows as a str; got None"),
    ],
)
def test_notebooks_that_break_the_conventions_are_named(checkout, change, message):
    checkout.write("demo/fig1")
    path = checkout.write("demo/fig1", parameters=change.pop("parameters", "n: int = 1"))
    content = json.loads(path.read_text())
    content["metadata"]["mdesign"] |= change
    path.write_text(json.dumps(content))
    with pytest.raises(UsageError, match=message):
        discover(checkout.workspace.root)


def test_missing_metadata_and_broken_files_are_named(checkout):
    path = checkout.write("demo/fig1")
    content = json.loads(path.read_text())
    del content["metadata"]["mdesign"]["needs"]
    path.write_text(json.dumps(content))
    with pytest.raises(UsageError, match=r"fig1\.ipynb lack mdesign: needs"):
        discover(checkout.workspace.root)
    wrong = [
        "{",
        "[]",
        '{"cells": [], "metadata": 3}',
        '{"cells": [], "metadata": {"mdesign": [1]}}',
        '{"cells": [3]}',
    ]
    for text in wrong:
        path.write_text(text)
        with pytest.raises(UsageError, match=r"fig1\.ipynb"):
            discover(checkout.workspace.root)
