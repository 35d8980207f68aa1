"""Run what is out of date, in dependency order, several notebooks at a time."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path

from mdesign import paths
from mdesign.reproduce import cache, profile, publish
from mdesign.reproduce.cache import Task, Workspace
from mdesign.reproduce.notebook import UsageError, discover, in_order, select
from mdesign.reproduce.outcome import Outcome, Watcher
from mdesign.reproduce.processes import Processes

__all__ = ["DiskFull", "Plan", "Request", "execute", "execute_seeds", "plan", "plans"]

_FULL = {errno.ENOSPC, errno.EDQUOT}


class DiskFull(OSError):
    """No space left on the disk; everything was stopped."""


@dataclass(frozen=True)
class Request:
    """What was asked for."""

    names: tuple[str, ...] = ()  # notebooks or papers; empty for all
    profile: str = profile.DEFAULT_PROFILE
    given: tuple[tuple[str, str], ...] = ()  # parameters, as typed
    force: bool = False  # run the named notebooks even if they are up to date
    jobs: int = 1  # notebooks to run at a time
    seeds: tuple[int, ...] = ()  # one run a seed; empty for the seed of the parameters

    def __post_init__(self) -> None:
        if len(set(self.seeds)) < len(self.seeds) or any(seed < 0 for seed in self.seeds):
            raise UsageError(f"--seeds must be different and not negative; got {self.seeds}")
        if self.seeds and "seed" in dict(self.given):
            raise UsageError("-p seed and --seeds exclude each other")
        if self.jobs < 1:
            raise UsageError(f"--jobs must be at least 1; got {self.jobs}")


@dataclass(frozen=True)
class Plan:
    """What will be run."""

    tasks: Mapping[str, Task]  # what was asked for and needed, in an order in which it can run
    due: frozenset[str]  # identifiers of those that have to run


def plan(request: Request, workspace: Workspace) -> Plan:
    """Find out what has to be run; a request that cannot be met is a UsageError here."""
    notebooks = discover(workspace.root)
    selected = select(notebooks, request.names)
    order = in_order(notebooks, selected)
    settings = profile.settings(workspace.root, request.profile, notebooks, order)
    given = profile.overrides(notebooks, selected, order, request.given)
    usual = {
        one: profile.effective(notebooks[one], request.profile, settings.get(one, {}))
        for one in order
    }
    values = {one: usual[one] | given.get(one, {}) for one in order}
    keys = cache.keys(notebooks, order, values, workspace.package)
    variants = cache.variants(notebooks, order, usual, values)
    tasks: dict[str, Task] = {}
    for one in order:
        needed = {need: tasks[need].record for need in notebooks[one].needs}
        where = (workspace.runs, variants[one], needed)
        tasks[one] = Task(notebooks[one], request.profile, values[one], keys[one], *where)
    forced = set(selected) if request.force else set()
    due = frozenset(one for one in order if one in forced or tasks[one].state != "up to date")
    return Plan(tasks, due)


def plans(request: Request, workspace: Workspace) -> list[Plan]:
    """Find out what has to be run, seed by seed."""
    if not request.seeds:
        return [plan(request, workspace)]
    given = ((*request.given, ("seed", str(seed))) for seed in request.seeds)
    return [plan(replace(request, given=one, seeds=()), workspace) for one in given]


def execute_seeds(
    request: Request, planned: list[Plan], workspace: Workspace, watcher: Watcher
) -> list[Outcome]:
    """Run what is due, seed by seed, and publish the results of full runs over all seeds."""
    ends = [execute(request, one, workspace, watcher) for one in planned]
    for identifier in planned[0].tasks if request.seeds and not request.given else ():
        if all(one[identifier].is_good for one in ends):
            tasks = [one.tasks[identifier] for one in planned]
            ends[-1][identifier] = _published(ends[-1][identifier], tasks, workspace)
    return [end for one in ends for end in one.values()]


def execute(
    request: Request, planned: Plan, workspace: Workspace, watcher: Watcher
) -> dict[str, Outcome]:
    """Run what is due, go on after a failure, and publish the results of a full run.

    Returns how each ended, in the order of the plan. DiskFull is raised after those that were
    running have been stopped, and a UsageError if nothing can be written.
    """
    _check_writable(workspace.runs)
    jobs = min(request.jobs, max(1, len(planned.due)))
    processes = Processes(jobs, watcher)

    def run(task: Task) -> Outcome:
        with paths.temporary_folder(task.output.parent, task.notebook.name) as stage:
            outcome = processes.run(task, stage)
            executed = stage / task.output.name
            if outcome.status == "done":
                task.keep(stage)
                if not task.variant and not request.seeds:
                    outcome = _published(outcome, [task], workspace)
            elif outcome.status == "failed" and executed.is_file():
                executed.replace(task.failed)
        return outcome

    outcomes: dict[str, Outcome] = {}
    try:
        with ThreadPoolExecutor(jobs) as pool:
            try:
                _run_all(planned, outcomes, jobs, lambda task: pool.submit(run, task), watcher)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                processes.stop()
                raise
        for one, outcome in outcomes.items():
            task = planned.tasks[one]
            if outcome.status == "up to date" and not task.variant and not request.seeds:
                outcomes[one] = _published(outcome, [task], workspace)
    except OSError as error:
        if error.errno in _FULL:
            raise _full(error, workspace.runs) from error
        raise
    return {one: outcomes[one] for one in planned.tasks}


def _run_all(
    planned: Plan,
    outcomes: dict[str, Outcome],
    jobs: int,
    submit: Callable[[Task], Future[Outcome]],
    watcher: Watcher,
) -> None:
    """Start each notebook once all that it needs have ended."""
    waiting = _longest_first(planned.tasks)
    running: set[Future[Outcome]] = set()
    while waiting or running:
        for task in list(waiting):
            if any(need not in outcomes for need in task.notebook.needs):
                continue
            outcome = _without_running(task, planned, outcomes)
            if outcome is not None:
                waiting.remove(task)
                outcomes[task.id] = outcome
                watcher.ended(outcome)
            elif len(running) < jobs:
                waiting.remove(task)
                running.add(submit(task))
        if running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for outcome in (future.result() for future in done):
                outcomes[outcome.id] = outcome
                watcher.ended(outcome)


def _published(outcome: Outcome, tasks: list[Task], workspace: Workspace) -> Outcome:
    """Publish the result of a notebook; the outcome says why where that is not done."""
    return replace(outcome, message=publish.publish(tasks, workspace.figures))


def _longest_first(tasks: Mapping[str, Task]) -> list[Task]:
    """Sort by the expected time until the last notebook that needs a notebook has ended."""
    seconds: dict[str, float] = dict.fromkeys(tasks, 0.0)
    for one, task in reversed(list(tasks.items())):
        seconds[one] += task.notebook.seconds.get(task.profile, 0.0)
        for need in task.notebook.needs:
            seconds[need] = max(seconds[need], seconds[one])
    return sorted(tasks.values(), key=lambda task: -seconds[task.id])


def _without_running(task: Task, planned: Plan, outcomes: Mapping[str, Outcome]) -> Outcome | None:
    """Outcome of a notebook that need not or cannot be run; None for one to run."""
    if task.id not in planned.due:
        return Outcome(task.id, "up to date")
    for need in task.notebook.needs:
        if not outcomes[need].is_good:
            why = "failed" if outcomes[need].status == "failed" else "was skipped"
            return Outcome(task.id, "skipped", f"needs {need}, which {why}")
    return None


def _check_writable(folder: Path) -> None:
    """Say at once if no results can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        if error.errno in _FULL:
            raise
        raise UsageError(
            f"results cannot be written into {folder} ({error.strerror}); "
            "name another folder in MDESIGN_HOME"
        ) from error


def _full(error: OSError, folder: Path) -> DiskFull:
    """Make the error that says where the disk is full, and how much is free."""
    place = Path(error.filename or folder).absolute()
    existing = next(path for path in (place, *place.parents) if path.is_dir())
    free = shutil.disk_usage(existing).free / 2**20
    reason = f"no space left on the disk, {free:,.0f} MiB free"
    return DiskFull(errno.ENOSPC, reason, str(place))
