import errno
import json
import math

import nbformat
import pytest
from typer.testing import CliRunner

from mdesign import data, paths
from mdesign.cli import app
from mdesign.papers import Claim
from mdesign.reproduce import Row, machine, runner
from mdesign.reproduce.outcome import Outcome

KEY = "gan_mdn/MDN_weights.h5"


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A checkout with two notebooks, the second of which needs the first."""
    folder = tmp_path / "checkout"
    for name, needs in (("a", []), ("b", ["demo/a"])):
        cell = nbformat.v4.new_code_cell(
            'profile: str = "quick"\nseed: int = 0', metadata={"tags": ["parameters"]}
        )
        about = {
            "id": f"demo/{name}",
            "paper": "demo",
            "shows": f"Fig. {name}",
            "needs": needs,
            "seconds": {"quick": 3},
        }
        path = folder / "notebooks" / "demo" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"mdesign": about}), path)
    monkeypatch.setattr(paths, "repository", lambda: folder)
    monkeypatch.setenv("MDESIGN_HOME", str(tmp_path / "home"))
    return folder


@pytest.fixture
def ends(monkeypatch):
    """Let runs end at once, as a table says; return the table and the requests."""
    table, requests = {}, []

    def execute(request, planned, workspace, watcher):
        requests.append(request)
        if isinstance(end := table.get("raise"), BaseException):
            raise end
        return {one: Outcome(one, table.get(one, "done")) for one in planned.tasks}

    monkeypatch.setattr(runner, "execute", execute)
    return table, requests


def call(*words):
    return CliRunner().invoke(app, words)


def test_list_shows_every_notebook(root):
    text = call("list").output
    assert "demo/a" in text and "Fig. b" in text and "never run" in text and "3 s" in text
    rows = json.loads(call("list", "--json").stdout)
    assert [row["id"] for row in rows] == ["demo/a", "demo/b"]
    assert rows[1]["needs"] == ["demo/a"]
    assert rows[1]["state"] == "never run"


def test_reproduce_hands_over_what_was_asked(root, ends, tmp_path):
    words = ["b", "--jobs", "2", "-p", "seed", "-1", "--force", "--json", str(tmp_path / "r.json")]
    found = call("reproduce", *words)
    assert found.exit_code == 0, found.output
    (request,) = ends[1]
    assert request == runner.Request(("b",), "quick", (("seed", "-1"),), force=True, jobs=2)
    assert "2 notebooks: 2 done" in found.stdout
    report = paths.runs() / "quick" / "report.md"
    assert f"full table: {report}" in found.stdout
    assert "| demo/b | done |" in report.read_text()
    assert len(json.loads((tmp_path / "r.json").read_text())["notebooks"]) == 2


@pytest.mark.parametrize(("end", "code"), [("failed", 1), ("skipped", 0), ("up to date", 0)])
def test_only_a_failure_is_a_failure(root, ends, end, code):
    ends[0]["demo/b"] = end
    assert call("reproduce").exit_code == code


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["c"], "unknown notebook 'c'"),
        (["--profile", "fast"], "unknown profile 'fast'; known are quick"),
        (["-p", "sede", "1"], "demo/a has no parameter 'sede'; it knows seed"),
        (["-p", "seed", "x"], "must be int; got 'x' (str)"),
        (["-p", "seed"], "a name and a value"),
        (["--jobs", "0"], "--jobs must be at least 1"),
    ],
)
def test_a_wrong_request_says_what_is_wrong_and_runs_nothing(root, ends, words, message):
    found = call("reproduce", *words)
    assert found.exit_code == 2
    assert message in found.stderr
    assert not ends[1]


def test_seeds_are_handed_over_one_plan_each(root, ends):
    found = call("reproduce", "b", "--seeds", "0,2")
    assert found.exit_code == 0, found.output
    assert [request.seeds for request in ends[1]] == [(0, 2)] * 2
    assert call("reproduce", "--seeds", "0,x").exit_code == 2


def test_jobs_are_those_that_suit_the_machine(root, ends, monkeypatch):
    monkeypatch.setattr(machine, "suitable_jobs", lambda: 5)
    call("reproduce")
    assert ends[1][0].jobs == 5


def test_report_refreshes_the_verdicts_of_the_pages(root):
    claim = Claim("It is large", "order", None, (1.0, math.inf), "Fig. 1", "why", "MPa")
    record = {"id": "demo/a", "profile": "laptop", "rows": [Row("x", claim, {0: 2.0}).content()]}
    folder = root / "figures" / "demo"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text(json.dumps(record))
    (folder / "README.md").write_text("# Demo\n<!-- verdicts demo -->\nold\n<!-- end -->\nText\n")
    page = root / "README.md"
    page.write_text("| demo | <!-- counts demo --><!-- end --> |\n")
    assert call("report").stdout.split() == [str(page), str(folder / "README.md")]
    assert page.read_text() == "| demo | <!-- counts demo -->1 reproduced<!-- end --> |\n"
    lines = (folder / "README.md").read_text().splitlines()
    assert (
        lines[4]
        == "| a (laptop) | It is large | – | ≥ 1 MPa<br><sub>why</sub> | 2 MPa | reproduced |"
    )
    assert (lines[0], lines[5], lines[6]) == ("# Demo", "<!-- end -->", "Text")
    assert call("report").stdout == ""


def test_a_full_disk_has_its_own_code(root, ends):
    ends[0]["raise"] = runner.DiskFull(errno.ENOSPC, "no space left, 0 MiB free", "/place")
    found = call("reproduce")
    assert found.exit_code == 3
    assert "no space left, 0 MiB free: /place" in found.stderr


def test_other_errors_of_the_system_are_one_line(root, ends):
    ends[0]["raise"] = PermissionError(errno.EACCES, "Permission denied", "/place")
    found = call("reproduce")
    assert found.exit_code == 1
    assert found.stderr == "mdesign: Permission denied: /place\n"


def test_a_home_that_cannot_be_written_is_named(root, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("MDESIGN_HOME", str(tmp_path / "file" / "home"))
    assert "never run" in call("list").output
    found = call("reproduce")
    assert found.exit_code == 2
    assert found.stderr.count("\n") == 1
    assert "name another folder in MDESIGN_HOME" in found.stderr


def test_an_interrupt_says_how_to_go_on(root, ends):
    ends[0]["raise"] = KeyboardInterrupt()
    found = call("reproduce")
    assert found.exit_code == 130
    assert "the same command goes on" in found.stderr


def test_a_folder_that_is_no_checkout_is_named(monkeypatch):
    def nowhere():
        raise FileNotFoundError("no mdesign checkout here")

    monkeypatch.setattr(paths, "repository", nowhere)
    for command in ("list", "reproduce", "report", "bench"):
        found = call(command)
        assert found.exit_code == 2
        assert "no mdesign checkout here" in found.stderr


def test_bench_lists_what_there_is(root):
    folder = root / "tests" / "benchmarks"
    folder.mkdir(parents=True)
    row = {"case": "one", "ours": 2.0, "peer": 1.0, "ratio": 2.0, "required": 1.5, "unit": "x"}
    (folder / "bench_tiny.py").write_text(
        f'"""Measures."""\ndef run(progress=False):\n    return [{row!r}]'
    )
    assert "tiny" in call("bench").stdout
    found = call("bench", "tiny", "--json", str(root / "bench.json"))
    assert found.exit_code == 0
    assert "yes" in found.stdout
    assert json.loads((root / "bench.json").read_text())["rows"][0]["met"] is True
    assert call("bench", "none").exit_code == 2


def test_data_are_listed_and_found(home):
    assert KEY in call("data", "list").stdout
    missing = call("data", "path", KEY)
    assert missing.exit_code == 1
    assert f"mdesign data fetch {KEY}" in missing.stderr
    path = paths.data_cache() / KEY
    path.parent.mkdir(parents=True)
    path.touch()
    assert call("data", "path", KEY).stdout.strip() == str(path)
    assert call("data", "path", "none").exit_code == 2


def test_data_are_fetched_by_key_or_group(monkeypatch, tmp_path):
    asked = []

    def fetch(file, *, progress):
        asked.append(file.key)
        if file.key == KEY:
            return tmp_path / "x"
        raise data.DataNotReachable(f"{file.key} cannot be had")

    monkeypatch.setattr(data, "fetch", fetch)
    assert call("data", "fetch", KEY).stdout.strip() == str(tmp_path / "x")
    found = call("data", "fetch", "gan_mdn")
    assert found.exit_code == 1
    assert "cannot be had" in found.stderr
    assert asked == [KEY, KEY, "gan_mdn/dataset_z4.hdf5"]
