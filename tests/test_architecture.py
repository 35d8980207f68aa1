"""Who may import whom, and what may lie where."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mdesign import paths

ROOT = paths.repository()
PACKAGE = ROOT / "mdesign"
MODULES = sorted(path.relative_to(ROOT) for path in PACKAGE.rglob("*.py"))

# The parts of the package, and the parts each may import; lower never imports higher.
GROUND = {"arguments", "paths", "seeding", "storage"}
PHYSICS = {"microstructure", "crystals", "physics"}
BELOW_MODELS = GROUND | PHYSICS | {"training", "data"}
BELOW_STUDIES = BELOW_MODELS | {"papers", "models", "design", "analysis"}
MAY_IMPORT = {
    "__init__": set(),
    "arguments": set(),
    "paths": set(),
    "seeding": {"arguments"},
    "storage": {"arguments", "paths", "seeding"},
    "microstructure": GROUND,
    "crystals": GROUND,
    "physics": GROUND,
    "papers": GROUND,
    "training": GROUND,
    "data": GROUND | PHYSICS,
    "models": BELOW_MODELS,
    # Design and analysis never import each other.
    "design": BELOW_MODELS | {"models"},
    "analysis": BELOW_MODELS | {"models"},
    # Questions that notebooks ask of several parts; nothing imports them.
    "studies": BELOW_STUDIES,
    # Arrays in, Axes out.
    "plotting": {"arguments"},
    "reproduce": GROUND | {"papers", "data", "plotting"},
    "cli": BELOW_STUDIES | {"studies", "plotting", "reproduce"},
}
WITHOUT_TENSORFLOW = GROUND | PHYSICS | {"__init__", "papers", "data", "plotting"}
DRAW_NOTHING = BELOW_STUDIES | {"studies"}
TOP_LEVEL = {
    ".ci",
    ".gitignore",
    ".pre-commit-config.yaml",
    "CHANGELOG.md",
    "CITATION.cff",
    "LICENSE",
    "README.md",
    "environment.yml",
    "figures",
    "mdesign",
    "notebooks",
    "pyproject.toml",
    "tests",
}


def part_of(module: Path) -> str:
    """The part of the package a module belongs to."""
    return Path(module.parts[1]).stem


def imported(tree: ast.AST, module: Path) -> Iterator[str]:
    """Full names of all that a module imports, in functions too."""
    package = list(module.parts[:-1])
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


def parsed(module: Path) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_all_modules_are_seen():
    assert len(MODULES) >= 25
    assert {part_of(module) for module in MODULES} <= set(MAY_IMPORT)


def test_imports_are_seen_wherever_they_stand():
    source = (
        "import mdesign.physics\n"
        "from mdesign import papers\n"
        "from mdesign.models.predictor import build_predictor\n"
        "def f():\n"
        "    from .sampling import random_designs\n"
        "    from ..plotting import style\n"
        "    from .. import cli\n"
    )
    assert list(imported(ast.parse(source), Path("mdesign/design/gidn.py"))) == [
        "mdesign.physics",
        "mdesign.papers",
        "mdesign.models.predictor.build_predictor",
        "mdesign.design.sampling.random_designs",
        "mdesign.plotting.style",
        "mdesign.cli",
    ]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_lower_layers_never_import_higher_ones(module):
    own = part_of(module)
    used = {
        name.split(".")[1]
        for name in imported(parsed(module), module)
        if name.startswith("mdesign.")
    }
    assert used - {own} <= MAY_IMPORT[own]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_folders_of_one_part_keep_apart(module):
    """No network imports another; readers of published data do not make training sets."""
    used = [name.split(".") for name in imported(parsed(module), module)]
    folder = module.parts[2] if len(module.parts) > 3 else None
    if part_of(module) == "models" and folder:
        others = {
            name[2]
            for name in used
            if name[:2] == ["mdesign", "models"] and (PACKAGE / "models" / name[2]).is_dir()
        }
        assert others <= {folder}
    if module.parts[1:3] == ("data", "public"):
        assert not [name for name in used if name[:3] == ["mdesign", "data", "sets"]]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_lower_layers_and_plotting_never_import_tensorflow(module):
    if part_of(module) not in WITHOUT_TENSORFLOW:
        return
    tree = parsed(module)
    if module == Path("mdesign/seeding.py"):
        # The one function whose work it is to seed Keras.
        tree.body = [node for node in tree.body if getattr(node, "name", "") != "seed_everything"]
    libraries = {name.split(".")[0] for name in imported(tree, module)}
    assert not libraries & {"tensorflow", "keras"}


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_only_the_upper_layers_draw(module):
    if part_of(module) in DRAW_NOTHING:
        libraries = {name.split(".")[0] for name in imported(parsed(module), module)}
        assert "matplotlib" not in libraries


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_modules_and_functions_stay_short(module):
    assert len((ROOT / module).read_text(encoding="utf-8").splitlines()) <= 500
    for function in functions(parsed(module)):
        first = function.body[1:2] if ast.get_docstring(function) else function.body
        start = first[0].lineno if first else function.end_lineno
        length = function.end_lineno - start + 1
        assert length <= 75, f"{function.name} has {length} lines"


def tracked() -> list[Path]:
    """Files that git keeps."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in listing.split("\0") if name]


def test_the_repository_holds_what_the_design_names():
    found = {path.parts[0] for path in tracked()}
    assert {"mdesign", "tests", "notebooks", "pyproject.toml"} <= found
    assert found <= TOP_LEVEL


def test_nothing_compiled_and_no_run_is_kept():
    kept = [path for path in tracked() if path.suffix in {".nbc", ".nbi", ".pyc"}]
    assert not kept
    assert not [path for path in tracked() if path.parts[0] == "runs"]
