from dataclasses import dataclass, field

import numpy as np
import pytest

from mdesign.papers.gan_mdn import TABLES
from mdesign.reproduce.tables import ErrorTable, duration, table_cells, tables_markdown

CONTEXT = {
    f"{target:.2f}": {"error of the labels": 0.05, "random": 20.0}
    for target in (0.53, 0.55, 0.60, 0.65, 0.70, 0.75, 0.77)
}


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
    repeats = [Row(0.77), Row(0.55), Row(0.55, minimum=0.0066), Row(0.55, minimum=0.03)]
    single = [Row(0.55, values=np.ones(1)), Row(0.6, values=np.ones(1))]
    cells = {"GAN-MDN": table_cells(repeats), "random": table_cells([Row(0.55)])}
    return ErrorTable(1, cells | {"Bayesian optimisation": table_cells(single)}, CONTEXT)


def test_a_cell_has_a_number_for_each_repeat():
    repeats = [Row(0.77), Row(0.55), Row(0.55, minimum=0.01)]
    assert table_cells(repeats)["0.55"] == {
        "minimum": pytest.approx([0.65, 1.0]),
        "mean": pytest.approx([15.68] * 2),
        "deviation": pytest.approx([8.4] * 2),
        "seconds": [0.0123] * 2,
    }
    assert set(table_cells([Row(0.55, values=np.ones(1))])["0.55"]) == {"minimum", "seconds"}


def test_ours_stands_beside_the_papers_number_of_the_same_method_and_target(table):
    rows = table.rows()["GAN-MDN"]
    assert rows[0] == (
        *("0.55", "0.05 %", "0.65 %", "≈ 0.66 % (0.65 to 3.00 %)"),
        *("15.68 %", "≈ 15.68 % (15.68 to 15.68 %)", "8.40 %", "≈ 8.40 % (8.40 to 8.40 %)"),
        *("9.75 s", "12.3 ms (12.3 ms to 12.3 ms)", "0.78"),
    )
    assert rows[1][:6] == ("0.77", "0.05 %", "0.78 %", "0.65 %", "10.78 %", "15.68 %")


def test_what_the_paper_lacks_is_a_dash(table):
    (row,) = table.rows()["random"]
    assert row[2:] == ("–", "0.65 %", "–", "15.68 %", "–", "8.40 %", "–", "12.3 ms", "0.78")


def test_a_single_candidate_has_no_average(table):
    rows = table.rows()["Bayesian optimisation"]
    assert rows[0][2:] == ("–", "0.65 %", "–", "–", "–", "–", "4.4 h", "12.3 ms", "–")
    assert rows[1][2] == "1.08 %"


def test_only_printed_numbers_are_judged(table):
    # Eight of GAN-MDN, and two times and one REP of Bayesian optimisation.
    assert table.verdicts() == ["not comparable"] * 11
    assert table.n_near() == 3


def test_every_rendering_shows_every_cell(table):
    for text in (repr(table), table._repr_markdown_(), table._repr_html_()):
        assert text.count("4.4 h") == 1
        assert all(name in text for name in (*table.cells, "min REP", "sd of REP", "Data-I"))
    body = table._repr_html_()
    assert body.count("<tr>") == 2 + 3 + 5
    assert body.count("<td>") == 5 * 11
    lines = table._repr_markdown_().splitlines()
    assert len({line.count("|") for line in lines[2:]}) == 1


def test_names_are_escaped():
    text = ErrorTable(1, {"<i>": table_cells([Row(0.55)])}, CONTEXT)._repr_html_()
    assert "&lt;i&gt;" in text


def test_a_table_needs_a_method_and_a_data_set():
    with pytest.raises(ValueError, match="cells must have"):
        ErrorTable(1, {}, CONTEXT)
    with pytest.raises(ValueError, match="data_set must"):
        ErrorTable(3, {"random": table_cells([Row(0.55)])}, CONTEXT)


def record(data_set, minimum=0.5):
    """Record of a run whose numbers are those of the paper, but for the times and the least REP."""
    cells = {"GAN-MDN, few": table_cells([Row(0.55)]), "lookup": table_cells([Row(0.55)])}
    for method in TABLES[1]:
        printed = [
            row for table in (data_set, data_set + 2) for row in TABLES[table].get(method, ())
        ]
        cells[method] = table_cells(
            Row(row.target, np.ones(1), minimum)
            if row.mean is None
            else Row(row.target, np.ones(30), minimum, row.mean / 100, row.deviation / 100)
            for row in printed
        )
    return {"results": {"cells": cells, "context": CONTEXT}}


def test_all_printed_numbers_stand_beside_ours_over_all_seeds():
    first = record(1) | {"other_seeds": [record(1, 0.4), record(1, 0.6)]}
    text = tables_markdown({2: record(2), 1: first})
    assert "182 printed numbers, each with an interval of 5 %: 182 not comparable." in text
    # Average and deviation of three methods at seven targets, on two data sets.
    assert f"{2 * 3 * 7 * 2} of our medians lie within 5 %" in text
    assert text.index("Tables 1 and 3") < text.index("Tables 2 and 4")
    assert "50.00 % (40.00 to 60.00 %)" in text
    rows = [line for line in text.splitlines() if line.startswith("| **")]
    assert [row.split("**")[1] for row in rows[:6]] == [*TABLES[1], "lookup", "GAN-MDN, few"]
    printed = [row for methods in TABLES.values() for rows in methods.values() for row in rows]
    assert all(f"| {row.mean:.2f} % |" in text for row in printed if row.mean is not None)
    assert all(f"| {duration(row.seconds)} |" in text for row in printed)


def test_a_table_that_has_not_been_run_is_counted():
    assert "91 not comparable, 91 not yet run" in tables_markdown({1: record(1)})
    assert "182 not yet run" in tables_markdown({2: {"results": {}}})


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0004, "0.4 ms"), (0.5, "500 ms"), (9.5, "9.5 s"), (175.27, "175 s"), (67680.0, "18.8 h")],
)
def test_times_stand_in_the_unit_that_fits(seconds, text):
    assert duration(seconds) == text
