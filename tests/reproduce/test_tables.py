from dataclasses import dataclass, field

import numpy as np
import pytest

from mdesign.papers.gan_mdn import published_rows
from mdesign.reproduce.tables import ErrorTable, duration


@dataclass
class Row:
    target: float
    values: np.ndarray = field(default_factory=lambda: np.ones(30))
    minimum: float = 0.0065
    mean: float = 0.1568
    deviation: float = 0.084
    seconds: float = 0.0123


@pytest.fixture
def table():
    names = ("GAN-MDN", "random", "Bayesian optimisation")
    ours = {"GAN-MDN": [Row(0.77), Row(0.55)], "random": [Row(0.55)]}
    ours["Bayesian optimisation"] = [Row(0.55, values=np.ones(1)), Row(0.6, values=np.ones(1))]
    return ErrorTable("Data-I", ours, {name: published_rows(1, name) for name in names})


def test_ours_stands_beside_the_papers_number_of_the_same_method_and_target(table):
    rows = table.cells()["GAN-MDN"]
    assert rows[0] == (
        *("0.55", "0.65 %", "0.65 %", "15.68 %", "15.68 %", "8.40 %", "8.40 %"),
        *("12.3 ms", "9.75 s"),
    )
    assert rows[1][:4] == ("0.77", "0.65 %", "0.78 %", "15.68 %")


def test_what_the_paper_lacks_is_a_dash(table):
    (row,) = table.cells()["random"]
    assert row == ("0.55", "0.65 %", "–", "15.68 %", "–", "8.40 %", "–", "12.3 ms", "–")


def test_a_single_candidate_has_no_average(table):
    rows = table.cells()["Bayesian optimisation"]
    assert rows[0] == ("0.55", "0.65 %", "–", "–", "–", "–", "–", "12.3 ms", "4.4 h")
    assert rows[1][2] == "1.08 %"


def test_every_rendering_shows_every_cell(table):
    for text in (repr(table), table._repr_markdown_(), table._repr_html_()):
        assert text.count("15.68 %") == 4
        assert text.count("4.4 h") == 1
        assert all(name in text for name in (*table.ours, "min REP", "sd of REP"))
    body = table._repr_html_()
    assert body.count("<tr>") == 2 + 3 + 5
    assert body.count("<td>") == 5 * 9
    lines = table._repr_markdown_().splitlines()
    assert len({line.count("|") for line in lines[2:]}) == 1


def test_names_are_escaped():
    text = ErrorTable("a < b", {"<i>": [Row(0.55)]}, {})._repr_html_()
    assert "a &lt; b" in text
    assert "&lt;i&gt;" in text


@pytest.mark.parametrize("ours", [{}, {"GAN-MDN": []}])
def test_a_table_needs_rows(ours):
    with pytest.raises(ValueError, match="ours must have"):
        ErrorTable("empty", ours, {})


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0004, "0.4 ms"), (0.5, "500 ms"), (9.5, "9.5 s"), (175.27, "175 s"), (67680.0, "18.8 h")],
)
def test_times_stand_in_the_unit_that_fits(seconds, text):
    assert duration(seconds) == text
