"""The command line: ``mdesign list | reproduce | report | data | bench``.

Exit codes: 0 all went well (data that cannot be reached are no failure); 1 a notebook failed, or
a file could not be had; 2 the request cannot be met, and nothing was run; 3 the disk is full;
130 and 143 stopped by the keyboard or a signal.
"""

from __future__ import annotations

import errno
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperCommand

# The modules that do the work are imported by the commands: `mdesign --help` stays quick.

__all__ = ["app"]

app = typer.Typer(
    name="mdesign",
    help="Reproduce papers on the inverse design of materials, notebook by notebook.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
_data = typer.Typer(help="Public data: list, fetch, locate.", no_args_is_help=True)
app.add_typer(_data, name="data")

_FAILED, _USAGE, _DISK_FULL = 1, 2, 3
_WIDTH = 150  # of tables where there is no terminal

_Json = Annotated[Path | None, typer.Option("--json", help="Also write the result to this file.")]


class _Stopped(KeyboardInterrupt):
    """A signal asked the command to stop."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class _WithPairs(TyperCommand):
    """A command with a repeatable option of two values, which typer lacks."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Join ``-p NAME VALUE`` into ``-p NAME=VALUE``."""
        words, joined = iter(args), []
        for word in words:
            joined.append(word)
            if word == "-p":
                name = next(words, "")
                value = "" if "=" in name else f"={next(words, '')}"
                joined.append(name + value)
        return super().parse_args(ctx, joined)


@app.command("list")
def list_notebooks(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the notebooks: what they show and need, their cost, and whether they are up to date."""
    from mdesign.reproduce import report, runner
    from mdesign.reproduce.cache import Workspace

    with _errors():
        planned = runner.plan(runner.Request(), Workspace.of_checkout())
        rows = sorted(report.notebook_rows(planned.tasks.values()), key=lambda row: row["id"])
    typer.echo(json.dumps(rows, indent=2) if as_json else report.notebooks_table(rows))


@app.command(cls=_WithPairs)
def reproduce(
    names: Annotated[
        list[str] | None, typer.Argument(help="Notebooks or papers; all if none is named.")
    ] = None,
    profile: Annotated[str, typer.Option(help="quick, or a file of notebooks/profiles.")] = "quick",
    jobs: Annotated[
        int | None,
        typer.Option(help="Notebooks to run at a time; as cores and memory allow by default."),
    ] = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option("-p", metavar="NAME VALUE", help="Set a parameter; may be repeated."),
    ] = None,
    seeds: Annotated[
        str | None,
        typer.Option(metavar="LIST", help="Run once a seed, such as 0,1,2; median and range."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Run what is up to date too.")] = False,
    as_json: _Json = None,
) -> None:
    """Run the notebooks that are out of date, and compare their numbers with the papers."""
    from mdesign.reproduce import machine, progress, report, runner
    from mdesign.reproduce.cache import Workspace

    with _errors(), _signals():
        given = tuple(_pair(text) for text in parameters or ())
        jobs = machine.suitable_jobs() if jobs is None else jobs
        request = runner.Request(
            tuple(names or ()), profile, given, force=force, jobs=jobs, seeds=_seeds(seeds)
        )
        workspace = Workspace.of_checkout()
        planned = runner.plans(request, workspace)
        with progress.on(_errors_console(), profile) as watcher:
            ends = runner.execute_seeds(request, planned, workspace, watcher)
        good = {end.id for end in ends if end.is_good} - {end.id for end in ends if not end.is_good}
        rows = report.claim_rows(
            task for one in planned for task in one.tasks.values() if task.id in good
        )
        full = report.write_report(workspace.runs / profile, profile, ends, rows)
        _output().print(report.summary_table(ends, rows))
        typer.echo(f"{report.counts(ends, rows)}\nfull table: {full}")
        if as_json:
            report.write_json(as_json, profile, ends, rows)
    if any(end.status == "failed" for end in ends):
        raise typer.Exit(_FAILED)


@app.command("report")
def refresh_verdicts() -> None:
    """Refresh the verdicts in README.md and figures/*/README.md from the published records."""
    from mdesign.reproduce import verdicts
    from mdesign.reproduce.cache import Workspace

    with _errors():
        for page in verdicts.refresh(Workspace.of_checkout().root):
            typer.echo(page)


@app.command()
def bench(
    name: Annotated[str | None, typer.Argument(help="A benchmark; lists them if missing.")] = None,
    as_json: _Json = None,
) -> None:
    """Measure speed against peers in the same run."""
    from mdesign.reproduce import bench as benchmarks
    from mdesign.reproduce import report
    from mdesign.reproduce.cache import Workspace

    with _errors():
        root = Workspace.of_checkout().root
        if name is None:
            files = benchmarks.benches(root).items()
            body = [[one, benchmarks.described(path)] for one, path in files]
            _output().print(report.table(["benchmark", "measures"], body))
            return
        rows = benchmarks.run_bench(root, name, progress=_errors_console().is_terminal)
        _output().print(benchmarks.bench_table(rows))
        if as_json:
            benchmarks.write_json(as_json, name, rows)


@_data.command("list")
def list_data() -> None:
    """List the public files: size, licence, and whether they are here."""
    from mdesign import data, paths
    from mdesign.reproduce import report

    cache = paths.data_cache()
    body = [
        [
            file.key,
            f"{file.bytes / 2**20:.1f} MiB",
            "yes" if (cache / file.key).is_file() else "no",
            file.licence,
            file.citation,
        ]
        for file in data.files()
    ]
    _output().print(report.table(["key", "size", "fetched", "licence", "cite"], body))


@_data.command("fetch")
def fetch_data(
    names: Annotated[list[str], typer.Argument(help="Keys, or groups of them.")],
) -> None:
    """Fetch public files into the cache, with their checksums verified."""
    from mdesign import data

    with _errors(ValueError):
        for file in [file for name in names for file in data.find(name)]:
            typer.echo(data.fetch(file, progress=_errors_console().is_terminal))


@_data.command("path")
def path_of_data(key: Annotated[str, typer.Argument(help="Key of a file.")]) -> None:
    """Print the path of a public file that has been fetched."""
    from mdesign import data, paths

    with _errors(ValueError):
        data.find(key)
        path = paths.data_cache() / key
    if not path.exists():
        _complain(f"{key} is not here; fetch it with: mdesign data fetch {key}")
        raise typer.Exit(_FAILED)
    typer.echo(path)


def _pair(text: str) -> tuple[str, str]:
    """Split ``NAME=VALUE``."""
    from mdesign.reproduce.notebook import UsageError

    name, separator, value = text.partition("=")
    if not (name and separator and value):
        raise UsageError("-p must be followed by a name and a value, such as: -p seed 1")
    return name, value


def _seeds(text: str | None) -> tuple[int, ...]:
    """Read ``0,1,2``."""
    from mdesign.reproduce.notebook import UsageError

    try:
        return tuple(map(int, text.split(","))) if text is not None else ()
    except ValueError as error:
        raise UsageError(f"--seeds must read as 0,1,2; got {text!r}") from error


@contextmanager
def _errors(*usage: type[Exception]) -> Iterator[None]:
    """Turn errors of use or of the machine into one line and an exit code."""
    from mdesign.data import DataNotReachable
    from mdesign.reproduce.notebook import UsageError

    wrong: tuple[type[Exception], ...] = (UsageError, *usage)
    try:
        yield
    except DataNotReachable as error:
        _complain(str(error))
        raise typer.Exit(_FAILED) from error
    except wrong as error:
        _complain(str(error))
        raise typer.Exit(_USAGE) from error
    except OSError as error:
        if error.errno is None or error.filename is None:
            raise
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        more = "; everything was stopped" if is_full else ""
        _complain(f"{error.strerror}: {error.filename}{more}")
        raise typer.Exit(_DISK_FULL if is_full else _FAILED) from error
    except KeyboardInterrupt as error:
        number = getattr(error, "number", signal.SIGINT)
        _complain("stopped; what was finished stays, the same command goes on from there")
        raise typer.Exit(128 + number) from error


@contextmanager
def _signals() -> Iterator[None]:
    """Let SIGTERM stop the kernels as an interrupt from the keyboard does."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise _Stopped(number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _output() -> Console:
    """Console of tables."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)


def _errors_console() -> Console:
    """Console of progress and error messages."""
    return Console(stderr=True)


def _complain(text: str) -> None:
    """Print an error message."""
    _errors_console().print(f"[red]mdesign:[/] {escape(text)}", highlight=False, soft_wrap=True)
