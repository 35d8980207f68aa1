"""Every notebook keeps the conventions that the runner, the reader and nbval rely on."""

import ast
import io
import json
import re
import tokenize
from collections import Counter
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

from mdesign import data, papers, paths
from mdesign.reproduce import Row

ROOT = paths.repository()
FILES = {
    path.relative_to(ROOT / "notebooks").with_suffix("").as_posix(): path
    for path in sorted((ROOT / "notebooks").glob("*/*.ipynb"))
}
PROFILES = sorted((ROOT / "notebooks" / "profiles").glob("*.yaml"))
IDENTIFIERS = list(FILES)
every_notebook = pytest.mark.parametrize("identifier", IDENTIFIERS)
every_profile = pytest.mark.parametrize("profile", PROFILES, ids=lambda path: path.stem)


@cache
def notebook(identifier: str) -> nbformat.NotebookNode:
    return nbformat.read(FILES[identifier], as_version=4)


def code_cells(identifier: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook(identifier).cells if cell.cell_type == "code"]


def parameters_cell(identifier: str) -> str:
    tagged = [
        cell.source
        for cell in code_cells(identifier)
        if "parameters" in cell.metadata.get("tags", [])
    ]
    assert len(tagged) == 1, f"{len(tagged)} cells tagged parameters"
    return tagged[0]


def parameters(identifier: str) -> dict[str, Any]:
    """Names and defaults of the parameters."""
    statements = ast.parse(parameters_cell(identifier)).body
    return {node.target.id: ast.literal_eval(node.value) for node in statements}


def settings(profile: Path) -> dict[str, dict[str, Any]]:
    return yaml.safe_load(profile.read_text(encoding="utf-8"))


def text_of(output: nbformat.NotebookNode) -> str:
    if output.output_type == "stream":
        return output.text
    return "".join(
        content for kind, content in output.get("data", {}).items() if kind.startswith("text/")
    )


def test_no_notebook_is_lost():
    found = Counter(identifier.partition("/")[0] for identifier in IDENTIFIERS)
    assert found["gidn"] >= 10
    nested = {
        path for path in (ROOT / "notebooks").rglob("*.ipynb") if "checkpoint" not in path.name
    }
    assert nested == set(FILES.values())
    assert [profile.stem for profile in PROFILES] == ["laptop", "paper"]


@every_notebook
def test_format_and_kernel(identifier):
    found = notebook(identifier)
    nbformat.validate(found)
    assert found.metadata.kernelspec.name == "python3"
    assert "papermill" not in found.metadata
    assert not any({"execution", "papermill"} & set(cell.metadata) for cell in found.cells)


@every_notebook
def test_cells_with_outputs_have_a_number(identifier):
    cells = [cell for cell in notebook(identifier).cells if cell.cell_type == "code"]
    # nbval refuses others as not run.
    assert all(cell.execution_count for cell in cells if cell.outputs)


@every_notebook
def test_metadata_are_complete(identifier):
    found = notebook(identifier).metadata.mdesign
    assert set(found) == {"id", "paper", "shows", "needs", "data", "seconds"}
    assert found.id == identifier
    assert found.paper == identifier.partition("/")[0]
    assert found.paper in papers.known_papers()
    assert found.shows.strip()
    assert set(found.needs) <= set(FILES) - {identifier}
    for key in found.data:
        assert data.find(key)
    assert {"quick", "laptop"} <= set(found.seconds)
    assert all(seconds > 0 for seconds in found.seconds.values())


@every_notebook
def test_parameters_are_annotated_commented_literals(identifier):
    source = parameters_cell(identifier)
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = {token.start[0] for token in tokens if token.type == tokenize.COMMENT}
    for node in ast.parse(source).body:
        line = ast.unparse(node)
        assert isinstance(node, ast.AnnAssign), f"not an annotated assignment: {line}"
        assert isinstance(node.target, ast.Name)
        assert node.value is not None, f"no default: {line}"
        ast.literal_eval(node.value)
        assert comments & {node.lineno, node.end_lineno}, f"no comment: {line}"
    assert parameters(identifier)["profile"] == "quick"
    assert parameters(identifier)["seed"] == 0


@every_notebook
def test_cells_are_few_and_short_and_sections_begin_with_prose(identifier):
    cells = notebook(identifier).cells
    kinds = [cell.cell_type for cell in cells]
    assert kinds[0] == kinds[-1] == "markdown"
    runs = [len(list(run)) for kind, run in groupby(kinds) if kind == "code"]
    assert sum(runs) <= 25
    assert max(runs) <= 4, f"{max(runs)} cells without prose"
    for cell in code_cells(identifier):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert 1 <= len(lines) <= 25, f"{len(lines)} lines: {cell.source[:60]}"


@every_notebook
def test_checked_cells_have_something_to_check(identifier):
    marked = [cell for cell in code_cells(identifier) if "NBVAL_CHECK_OUTPUT" in cell.source]
    assert marked
    for cell in marked:
        printed = "".join(map(text_of, cell.outputs))
        assert printed.strip(), f"no stored output: {cell.source[:60]}"
        assert "%|" not in printed, "a progress bar in a checked cell"


@every_notebook
def test_stored_outputs_are_whole_and_clean(identifier):
    cells = code_cells(identifier)
    assert sum(bool(cell.outputs) for cell in cells) >= 3, "not executed"
    for output in (output for cell in cells for output in cell.outputs):
        assert output.output_type != "error"
        local = re.search(r"(/home/|/root/|/Users/|/tmp/|[A-Z]:\\)\S*", text_of(output))
        assert local is None, f"a path of one machine: {local}"
    assert any("image/png" in out.get("data", {}) for cell in cells for out in cell.outputs)


@every_notebook
def test_it_records_itself_and_shows_its_figure(identifier):
    name = identifier.partition("/")[2]
    source = "\n".join(cell.source for cell in code_cells(identifier))
    assert re.search(rf"\brecord\(\s*[\"']{identifier}[\"']", source)
    links = re.findall(
        r"\]\(([^)]+\.png)\)|src=\"([^\"]+\.png)\"", notebook(identifier).cells[0].source
    )
    shown = [(FILES[identifier].parent / "".join(link)).resolve() for link in links]
    assert paths.figures() / identifier.partition("/")[0] / f"{name}.png" in shown


@every_notebook
def test_parameters_keep_their_values_and_are_recorded_as_they_are(identifier):
    cells = (cell.source for cell in code_cells(identifier))
    code = "\n".join(cell for cell in cells if cell != parameters_cell(identifier))
    tree = ast.parse(re.sub(r"^%.*", "", code, flags=re.MULTILINE))
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    bound = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    assert not bound & set(parameters(identifier)), "record() reads the last value"
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    [call] = [node for node in calls if getattr(node.func, "id", "") == "record"]
    assert {keyword.arg for keyword in call.keywords} <= {"ours", "baselines", "figure", "results"}


@every_notebook
def test_its_figure_and_numbers_are_committed(identifier):
    record = paths.figures() / f"{identifier}.json"
    found = json.loads(record.read_text(encoding="utf-8"))
    assert record.with_suffix(".png").is_file()
    assert found["id"] == identifier
    assert found["profile"] in {"laptop", "paper"}
    if "reused_seconds" not in found:
        pytest.skip("recorded by an earlier form of the notebook; its full run is due")
    assert set(found["parameters"]) == set(parameters(identifier))
    # Claims are committed before the run that judges them.
    assert {row["name"] for row in found["rows"]} <= set(papers.claims_of(identifier))


@every_notebook
def test_its_committed_numbers_are_judged_by_the_claims_of_today(identifier):
    claims = papers.claims_of(identifier)
    found = json.loads((paths.figures() / f"{identifier}.json").read_text(encoding="utf-8"))
    for row in found["rows"]:
        read = Row.of(row)
        assert read.claim.statement == claims[row["name"]].statement
        assert row["verdict"] == claims[row["name"]].verdict(row["median"])


def test_every_claim_is_checked_by_a_notebook():
    for paper in papers.known_papers():
        notebooks = {f"{paper}/{key.partition('.')[0]}" for key in papers.claims(paper)}
        assert notebooks <= set(FILES)


@every_profile
def test_profiles_name_known_notebooks_and_parameters(profile):
    assert set(settings(profile)) <= set(FILES)
    for identifier, values in settings(profile).items():
        known = parameters(identifier)
        assert set(values) <= set(known) - {"profile"}, identifier
        for name, value in values.items():
            default = 0 if known[name] is None else known[name]  # None: a count that is not given
            alike = (int, float) if type(default) is float else type(default)
            # A bool is an int to Python, not to a reader.
            assert isinstance(value, alike), f"{identifier}: {name}"
            assert isinstance(value, bool) == isinstance(default, bool), f"{identifier}: {name}"


@every_profile
def test_profiles_change_what_they_name(profile):
    for identifier, values in settings(profile).items():
        same = [name for name, value in values.items() if value == parameters(identifier)[name]]
        assert not same, f"{identifier}: {same} as in quick"


def test_figures_4_and_5_of_gidn_run_the_same_loop_in_each_profile():
    figure_4, figure_5 = "gidn/fig4_active_learning", "gidn/fig5_statistics"
    for given in ({}, *map(settings, PROFILES)):
        loop = parameters(figure_4) | given.get(figure_4, {})
        assert loop.items() <= (parameters(figure_5) | given.get(figure_5, {})).items()
