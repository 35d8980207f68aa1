"""Every public function with one bad argument at a time: each answer is right or a clear error.

A wrong value has to give a ValueError and a wrong type a TypeError, each naming the argument; other
forms of the same value give the same result; NaN never comes out. ``MDESIGN_FUZZ=10000`` sets how
many calls of each room are tried; without it a small sample with a fixed seed is.
"""

import calls_of_analysis
import calls_of_chemistry
import calls_of_crystals
import calls_of_data
import calls_of_design
import calls_of_models
import calls_of_oxides
import calls_of_physics
import calls_of_plotting
import calls_of_sites
import numpy as np
import pytest
from fuzzing import bad_values, fault, faults, has_nan, valid

ROOMS = [
    calls_of_analysis,
    calls_of_chemistry,
    calls_of_crystals,
    calls_of_data,
    calls_of_design,
    calls_of_models,
    calls_of_oxides,
    calls_of_physics,
    calls_of_plotting,
    calls_of_sites,
]


@pytest.fixture(params=ROOMS, ids=lambda room: room.__name__)
def room(request):
    return request.param


def test_every_public_name_is_tried(room):
    tried = {name for name in room.calls() if "." not in name}
    assert tried == room.PUBLIC - room.NOT_CALLED


def test_valid_calls_give_numbers(room):
    for name, make in room.calls().items():
        function, arguments = make()
        assert not has_nan(function(**arguments)), name


def test_bad_arguments_are_named(room):
    assert not faults(room.calls())


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (lambda patterns: np.nan, "returns NaN"),
        (lambda patterns: 1.0, "takes patterns"),
        (lambda patterns: [][1], "raises IndexError"),
        (lambda patterns: np.add(patterns, {}), "does not name"),
    ],
)
def test_a_fault_is_seen(spoilt, said):
    patterns = np.indices((2, 8, 8)).sum(axis=0) % 2
    calls = {"spoilt": valid(spoilt, lambda: dict(patterns=patterns))}
    rules = [("spoilt", "patterns", "bad", n) for n, _ in enumerate(bad_values(patterns))]
    assert any(said in (fault(calls, *one) or "") for one in rules)
