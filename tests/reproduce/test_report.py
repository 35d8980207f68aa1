import io
import json
from dataclasses import replace
from math import inf

import pytest
from rich.console import Console

from mdesign.papers import Claim
from mdesign.reproduce import Row, bench, progress, report
from mdesign.reproduce.notebook import UsageError
from mdesign.reproduce.outcome import Outcome

CLAIM = Claim("It is [large]", "value", 360_000, (350_000, inf), "Fig. 1", "why", "MPa")
ROW = Row("x", CLAIM, {0: 362_241.0}).content()
BENCH = '''"""Measures speed.

More about it.
"""


def run(progress=False):
    return [
        {"case": "a", "ours": 4e4, "peer": 400.0, "ratio": 100.0, "required": 50, "unit": "1/s"},
        {"case": "b", "ours": 1.0, "peer": 1.0, "ratio": 1.0, "required": 1.6, "unit": "1/s"},
        {"case": "c", "ours": 1.0, "peer": "not installed", "ratio": None, "required": 2},
    ]
'''


def printed(table) -> str:
    console = Console(file=io.StringIO(), width=150)
    console.print(table)
    return console.file.getvalue()


@pytest.fixture
def recorded(checkout):
    """Tasks of two notebooks, of which one has recorded a claim."""
    checkout.write("demo/a")
    checkout.write("demo/b", needs=["demo/a"], seconds={"quick": 3, "paper": 7000})
    tasks = checkout.plan().tasks
    task = tasks["demo/a"]
    task.record.parent.mkdir(parents=True)
    task.record.write_text(json.dumps({"profile": "quick", "rows": [ROW]}))
    return tasks


def test_claims_are_read_from_the_records(recorded):
    (row,) = report.claim_rows(recorded.values())
    assert row == {"notebook": "demo/a", "profile": "quick", **ROW}
    text = report.claims_markdown([row])
    assert text.count("\n") == 2
    for cell in ("a (quick)", "It is [large]", "360,000 MPa", "362,241 MPa", "reproduced"):
        assert f"| {cell} |" in text
    assert "| ≥ 350,000 MPa<br><sub>why</sub> |" in text


def test_counts_tell_ends_and_verdicts():
    outcomes = [Outcome("d/a", "done"), Outcome("d/b", "done"), Outcome("d/c", "skipped")]
    rows = [ROW, {**ROW, "verdict": "contradicted"}]
    found = report.counts(outcomes, rows)
    assert found == "3 notebooks: 2 done, 1 skipped; claims: 1 reproduced, 1 contradicted"


def test_the_summary_has_a_line_a_paper():
    outcomes = [
        Outcome("d/a", "done", seconds=100.0),
        Outcome("d/b", "failed", "why", seconds=25.0),
        Outcome("e/c", "up to date"),
    ]
    rows = [{**ROW, "notebook": "d/a", "profile": "quick"}]
    text = printed(report.summary_table(outcomes, rows))
    (line,) = [line for line in text.splitlines() if "│ d " in line]
    for cell in ("1 done, 1 failed", "1 reproduced", "2 min 05 s"):
        assert cell in line
    assert "1 up to date" in text
    assert len(text.splitlines()) == 6


def test_the_full_table_of_a_run_is_written(recorded, tmp_path):
    rows = report.claim_rows(recorded.values())
    wrong = Row("y", replace(CLAIM, statement="Either | or"), {0: 3e5, 1: 2e5, 2: 1e5})
    rows.append({**rows[0], **wrong.content()})
    outcomes = [Outcome("demo/a", "done", seconds=2.0), Outcome("demo/b", "failed", "a\nb | c")]
    path = report.write_report(tmp_path, "quick", outcomes, rows)
    text = path.read_text()
    assert path == tmp_path / "report.md"
    assert "2 notebooks: 1 done, 1 failed; claims: 1 reproduced, 1 contradicted" in text
    assert r"| demo/b | failed | 0 s | a b \| c |" in text
    assert "## demo: 1 reproduced, 1 contradicted" in text
    assert "| 200,000 MPa (100,000 to 300,000, 3 seeds) | **contradicted** |" in text
    assert json.loads((tmp_path / "report.json").read_text())["claims"] == rows


def test_json_of_a_run(recorded, tmp_path):
    rows = report.claim_rows(recorded.values())
    report.write_json(tmp_path / "run.json", "quick", [Outcome("d/a", "failed", "why", 2.0)], rows)
    found = json.loads((tmp_path / "run.json").read_text())
    assert found["notebooks"] == [
        {"id": "d/a", "status": "failed", "message": "why", "seconds": 2.0}
    ]
    assert found["claims"] == rows


def test_the_list_fits_80_columns_and_cuts_no_identifier(checkout):
    name = f"demo/{'long_' * 6}name"
    checkout.write(name, shows="Fig. 1: " + "many words " * 20, needs=["demo/a"])
    checkout.write("demo/a", seconds={"quick": 3, "laptop": 1800, "paper": 7000})
    text = report.notebooks_table(report.notebook_rows(checkout.plan().tasks.values()))
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["notebook", "quick", "laptop", "paper", "state", "(quick)"]
    assert len([line for line in lines if line.startswith(name)]) == 1
    assert "needs demo/a" in " ".join(text.split())


def test_the_list_has_a_column_for_each_profile(recorded):
    rows = report.notebook_rows(recorded.values())
    assert {row["id"]: row["state"] for row in rows} == {
        "demo/a": "never run",
        "demo/b": "never run",
    }
    text = report.notebooks_table(rows)
    for cell in ("quick", "laptop", "paper", "7000 s", "demo/b", "never run"):
        assert cell in text


@pytest.mark.parametrize("terminal", [False, True])
def test_progress_says_how_each_ended(recorded, terminal):
    console = Console(file=io.StringIO(), width=150, force_terminal=terminal)
    notebook = recorded["demo/a"].notebook
    with progress.on(console, "quick") as watcher:
        watcher.started(notebook, "a.key does not fit")
        watcher.at_cell(notebook, 2, 3)
        watcher.ended(Outcome("demo/a", "failed", "cell 2, `x[0]`: IndexError", 1.25))
        watcher.ended(Outcome("demo/b", "skipped", "needs demo/a, which failed"))
    text = console.file.getvalue()
    assert "cell 2, `x[0]`: IndexError" in text
    assert "needs demo/a, which failed" in text
    assert "a.key does not fit; it is made anew" in text
    assert ("\x1b" in text) == terminal
    if not terminal:
        assert text.splitlines()[1] == "demo/a: started (about 1 s)"
        assert text.splitlines()[2].startswith("demo/a: failed (1.2 s): cell 2")
        assert len(text.splitlines()) == 4


@pytest.fixture
def benchmarks(checkout):
    folder = checkout.workspace.root / "tests" / "benchmarks"
    folder.mkdir(parents=True)
    (folder / "bench_small.py").write_text(BENCH)
    return checkout.workspace.root


def test_benches_are_found_and_judged(benchmarks, tmp_path):
    (path,) = bench.benches(benchmarks).values()
    assert bench.described(path) == "Measures speed."
    rows = bench.run_bench(benchmarks, "small")
    assert [row["met"] for row in rows] == [True, False, None]
    text = printed(bench.bench_table(rows))
    for cell in ("40,000", "not installed", "1.6", "yes", "no"):
        assert cell in text
    bench.write_json(tmp_path / "b.json", "small", rows)
    found = json.loads((tmp_path / "b.json").read_text())
    assert found["rows"] == rows
    assert found["machine"]["cores"] >= 1
    assert "numpy" in found["machine"]["packages"]


def test_an_unknown_bench_is_refused(benchmarks):
    with pytest.raises(UsageError, match="unknown benchmark 'fast'; known are small"):
        bench.run_bench(benchmarks, "fast")
