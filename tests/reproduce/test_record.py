import json
import math
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from mdesign import papers, paths
from mdesign.reproduce import Row, machine
from mdesign.reproduce.notebook import read_notebook
from mdesign.reproduce.record import record, recorded

module = sys.modules["mdesign.reproduce.record"]

NOTEBOOK = "gidn/fig2_peaks"
OURS = {"share_over_next": 1.5, "speed": 0.5, "minimum": 0.012}


def drawing(height: float = 1.0) -> Figure:
    figure = Figure(figsize=(1, 1))
    figure.add_subplot().plot([0, height])
    return figure


def keep(notebook=NOTEBOOK, **changes):
    settings = {
        "profile": "quick",
        "seed": 3,
        "ours": OURS,
        "figure": drawing(),
        "parameters": {"profile": "quick", "seed": 3, "n_samples": 20_000},
    }
    return record(notebook, **(settings | changes))


def written(home: Path, name: str = "fig2_peaks.json") -> Path:
    return home / "runs" / "quick" / "gidn" / name


def contents(home: Path) -> dict:
    return json.loads(written(home).read_text(encoding="utf-8"))


def test_rows_hold_the_claim_beside_our_number(home):
    keep()
    rows = {row["name"]: row for row in contents(home)["rows"]}
    assert set(rows) == set(OURS)
    for name, claim in papers.claims_of(NOTEBOOK).items():
        if name not in OURS:
            continue
        row = rows[name]
        assert Row.of(row).cells() == Row(name, claim, {3: OURS[name]}).cells()
        assert row["ours"] == {"3": OURS[name]}
        assert row["median"] == OURS[name]
        assert row["verdict"] == claim.verdict(OURS[name])
    assert rows["speed"]["verdict"] == "contradicted"
    assert rows["minimum"]["verdict"] == "reproduced"


def test_rows_are_in_the_order_of_the_paper(home):
    keep()
    order = [name for name in papers.claims_of(NOTEBOOK) if name in OURS]
    assert [row["name"] for row in contents(home)["rows"]] == order


def test_json_says_what_was_run_and_on_what(home):
    keep(results={"energy": 1 / 3, "curve": np.arange(3) / 3, "kept": np.True_, "none": None})
    found = contents(home)
    assert (found["id"], found["paper"], found["profile"], found["seed"]) == (
        NOTEBOOK,
        "gidn",
        "quick",
        3,
    )
    assert found["parameters"]["n_samples"] == 20_000
    assert found["results"] == {
        "energy": 0.333333,
        "curve": [0.0, 0.333333, 0.666667],
        "kept": True,
        "none": None,
    }
    assert {"python", "numpy", "mdesign"} <= set(found["versions"])
    assert "cores" in found["device"] or "GPU" in found["device"]
    assert 0 < found["wall_seconds"] < 1e5


def test_json_is_sorted_readable_and_ends_with_a_line(home):
    keep()
    text = written(home).read_text(encoding="utf-8")
    found = json.loads(text)
    assert list(found) == sorted(found)
    assert text.count("\n") > 20
    assert text.endswith("}\n")


def test_equal_figures_give_equal_bytes(home):
    keep()
    first = written(home, "fig2_peaks.png").read_bytes()
    keep()
    assert written(home, "fig2_peaks.png").read_bytes() == first
    keep(figure=drawing(height=-1.0))
    assert written(home, "fig2_peaks.png").read_bytes() != first
    assert b"Software" not in first


def test_the_last_digits_of_a_layout_do_not_move_a_pixel(home):
    def image_on_a_pixel_boundary(error):
        figure = Figure((1, 1))
        # The left edge lies between two pixels of 300, as it may in a layout of equal halves.
        ax = figure.add_axes((100.5 / 300 + error, 0.2, 0.5, 0.5))
        ax.imshow(np.eye(4), aspect="auto")
        return figure

    kept = []
    for error in (-1e-12, 1e-12):
        keep(figure=image_on_a_pixel_boundary(error))
        kept.append(written(home, "fig2_peaks.png").read_bytes())
    assert kept[0] == kept[1]


def test_figures_have_the_resolution_of_print(home):
    keep()
    header = written(home, "fig2_peaks.png").read_bytes()[16:24]
    width, height = np.frombuffer(header, dtype=">u4")
    assert (width, height) == (300, 300)


def test_several_figures_by_suffix(home):
    keep(figure={"": drawing(), "paths": drawing()})
    names = {path.name for path in written(home).parent.iterdir()}
    assert names == {"fig2_peaks.json", "fig2_peaks.png", "fig2_peaks_paths.png"}


def test_a_notebook_without_claims_records_none(home):
    comparison = keep("gidn/fig1_framework", ours={})
    assert comparison.rows == ()
    assert "no number to compare" in repr(comparison)
    assert "no number to compare" in comparison._repr_html_()
    assert "no number to compare" in comparison._repr_markdown_()
    assert written(home, "fig1_framework.json").is_file()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ours": {"maximum": 1.0}}, r"minimum.*got \['maximum'\]"),
        ({"ours": {"minimum": math.nan}}, "ours must be finite"),
        ({"ours": {"minimum": math.inf}}, "ours must be finite"),
        ({"results": {"curve": np.array([1.0, np.nan])}}, r"results.curve\[1\] must be finite"),
        ({"parameters": {"rate": math.inf}}, "parameters.rate must be finite"),
        ({"results": {"design": {1, 2}}}, "results.design must be numbers.*got set"),
        ({"profile": "../laptop"}, "profile must be a plain folder name"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_written(home, changes, message):
    with pytest.raises(ValueError, match=message):
        keep(**changes)
    assert not list(home.rglob("*.*"))


def test_a_figure_that_fails_leaves_the_record_of_before(home):
    keep()
    before = written(home).read_bytes()

    class Broken(Figure):
        def savefig(self, *arguments, **settings):
            raise RuntimeError("no ink")

    with pytest.raises(RuntimeError, match="no ink"):
        keep(figure=Broken(), seed=4)
    assert written(home).read_bytes() == before
    assert len(list(written(home).parent.iterdir())) == 2


def test_table_shows_claim_paper_ours_verdict(home):
    comparison = keep()
    claim = papers.claims_of(NOTEBOOK)["share_over_next"]
    for table in (repr(comparison), comparison._repr_markdown_(), comparison._repr_html_()):
        assert "2 reproduced, 1 contradicted" in table
        for cell in (claim.statement, "≥ 1", "1.5", "0.012", "contradicted"):
            assert cell in table
    assert comparison._repr_markdown_().count("\n|") == 5
    assert comparison._repr_html_().count("<tr>") == 4


def test_the_time_of_reused_results_counts(home, monkeypatch):
    # Other tests of the same process may have reused results of their own.
    monkeypatch.setattr(module.storage, "reused_seconds", lambda: 0.0)
    keep()
    alone = contents(home)["wall_seconds"]
    monkeypatch.setattr(module.storage, "reused_seconds", lambda: 1e5)
    # An hour back, as a clock that is set does.
    monkeypatch.setattr(module.time, "time", lambda now=time.time: now() - 3600)
    keep()
    assert contents(home)["reused_seconds"] == 1e5
    assert 1e5 + alone <= contents(home)["wall_seconds"] < 2e5


def test_baselines_better_than_ours_stand_in_the_table(home):
    rivals = {"gradient descent": 5.2, "chance": 0.5}
    comparison = keep(baselines={"share_over_next": rivals})
    assert "1.5; better: gradient descent 5.2" in repr(comparison)
    assert "chance" not in repr(comparison)
    (row,) = (row for row in contents(home)["rows"] if row["baselines"])
    assert row["baselines"] == rivals
    with pytest.raises(ValueError, match=r"stand in ours.*got \['share'\]"):
        keep(baselines={"share": {"chance": 1.0}})


@pytest.fixture
def kernel(monkeypatch):
    """Let the test run in a kernel; return its variables."""
    variables = {name: 7 for name in read_notebook(paths.repository(), NOTEBOOK).parameters}
    variables |= {"profile": "mine", "figure": "not a parameter"}
    shell = SimpleNamespace(user_ns=variables)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    return variables


def test_parameters_are_read_from_the_kernel(home, kernel):
    record(NOTEBOOK, ours=OURS, figure=drawing())
    found = json.loads((home / "runs" / "mine" / "gidn" / "fig2_peaks.json").read_text())
    assert (found["profile"], found["seed"]) == ("mine", 7)
    assert found["parameters"] == {k: v for k, v in kernel.items() if k != "figure"}


def test_what_is_given_comes_before_what_the_kernel_has(home, kernel):
    assert keep(seed=4).profile == "quick"
    assert contents(home)["seed"] == 4
    assert contents(home)["parameters"] == {"profile": "quick", "seed": 3, "n_samples": 20_000}


def test_a_parameters_cell_that_was_not_run_is_named(home, kernel):
    del kernel["n_starts"]
    with pytest.raises(ValueError, match=r"parameters cell of gidn/fig2_peaks.*n_starts"):
        record(NOTEBOOK, ours=OURS, figure=drawing())


def test_without_a_kernel_parameters_have_to_be_given(home, monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    with pytest.raises(ValueError, match="parameters of gidn/fig2_peaks must be given"):
        keep(parameters=None)
    assert keep(profile=None, seed=None).profile == "quick"
    assert contents(home)["seed"] == 3


def test_commit_names_the_state_of_the_checkout(monkeypatch, tmp_path):
    def git(*arguments):
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True, capture_output=True)

    monkeypatch.setattr(paths, "repository", lambda: tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert module._commit() is None
    git("init")
    (tmp_path / "a.txt").write_text("1")
    git("add", "a.txt")
    git("-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-m", "first")
    clean = module._commit()
    assert clean is not None
    assert clean.isalnum()
    (tmp_path / "a.txt").write_text("2")
    assert module._commit() == f"{clean}+dirty"
    (tmp_path / "a.txt").write_text("1")
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "b.json").write_text("1")
    git("add", "figures")
    assert module._commit() == clean


def test_no_git_is_no_commit(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert module._commit() is None


def test_recording_does_not_load_tensorflow():
    program = "import sys, mdesign.reproduce.record; assert 'tensorflow' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_device_is_the_graphics_processor_where_there_is_one(monkeypatch):
    class Configuration:
        class experimental:
            @staticmethod
            def get_device_details(device):
                return {"device_name": f"Accelerator {device}"}

        @staticmethod
        def list_physical_devices(kind):
            return [1, 2] if kind == "GPU" else []

    class Library:
        config = Configuration

    monkeypatch.setitem(sys.modules, "tensorflow", Library)
    assert machine.device() == "Accelerator 1, Accelerator 2"


def test_recorded_prefers_the_run_and_falls_back_to_the_published_figures(
    home, tmp_path, monkeypatch
):
    monkeypatch.setattr(paths, "figures", lambda: tmp_path / "figures")
    with pytest.raises(FileNotFoundError, match="mdesign reproduce gidn/fig2_peaks"):
        recorded(NOTEBOOK, profile="quick")
    published = tmp_path / "figures" / "gidn"
    published.mkdir(parents=True)
    (published / "fig2_peaks.json").write_text('{"profile": "laptop"}', encoding="utf-8")
    assert recorded(NOTEBOOK, profile="quick") == {"profile": "laptop"}
    keep()
    assert recorded(NOTEBOOK, profile="quick")["profile"] == "quick"
    for damaged in (written(home).read_bytes()[:-9], b"", b"[]", bytes(range(256))):
        written(home).write_bytes(damaged)
        with pytest.raises(ValueError, match=r"fig2_peaks\.json is damaged; run it first"):
            recorded(NOTEBOOK, profile="quick")
