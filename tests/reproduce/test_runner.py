import base64
import errno
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import nbformat
import papermill
import psutil
import pytest

from mdesign import paths
from mdesign.reproduce import machine, runner, worker
from mdesign.reproduce.outcome import Outcome
from mdesign.reproduce.processes import Processes, environment

WRITE = """
from mdesign.paths import run_folder
(run_folder("demo", profile) / "{name}.txt").write_text(repr({value}))
"""
READ = """
from mdesign.paths import run_folder
first = (run_folder("demo", profile) / "first.txt").read_text()
(run_folder("demo", profile) / "second.txt").write_text(first + "+1")
"""
NOT_REACHABLE = """
from mdesign.data import DataNotReachable
raise DataNotReachable("x/y cannot be had; try again with: mdesign data fetch x/y")
"""


def written(checkout, name: str, profile: str = "quick") -> str:
    return (checkout.workspace.runs / profile / "demo" / f"{name}.txt").read_text()


def statuses(outcomes) -> dict[str, str]:
    return {one.partition("/")[2]: outcome.status for one, outcome in outcomes.items()}


@pytest.fixture
def no_kernel(monkeypatch):
    """Let a notebook leave files and end at once, as tables say; tell what ran in what order."""
    ran, ends, files = [], {}, {}

    def run(self, task, stage):
        ran.append(task.id)
        (stage / task.output.name).write_text("{}")
        for name, content in files.items():
            (stage / name).write_text(content)
        end = ends.get(task.id, "done")
        if isinstance(end, Exception):
            raise end
        return Outcome(task.id, end)

    monkeypatch.setattr(Processes, "run", run)
    return SimpleNamespace(ran=ran, ends=ends, files=files)


def test_all_kinds_of_ends_in_one_run(checkout, watched):
    """One run of real kernels: parameters, order, a failure, missing data, a killed kernel."""
    sizes = 'profile: str = "quick"\nseed: int = 0\nsizes: tuple[int, ...] = (1,)'
    value = "(seed, sizes, type(sizes).__name__)"
    first = checkout.write("demo/first", WRITE.format(name="first", value=value), parameters=sizes)
    before = first.read_bytes()
    checkout.write("demo/second", READ, needs=["demo/first"])
    checkout.write("demo/broken", "x = 1", "y = x\n1 / 0", "print('never')")
    checkout.write("demo/after_broken", needs=["demo/broken"])
    checkout.write("demo/far", NOT_REACHABLE)
    checkout.write("demo/after_far", needs=["demo/far"])
    checkout.write("demo/killed", "import os; os._exit(9)")
    others = ("second", "broken", "after_broken", "far", "after_far", "killed")
    entries = {f"demo/{name}": None for name in others}
    checkout.write_profile("laptop", {"demo/first": {"seed": 5, "sizes": [2, 3]}} | entries)

    outcomes = checkout.run(profile="laptop", jobs=2, watcher=watched)

    assert statuses(outcomes) == {
        "first": "done",
        "second": "done",
        "broken": "failed",
        "after_broken": "skipped",
        "far": "skipped",
        "after_far": "skipped",
        "killed": "failed",
    }
    assert written(checkout, "first", "laptop") == "(5, (2, 3), 'tuple')"
    assert written(checkout, "second", "laptop") == "(5, (2, 3), 'tuple')+1"
    assert first.read_bytes() == before
    message = outcomes["demo/broken"].message
    assert message.startswith("cell 4 (In [4]), `y = x`: ZeroDivisionError: division by zero")
    assert "kernel died, probably out of memory" in outcomes["demo/killed"].message
    assert "mdesign data fetch x/y" in outcomes["demo/far"].message
    assert outcomes["demo/after_broken"].message == "needs demo/broken, which failed"
    assert outcomes["demo/after_far"].message == "needs demo/far, which was skipped"
    partial = nbformat.read(
        checkout.workspace.runs / "laptop" / "demo" / "broken.failed.ipynb", as_version=4
    )
    assert any(out.output_type == "error" for c in partial.cells for out in c.get("outputs", []))
    assert not list(checkout.workspace.runs.rglob(".*"))
    assert ("demo/broken", 4, 5) in watched.cells
    assert sorted(watched.ended_ids) == sorted(outcomes)
    # What went well is kept, what did not is tried again.
    assert set(checkout.plan(profile="laptop").due) == {
        one for one, outcome in outcomes.items() if outcome.status != "done"
    }


RECORD = """
import json
from mdesign.paths import result_folder
content = {"profile": profile, "parameters": {"profile": profile, "seed": seed}, "rows": []}
content["commit"] = "abc1234"
(result_folder("demo", profile) / "a.json").write_text(json.dumps(content))
"""


def test_a_run_by_hand_is_neither_up_to_date_nor_published(checkout):
    """Plain papermill writes the record of another seed where the runner keeps its own."""
    path = checkout.write("demo/a", RECORD)
    checkout.write_profile("laptop", {"demo/a": {"seed": 3}})
    checkout.run(profile="laptop")
    published = checkout.workspace.figures / "demo" / "a.json"
    assert json.loads(published.read_text())["parameters"]["seed"] == 3
    by_hand = {"profile": "laptop", "seed": 1}
    copy = checkout.workspace.runs / "by_hand.ipynb"
    papermill.execute_notebook(path, copy, by_hand, progress_bar=False)
    task = checkout.plan(profile="laptop").tasks["demo/a"]
    assert json.loads(task.record.read_text())["parameters"]["seed"] == 1
    assert task.state == "out of date"
    assert statuses(checkout.run(profile="laptop")) == {"a": "done"}
    for record in (task.record, published):
        assert json.loads(record.read_text())["parameters"]["seed"] == 3


def test_a_full_disk_stops_everything_and_leaves_nothing_half_written(checkout):
    checkout.write("demo/a", "raise OSError(28, 'No space left on device', '/data/x')")
    checkout.write("demo/b", needs=["demo/a"])
    with pytest.raises(runner.DiskFull, match="MiB free") as raised:
        checkout.run()
    assert raised.value.filename == "/data/x"
    folder = checkout.workspace.runs / "quick" / "demo"
    assert not list(folder.glob("*.key"))
    assert not list(folder.glob(".*"))


def test_a_disk_that_fills_up_while_keeping_a_result_is_full_too(checkout, no_kernel, monkeypatch):
    def full(self, stage):
        raise OSError(errno.ENOSPC, "No space left on device", str(self.stamp))

    checkout.write("demo/a")
    monkeypatch.setattr("mdesign.reproduce.cache.Task.keep", full)
    with pytest.raises(runner.DiskFull) as raised:
        checkout.run()
    assert raised.value.filename.endswith("a.key")


def test_other_errors_of_the_system_are_not_called_a_full_disk(checkout, no_kernel):
    checkout.write("demo/a")
    no_kernel.ends["demo/a"] = PermissionError(errno.EACCES, "Permission denied", "/x")
    with pytest.raises(PermissionError):
        checkout.run()


def test_only_what_is_out_of_date_runs_and_needs_run_first(checkout, no_kernel):
    ran = no_kernel.ran
    checkout.write("demo/a", needs=["demo/c"])
    checkout.write("demo/b")
    checkout.write("demo/c")
    checkout.run("a")
    assert ran == ["demo/c", "demo/a"]
    ran.clear()
    assert statuses(checkout.run()) == {"a": "up to date", "b": "done", "c": "up to date"}
    assert ran == ["demo/b"]
    ran.clear()
    checkout.run("a", force=True)
    assert ran == ["demo/a"]


def test_what_failed_is_tried_again_and_what_needs_it_then_runs(checkout, no_kernel):
    ran, ends = no_kernel.ran, no_kernel.ends
    checkout.write("demo/a")
    checkout.write("demo/b", needs=["demo/a"])
    checkout.write("demo/c", needs=["demo/b"])
    ends["demo/a"] = "failed"
    assert statuses(checkout.run()) == {"a": "failed", "b": "skipped", "c": "skipped"}
    ends.clear()
    assert statuses(checkout.run()) == {"a": "done", "b": "done", "c": "done"}
    assert ran == ["demo/a", "demo/a", "demo/b", "demo/c"]


def test_nothing_runs_when_the_request_is_wrong(checkout, no_kernel):
    ran = no_kernel.ran
    checkout.write("demo/a")
    for wrong in ({"given": (("x", "1"),)}, {"profile": "fast"}, {"jobs": 0}):
        with pytest.raises(runner.UsageError):
            checkout.run(**wrong)
    assert ran == []


def test_jobs_share_the_cores(monkeypatch):
    monkeypatch.setattr("mdesign.reproduce.processes.cores", lambda: 8)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    monkeypatch.setenv("TF_NUM_INTEROP_THREADS", "64")
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    assert environment(1)["OMP_NUM_THREADS"] == "8"
    found = environment(3)
    assert found["OMP_NUM_THREADS"] == found["TF_NUM_INTEROP_THREADS"] == "2"
    assert found["NUMBA_NUM_THREADS"] == "1"  # a lower limit of the user stays
    assert environment(20)["TF_NUM_INTEROP_THREADS"] == "1"
    # The numbers of TensorFlow depend on these threads, those of a notebook not on the jobs.
    assert all(environment(jobs)["TF_NUM_INTRAOP_THREADS"] == "8" for jobs in (1, 3, 20))


@pytest.mark.parametrize(
    ("cores", "available", "limit", "jobs"),
    [(8, 64, "max", 8), (8, 10, "max", 3), (8, 64, str(7 * 2**30), 2), (2, 1, "max", 1)],
)
def test_jobs_are_as_many_as_cores_and_memory_allow(
    monkeypatch, tmp_path, cores, available, limit, jobs
):
    (tmp_path / "limit").write_text(f"{limit}\n")
    monkeypatch.setattr(machine, "cores", lambda: cores)
    monkeypatch.setattr(machine, "_CGROUP_LIMIT", tmp_path / "limit")
    memory = SimpleNamespace(available=available * 2**30)
    monkeypatch.setattr(machine.psutil, "virtual_memory", lambda: memory)
    monkeypatch.setattr(machine.shutil, "which", lambda name: None)
    assert machine.suitable_jobs() == jobs
    monkeypatch.setattr(machine.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert machine.suitable_jobs() == 1
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert machine.suitable_jobs() == jobs


def test_the_longest_chain_of_work_starts_first(checkout, no_kernel):
    ran = no_kernel.ran
    checkout.write("demo/a", seconds={"quick": 10})
    checkout.write("demo/b", seconds={"quick": 1})
    checkout.write("demo/c", seconds={"quick": 20}, needs=["demo/b"])
    checkout.write("demo/d", seconds={"laptop": 99})
    checkout.run()
    assert ran == ["demo/b", "demo/c", "demo/a", "demo/d"]


def test_no_more_notebooks_run_at_a_time_than_jobs(checkout, monkeypatch):
    running, most = [], []

    def run(self, task, stage):
        running.append(task.id)
        most.append(len(running))
        time.sleep(0.02)
        running.remove(task.id)
        return Outcome(task.id, "failed")

    monkeypatch.setattr(Processes, "run", run)
    for name in "abcdef":
        checkout.write(f"demo/{name}")
    checkout.run(jobs=2)
    assert max(most) == 2


def test_pictures_of_the_prose_are_part_of_the_executed_copy(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "a.png").write_bytes(b"picture")
    links = "![a](figures/a.png) ![b](figures/none.png) ![c](https://x.org/c.png)"
    markdown = nbformat.v4.new_markdown_cell(links)
    notebook = nbformat.v4.new_notebook(cells=[markdown, nbformat.v4.new_code_cell(links)])
    worker._embed_pictures(notebook, tmp_path)
    assert markdown.source == links.replace("figures/a.png", "attachment:a.png")
    assert base64.b64decode(markdown.attachments["a.png"]["image/png"]) == b"picture"
    assert list(markdown.attachments) == ["a.png"]
    assert notebook.cells[1].source == links
    nbformat.validate(notebook)


def test_a_process_that_cannot_start_its_work_is_a_failure_with_its_last_words(
    checkout, monkeypatch
):
    monkeypatch.setattr("mdesign.reproduce.processes._job", lambda task, stage: {"no": "job"})
    checkout.write("demo/a")
    outcome = checkout.run()["demo/a"]
    assert outcome.status == "failed"
    assert "ended early: KeyError" in outcome.message


SLOW = """
import os, pathlib, time
from mdesign.paths import run_folder
folder = run_folder("demo", profile)
attempt = folder / "attempt.txt"
if hold:
    attempt.write_text(str(os.getpid()))
    time.sleep(120)
(folder / "second.txt").write_text((folder / "first.txt").read_text() + "+1")
"""
COMMAND = """
import sys
from pathlib import Path
from mdesign import paths
paths.repository = lambda: Path(sys.argv[1])
from mdesign.cli import app
app(["reproduce", "--jobs", "2"])
"""


def test_a_killed_run_ends_its_kernels_and_goes_on_where_it_was(
    checkout, home, tmp_path, monkeypatch
):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    package = Path(paths.__file__).parent  # as the command has it
    checkout.workspace = replace(checkout.workspace, package=package)
    random = WRITE.format(name="first", value='__import__("random").random()')
    checkout.write("demo/first", random)
    held = 'profile: str = "quick"\nhold: bool = True'
    checkout.write("demo/second", SLOW, needs=["demo/first"], parameters=held)
    folder = checkout.workspace.runs / "quick" / "demo"
    for number, code in ((signal.SIGTERM, 143), (signal.SIGKILL, -9)):
        process = started(checkout.workspace.root)
        kernel = waited_for(folder / "attempt.txt", process)
        process.send_signal(number)
        said = process.communicate(timeout=30)[1]
        assert process.returncode == code
        assert number == signal.SIGKILL or "stopped" in said
        deadline = time.monotonic() + 30
        while psutil.pid_exists(kernel) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not psutil.pid_exists(kernel)
        assert not list(folder.glob("second.key"))
        assert not list(temporary.rglob("*.json")), "a killed kernel left its connection file"
        (folder / "attempt.txt").unlink()
        first = written(checkout, "first")
        assert checkout.plan().due == {"demo/second"}
    outcomes = checkout.run("second", given=(("hold", "false"),))
    assert statuses(outcomes) == {"first": "up to date", "second": "done"}
    assert checkout.plan().tasks["demo/second"].state == "never run"
    path = checkout.plan("second", given=(("hold", "false"),)).tasks["demo/second"].output
    assert path.is_file()
    assert written(checkout, "second") == f"{first}+1"
    assert not list(folder.glob(".*"))


def started(root: Path) -> subprocess.Popen[str]:
    """The command line on a checkout of a test."""
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )


def waited_for(marker: Path, process: subprocess.Popen[str]) -> int:
    """Number of the kernel that wrote a marker."""
    deadline = time.monotonic() + 180
    while not (marker.is_file() and marker.read_text()):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return int(marker.read_text())


@pytest.fixture
def publishing(checkout, no_kernel):
    """A checkout whose notebook, when run, leaves a record with a picture."""
    checkout.write("demo/a")
    for profile in ("laptop", "paper", "mine"):
        checkout.write_profile(profile, {"demo/a": {}})

    def run(profile, content, *, commit="abc1234", **request):
        record = json.dumps({"profile": profile, "rows": [], "of": content, "commit": commit})
        no_kernel.files |= {"a.json": record, "a.png": content, "a_inset.png": content}
        checkout.run_seeds(profile=profile, **request)
        folder = checkout.workspace.figures / "demo"
        return {path.name: path.read_text() for path in sorted(folder.glob("*"))}

    return run


def test_full_runs_publish_figures_and_numbers(publishing):
    assert publishing("quick", "quick") == {}
    assert publishing("mine", "mine") == {}
    found = publishing("laptop", "laptop")
    assert sorted(found) == ["a.json", "a.png", "a_inset.png"]
    assert found["a.png"] == found["a_inset.png"] == "laptop"
    assert publishing("laptop", "newer", force=True)["a.png"] == "newer"


def test_a_lower_profile_never_replaces_a_higher_one(publishing):
    publishing("laptop", "laptop")
    paper = publishing("paper", "paper")
    assert paper["a.png"] == "paper"
    assert publishing("laptop", "laptop again", force=True) == paper


def test_runs_with_other_parameters_never_publish(publishing):
    assert publishing("laptop", "seed 1", given=(("seed", "1"),)) == {}


@pytest.mark.parametrize("commit", [None, "abc1234+dirty"])
def test_only_runs_from_a_clean_commit_publish(publishing, checkout, commit):
    assert publishing("laptop", "laptop", commit=commit) == {}
    (outcome,) = checkout.run_seeds(profile="laptop")
    assert "clean commit" in outcome.message


def test_all_seeds_are_published_as_one_result(publishing, checkout):
    found = publishing("laptop", "laptop", seeds=(0, 3))
    assert found["a.png"] == "laptop"
    record = json.loads(found["a.json"])
    (other,) = record["other_seeds"]
    assert other["of"] == record["of"] == "laptop"
    assert len(list(checkout.workspace.runs.rglob("a.json"))) == 2
    assert publishing("laptop", "one seed", force=True) == found
    assert publishing("laptop", "others", seeds=(1, 2), force=True)["a.png"] == "others"


def test_a_seed_that_fails_publishes_nothing(publishing, no_kernel):
    no_kernel.ends["demo/a"] = "failed"
    assert publishing("laptop", "laptop", seeds=(0, 1)) == {}


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"seeds": (1, 1)}, "must be different and not negative"),
        ({"seeds": (-1,)}, "must be different and not negative"),
        ({"seeds": (1,), "given": (("seed", "2"),)}, "exclude each other"),
    ],
)
def test_seeds_that_mean_nothing_are_refused(request_, message):
    with pytest.raises(runner.UsageError, match=message):
        runner.Request(**request_)


def test_failed_runs_never_publish(publishing, no_kernel):
    no_kernel.ends["demo/a"] = "failed"
    assert publishing("laptop", "laptop") == {}


@pytest.mark.parametrize("end", ["failed", "skipped", KeyboardInterrupt()])
def test_a_forced_run_that_fails_leaves_the_good_result(checkout, no_kernel, end):
    checkout.write("demo/a")
    no_kernel.files |= {"a.json": '{"profile": "quick"}', "a.png": "good"}
    checkout.run()
    folder = checkout.workspace.runs / "quick" / "demo"
    good = {path.name: path.read_bytes() for path in folder.iterdir()}
    no_kernel.files["a.png"] = "half"
    no_kernel.ends["demo/a"] = end
    with suppress(KeyboardInterrupt):
        checkout.run(force=True)
    left = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert left.pop("a.failed.ipynb", b"") == (b"{}" if end == "failed" else b"")
    assert left == good
    assert checkout.plan().due == set()


def test_other_parameters_never_replace_the_result_of_the_profile(checkout, no_kernel):
    checkout.write("demo/a")
    for seed in ("0", "1"):
        no_kernel.files["a.json"] = f'{{"profile": "quick", "of": {seed}}}'
        checkout.run(given=(("seed", seed),))
    usual, other = (checkout.plan(given=(("seed", seed),)).tasks["demo/a"] for seed in "01")
    assert [json.loads(task.record.read_text())["of"] for task in (usual, other)] == [0, 1]
    assert usual.state == other.state == "up to date"
    assert usual.record == checkout.plan().tasks["demo/a"].record


NEEDED = """
from mdesign.reproduce import recorded
import mdesign.paths as paths
first = recorded("demo/a", profile=profile)["parameters"]["seed"]
(paths.result_folder("demo", profile) / "b.json").write_text(f'{{"profile": "", "a": {first}}}')
"""


def test_a_notebook_reads_the_record_that_was_made_for_it(checkout):
    """The one with its own parameters, and each file of a run stays in its own place."""
    checkout.write("demo/a", RECORD)
    checkout.write("demo/b", NEEDED, needs=["demo/a"])
    for seed in ("0", "7"):
        assert set(statuses(checkout.run("b", given=(("seed", seed),))).values()) == {"done"}
    tasks = [checkout.plan(given=(("seed", seed),)).tasks["demo/b"] for seed in "07"]
    assert [json.loads(task.record.read_text())["a"] for task in tasks] == [0, 7]
    assert not list(checkout.workspace.runs.rglob(".*"))


def test_a_folder_that_cannot_be_written_is_named_at_once(checkout, no_kernel, tmp_path):
    (tmp_path / "file").touch()
    checkout.workspace = replace(checkout.workspace, runs=tmp_path / "file" / "runs")
    checkout.write("demo/a")
    with pytest.raises(runner.UsageError, match=r"cannot be written into .*MDESIGN_HOME"):
        checkout.run()
    assert no_kernel.ran == []


def test_what_is_up_to_date_is_published_if_it_is_missing(publishing, checkout):
    before = publishing("laptop", "laptop")
    for path in (checkout.workspace.figures / "demo").glob("*"):
        path.unlink()
    assert publishing("laptop", "laptop") == before
