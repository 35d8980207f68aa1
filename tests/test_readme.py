import re

from mdesign import paths
from mdesign.papers import known_papers
from mdesign.reproduce.verdicts import pages, with_verdicts

README = (paths.repository() / "README.md").read_text(encoding="utf-8")


def test_verdicts_are_those_of_the_published_records():
    # Refresh with: mdesign report
    text = "".join(page.read_text(encoding="utf-8") for page in pages(paths.repository()))
    assert set(re.findall(r"<!-- verdicts (\w+) -->", text)) == set(known_papers())
    assert with_verdicts(text, paths.figures()) == text


def test_every_picture_and_link_of_the_readme_exists():
    targets = re.findall(r"\]\((?!http)([^)#]+)\)|<img src=\"([^\"]+)\"", README)
    found = [one or other for one, other in targets]
    assert len(found) >= 10
    assert [target for target in found if not (paths.repository() / target).exists()] == []


def examples():
    return re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_composite_of_the_readme_runs(capsys):
    quick = (
        examples()[0]
        .replace("rng)  ", "rng, settings=quick)  ")
        .replace("progress=True", "settings=short")
    )
    setup = (
        "from mdesign.design.composites import AnnealingSettings, MultistartSettings\n"
        "quick = MultistartSettings(n_starts=8, steps=5)\n"
        "short = AnnealingSettings(n_chains=4, steps=20, n_polished=1)\n"
    )
    exec(compile(setup + quick, "README.md", "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    assert float(lines[0]) > 1
    assert len(lines) == 1 + 20


def test_the_grating_of_the_readme_runs(capsys):
    exec(compile(examples()[1], "README.md", "exec"), {})
    absorbed = [float(value) for value in capsys.readouterr().out.strip(" []\n").split()]
    assert len(absorbed) == 20
    assert 0 < min(absorbed) < max(absorbed) < 1


def test_the_porous_medium_of_the_readme_runs(capsys):
    quick = examples()[2].replace("n_steps=1_000", "n_steps=2").replace("progress=True", "")
    exec(compile(quick, "README.md", "exec"), {})
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.startswith("modulus diffusivity permeability")
    assert len(lines) == 6
    rows = [[float(value) for value in line.split()] for line in lines]
    # A permeability is in pixel areas and has no such bound.
    assert all(0 < value <= 1 for row in rows for value in (row[0], row[1], row[3]))
    # Two steps teach the generator nothing; the Markov field has the sandstone's pores at once.
    assert all(0.3 < modulus < bound < 0.9 for modulus, _, _, bound in rows[3:])


def test_the_composite_in_three_dimensions_of_the_readme_runs(capsys):
    exec(compile(examples()[3], "README.md", "exec"), {})
    printed = capsys.readouterr().out
    numbers = [float(value) for value in re.findall(r"-?\d+\.\d+", printed)]
    stiffness, stress = numbers[:30], numbers[30:36]
    assert all(2.4 < value < 120 for value in stiffness)
    # The stress along the load, under a unit strain, is the first entry of the stiffness.
    assert stress[0] == stiffness[0]
