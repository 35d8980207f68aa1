"""Run one notebook in a process of its own: ``python -m mdesign.reproduce.worker``.

The first line of standard input is the job, a Python literal; each line of standard output is an
event, JSON. The end of standard input means that the runner is gone: the kernel and this process
end too, however the runner ended.
"""

from __future__ import annotations

import ast
import base64
import errno
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import psutil

__all__ = ["main"]

_FULL = {errno.ENOSPC, errno.EDQUOT}
_LONGEST = 300
_FILE = re.compile(r"\[Errno \d+\] .*: '(.+)'")
_PICTURE = re.compile(r"\]\((?!\w+:)([^)]+\.png)\)")


def main() -> None:
    """Run the job that standard input names and say on standard output how it went."""
    channel = _own_standard_output()
    job = ast.literal_eval(sys.stdin.readline())
    tempfile.tempdir = job["stage"]  # for the connection file, which a killed kernel leaves behind
    os.environ["MDESIGN_RESULTS"] = job["stage"]
    os.environ["MDESIGN_NEEDED"] = json.dumps(job["needed"])
    signal.signal(signal.SIGTERM, lambda *_: _end(job))
    threading.Thread(target=_end_with_runner, args=(job,), daemon=True).start()
    _say(channel, _run(job, channel))


def _run(job: Mapping[str, Any], channel: TextIO) -> dict[str, Any]:
    """Execute the notebook into the folder of the job."""
    try:
        return _execute(job, channel)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        return {"status": "disk full", "error": str(error), "file": error.filename}


def _execute(job: Mapping[str, Any], channel: TextIO) -> dict[str, Any]:
    """Execute through papermill; return how it ended."""
    # Only here: they take a second that the thread above must not wait for.
    import nbformat
    from nbclient.exceptions import DeadKernelError
    from papermill import PapermillExecutionError, execute_notebook

    _extend_papermill(channel)
    notebook = nbformat.read(job["notebook"], as_version=4)
    _embed_pictures(notebook, Path(job["notebook"]).parent)
    try:
        execute_notebook(
            notebook,
            str(Path(job["stage"]) / Path(job["notebook"]).name),
            job["parameters"],
            engine_name="mdesign",
            progress_bar=False,
            cwd=Path(job["notebook"]).parent,
        )
    except PapermillExecutionError as error:
        return _of_cell(error)
    except DeadKernelError:
        return {"status": "failed", "error": "kernel died, probably out of memory"}
    except OSError:
        raise
    except Exception as error:  # whatever it is, the other notebooks go on
        return {"status": "failed", "error": _shortened(f"{type(error).__name__}: {error}")}
    return {"status": "done"}


def _embed_pictures(notebook: Any, folder: Path) -> None:
    """Attach the pictures in the prose, whose relative links break where the copy lies."""
    for cell in notebook.cells:
        for link in set(_PICTURE.findall(cell.source)) if cell.cell_type == "markdown" else ():
            path = folder / link
            if path.is_file():
                content = base64.b64encode(path.read_bytes()).decode()
                cell.setdefault("attachments", {})[path.name] = {"image/png": content}
                cell.source = cell.source.replace(f"]({link})", f"](attachment:{path.name})")


def _extend_papermill(channel: TextIO) -> None:
    """Let papermill report the cell it runs, and pass tuples as tuples."""
    from papermill.engines import NBClientEngine, papermill_engines
    from papermill.translators import PythonTranslator, papermill_translators

    class Engine(NBClientEngine):
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
            cells = nb_man.nb.cells
            start = nb_man.cell_start

            def cell_start(cell: Any, cell_index: int, **more: Any) -> None:
                line = next(iter(cell.source.strip().splitlines()), "")
                number = _number_in_source(cells, cell_index)
                event = {"cell": number, "of": len(cells) - 1, "line": _shortened(line)}
                _say(channel, {"status": "running", **event})
                start(cell, cell_index, **more)

            nb_man.cell_start = cell_start
            return super().execute_managed_notebook(nb_man, kernel_name, **options)

    class Translator(PythonTranslator):
        @classmethod
        def translate(cls, val: Any) -> str:
            if isinstance(val, tuple):
                return "(" + "".join(f"{cls.translate(entry)}, " for entry in val) + ")"
            return super().translate(val)

    papermill_engines.register("mdesign", Engine)
    papermill_translators.register("python", Translator)
    papermill_translators.register("python3", Translator)


def _number_in_source(cells: list[Any], index: int) -> int:
    """Count a cell, from 1, in the notebook without the cell that papermill injects."""
    injected = sum("injected-parameters" in cell.metadata.tags for cell in cells[: index + 1])
    return index + 1 - injected


def _of_cell(error: Any) -> dict[str, Any]:
    """Classify the exception of a cell."""
    if error.ename == "DataNotReachable":
        return {"status": "skipped", "error": f"data not reachable: {error.evalue}"}
    if error.ename == "OSError" and any(f"[Errno {code}]" in error.evalue for code in _FULL):
        named = _FILE.search(error.evalue)
        return {"status": "disk full", "error": error.evalue, "file": named and named[1]}
    text = _shortened(f"{error.ename}: {error.evalue}".strip(": \n"))
    return {"status": "failed", "error": text, "execution": error.exec_count}


def _shortened(text: str) -> str:
    """First line of a text, cut where it gets long."""
    line = next(iter(text.strip().splitlines()), "")
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} ..."


def _own_standard_output() -> TextIO:
    """Keep standard output for the events; what else writes to it goes to standard error."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return channel


def _say(channel: TextIO, event: Mapping[str, Any]) -> None:
    """Send one event to the runner."""
    channel.write(json.dumps(event) + "\n")
    channel.flush()


def _end_with_runner(job: Mapping[str, Any]) -> None:
    """Wait until the runner closes standard input or dies; then end."""
    while os.read(0, 1):  # not sys.stdin, whose lock would hang the end of this process
        pass
    _end(job)


def _end(job: Mapping[str, Any]) -> None:
    """End the kernel, which lives in a session of its own, and this process."""
    for child in psutil.Process().children(recursive=True):
        child.kill()
    shutil.rmtree(job["stage"], ignore_errors=True)
    os._exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    main()
