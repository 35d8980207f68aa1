"""README.md and the pages beside figures and notebooks: links, verdicts, names, examples."""

import importlib
import os
import re
from pathlib import Path

import numpy as np
import pytest

from mdesign import paths
from mdesign.crystals import Structure, element_fractions, format_formula, write_cif
from mdesign.data import DataNotReachable
from mdesign.data.public.registry import fetch
from mdesign.data.sets.crystals import perovskite_sites, published_perovskite_splits
from mdesign.papers import known_papers
from mdesign.reproduce.notebook import discover
from mdesign.reproduce.verdicts import pages, with_verdicts

ROOT = paths.repository()
USERS = os.environ.get("MDESIGN_DATA_MIRROR") or str(paths.data_cache())
PAGES = [*pages(ROOT), ROOT / "notebooks" / "README.md"]
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def test_the_readme_is_short_and_begins_with_the_two_commands():
    text = text_of(ROOT / "README.md")
    assert len(text.encode()) < 12_000
    assert re.findall(r"```bash\n(.*?)\n```", text, re.DOTALL) == [
        "python -m pip install -e . && mdesign reproduce",
        'python -m pip install -e ".[test]" && pytest',
    ]


def test_every_paper_has_a_row_and_a_page():
    row = re.compile(r"^\| \[`(\w+)`\]\(figures/(\w+)/README\.md\).*<!-- counts (\w+) -->", re.M)
    assert {paper: names for paper, *names in row.findall(text_of(ROOT / "README.md"))} == {
        paper: [paper, paper] for paper in known_papers()
    }
    assert {page.parent.name for page in PAGES if page.parent.parent.name == "figures"} == set(
        known_papers()
    )


@every_page
def test_verdicts_are_those_of_the_published_records(page):
    # Refresh with: mdesign report
    assert with_verdicts(text_of(page), paths.figures()) == text_of(page)


@every_page
def test_every_picture_and_link_exists(page):
    links = re.findall(r"\]\((?!http)([^)]+)\)|<img src=\"([^\"]+)\"", text_of(page))
    for link in map("".join, links):
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        headings = re.findall(r"^#+ (.*)", text_of(target), re.M) if heading else []
        assert not heading or heading in {h.lower().replace(" ", "-") for h in headings}, link


@pytest.mark.parametrize("paper", known_papers())
def test_every_notebook_has_a_picture_on_the_page_of_its_paper(paper):
    text = text_of(ROOT / "figures" / paper / "README.md")
    for notebook in discover(ROOT).values():
        if notebook.paper == paper:
            assert f"(../../notebooks/{notebook.id}.ipynb)" in text, notebook.id


@every_page
def test_every_name_of_the_package_exists(page):
    for name in set(re.findall(r"\bmdesign(?:\.\w+)+", text_of(page))):
        parent, _, leaf = name.rpartition(".")
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            assert hasattr(importlib.import_module(parent), leaf), name


def example(page: str, heading: str = "") -> str:
    """The example of a page, or the one below a heading."""
    text = text_of(ROOT / page)
    below = text[text.index(heading) :]
    code = re.search(r"```python\n(.*?)```", below, re.DOTALL)
    assert code
    return code[1]


def run(code: str) -> None:
    exec(compile(code, "README.md", "exec"), {})


def printed_design(printed: str) -> tuple[float, np.ndarray]:
    """Toughness and picture that the example of the composite prints."""
    first, *lines = printed.splitlines()
    return float(first), np.array(
        [[int(phase) for phase in line.strip("[ ]").split()] for line in lines]
    )


def test_the_composite_of_the_readme_is_sane(capsys):
    code = example("README.md")
    run(code)
    toughness, picture = printed_design(capsys.readouterr().out)
    assert toughness == pytest.approx(float(re.findall(r"# ([\d.]+) times", code)[0]), rel=0.1)
    assert picture.shape == (20, 20)
    assert (picture == 0).mean() == pytest.approx(0.3)
    np.testing.assert_array_equal(picture, picture[::-1], "the halves mirror each other")
    assert (picture[:, :6] == 0).mean() > 0.6, "soft where the crack is"


def test_the_composite_of_the_readme_is_reproducible(capsys):
    quick = (
        "from mdesign.design.composites import MultistartSettings\n"
        "quick = MultistartSettings(n_starts=50, steps=50)\n"
    ) + example("README.md").replace("progress=True", "settings=quick")
    run(quick)
    once = capsys.readouterr().out
    run(quick)
    assert capsys.readouterr().out == once
    assert 1 < printed_design(once)[0] < 3.3, "that of the plate without a crack"


def test_the_grating_runs(capsys):
    run(example("figures/gan_mdn/README.md"))
    absorbed = [float(value) for value in capsys.readouterr().out.strip(" []\n").split()]
    assert len(absorbed) == 20
    assert 0 < min(absorbed) < max(absorbed) < 1


def test_the_porous_medium_runs(capsys):
    code = example("figures/morphology/README.md")
    run(code.replace("n_steps=1_000", "n_steps=2").replace("progress=True", ""))
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.startswith("modulus diffusivity permeability")
    assert len(lines) == 6
    rows = [[float(value) for value in line.split()] for line in lines]
    # A permeability is in pixel areas and has no such bound.
    assert all(0 < value <= 1 for row in rows for value in (row[0], row[1], row[3]))
    # Two steps teach the generator nothing; the Markov field has the sandstone's pores at once.
    assert all(0.3 < modulus < bound < 0.9 for modulus, _, _, bound in rows[3:])


def test_the_composite_in_three_dimensions_runs(capsys):
    run(example("figures/review/README.md"))
    printed = capsys.readouterr().out
    numbers = [float(value) for value in re.findall(r"-?\d+\.\d+", printed)]
    stiffness, stress = numbers[:30], numbers[30:36]
    assert all(2.4 < value < 120 for value in stiffness)
    # The stress along the load, under a unit strain, is the first entry of the stiffness.
    assert stress[0] == stiffness[0]


PRINTED = re.compile(r"(\S+) +(-?[\d.]+), with 90 % between +(-?[\d.]+) and +(-?[\d.]+)")


def test_the_formulas_have_intervals(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    symbols, rng = (
        ["Na", "Cl", "Cu", "O", "Fe", "P", "Mg", "N", "Li", "H"],
        np.random.default_rng(0),
    )
    amounts = rng.integers(0, 4, (1_000, len(symbols)))
    amounts[:, 0] += 1
    compounds = [dict(zip(symbols, row, strict=True)) for row in amounts.tolist()]
    formulas = [format_formula({s: n for s, n in one.items() if n}) for one in compounds]
    targets = -3 * amounts[:, 3] / amounts.sum(axis=1)
    lines = [f"{formula},{target}" for formula, target in zip(formulas, targets, strict=True)]
    Path("compounds.csv").write_text("formula,target\n" + "\n".join(lines))
    run(example("notebooks/README.md", "## Your own formulas"))
    rows = PRINTED.findall(capsys.readouterr().out)
    assert len(rows) == 4
    for formula, *numbers in rows:
        predicted, low, high = map(float, numbers)
        share = element_fractions([formula], ["O", *symbols[:3], *symbols[4:]])[0, 0]
        assert low < predicted < high
        assert predicted == pytest.approx(-3 * share, abs=0.9)  # few samples have so much oxygen


def test_the_formulas_print_what_the_page_shows(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("MDESIGN_DATA_MIRROR", USERS)
    try:
        source = fetch("oqmd/crabnet_test.csv")
    except DataNotReachable as error:
        pytest.skip(str(error))
    monkeypatch.chdir(tmp_path)
    Path("compounds.csv").write_bytes(source.read_bytes())
    run(example("notebooks/README.md", "## Your own formulas"))
    page, _, _ = text_of(ROOT / "notebooks" / "README.md").partition("## Your own crystals")
    printed, shown = PRINTED.findall(capsys.readouterr().out), PRINTED.findall(page)
    assert [row[0] for row in printed] == [row[0] for row in shown]
    numbers = np.array([[row[1:] for row in rows] for rows in (printed, shown)], float)
    # Sums over many samples differ in their last digit between machines, and trees amplify that.
    np.testing.assert_allclose(*numbers, rtol=0, atol=0.05)


SITES = re.compile(r"(\S+) +(-?[\d.]+), with 90 % between +(-?[\d.]+) and +(-?[\d.]+): (.+)")
NEW = ("SrTiO3", "KNbO3")


def write_crystals(structures, values, new) -> None:
    """Write a folder of crystals with their values, and two new ones, into the working folder."""
    Path("crystals").mkdir()
    rows = ["file,value"]
    for number, (structure, value) in enumerate(zip(structures, values, strict=True)):
        write_cif(structure, Path("crystals") / f"{number}.cif")
        rows.append(f"{number}.cif,{value}")
    (Path("crystals") / "values.csv").write_text("\n".join(rows))
    for name, structure in zip(NEW, new, strict=True):
        write_cif(structure, f"{name}.cif")


def perovskite(a: int, b: int, edge: float) -> Structure:
    """Ideal cubic cell of an oxide."""
    places = [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]
    return Structure(edge * np.eye(3), places, [a, b, 8, 8, 8])


def test_the_crystals_have_intervals_and_contributions(capsys, monkeypatch, tmp_path):
    """Perovskites whose energy is minus the edge: the prediction follows that of new ones."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    metals = rng.choice([11, 19, 20, 37, 38, 56, 22, 40, 41, 73, 74], (90, 2))
    edges = rng.uniform(3.6, 4.4, 90)
    cells = [perovskite(*pair, edge) for pair, edge in zip(metals.tolist(), edges, strict=True)]
    write_crystals(cells, -edges, [perovskite(38, 22, 3.7), perovskite(19, 41, 4.3)])
    run(example("notebooks/README.md", "## Your own crystals"))
    rows = SITES.findall(capsys.readouterr().out)
    assert [row[0] for row in rows] == list(NEW)
    for row, edge in zip(rows, (3.7, 4.3), strict=True):
        predicted, low, high = map(float, row[1:4])
        assert low < predicted < high
        assert predicted == pytest.approx(-edge, abs=0.3)
        parts = re.findall(r"([A-Z][a-z]?) (-?[\d.]+)", row[4])
        assert len(parts) == 5
        assert np.mean([float(part) for _, part in parts]) == pytest.approx(predicted, abs=0.06)


def test_the_crystals_print_what_the_page_shows(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("MDESIGN_DATA_MIRROR", USERS)
    try:
        train = published_perovskite_splits().train
    except DataNotReachable as error:
        pytest.skip(str(error))
    monkeypatch.chdir(tmp_path)
    new = {}
    for structure in published_perovskite_splits().joined.structures:
        a, _, _ = perovskite_sites(structure)
        if structure.formula in NEW and structure.symbols[a] in ("Sr", "K"):
            new[structure.formula] = structure
    rows = [row for row in range(1_002) if train.structures[row].formula not in NEW][:1_000]
    chosen = train[np.array(rows)]
    write_crystals(chosen.structures, chosen.values, [new[name] for name in NEW])
    run(example("notebooks/README.md", "## Your own crystals"))
    printed, shown = (
        SITES.findall(capsys.readouterr().out),
        SITES.findall(text_of(ROOT / "notebooks" / "README.md")),
    )
    assert [row[0] for row in printed] == [row[0] for row in shown]
    numbers = [np.array([row[1:4] for row in rows], float) for rows in (printed, shown)]
    # A training amplifies the last digit of sums, which differs between machines.
    np.testing.assert_allclose(*numbers, rtol=0, atol=0.15)
