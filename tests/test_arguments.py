from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from mdesign.arguments import (
    array,
    choice,
    data_type,
    function,
    not_empty,
    number,
    numbers,
    phases,
    settle,
    text,
    whole,
    wholes,
)
from mdesign.design.composites import GidnSettings
from mdesign.models.localization.mks import neighbour_levels
from mdesign.paths import as_path
from mdesign.physics import CrackedComposite, VoxelConduction

FIELD = np.linspace(0, 255, 24 * 24).reshape(24, 24)


def test_a_wrong_type_is_named_wherever_it_is_given():
    with pytest.raises(TypeError, match=r"nx=.*8"):
        CrackedComposite(nx="8", ny=4)
    with pytest.raises(TypeError, match=r"tolerance=.*None"):
        VoxelConduction(tolerance=None)


def test_texts_functions_and_paths_are_named():
    assert text("x", "a") == "a"
    assert function("x", len) is len
    assert as_path("x", "a/b") == Path("a/b")
    with pytest.raises(ValueError, match="x must not be empty"):
        text("x", " ")
    for check in (text, function, as_path):
        with pytest.raises(TypeError, match="x must be a"):
            check("x", 3)


def test_a_row_of_another_length_gets_no_advice_about_axes():
    with pytest.raises(ValueError, match=r"x must have shape \(2,\); got \(3,\)$"):
        array("x", [1.0, 2.0, 3.0], "(2,)")
    with pytest.raises(ValueError, match=r"an axis in front"):
        array("x", 1.0, "(n,)")


def test_numpy_numbers_count_as_numbers():
    plate = CrackedComposite(
        np.int64(8), np.int8(4), crack_length=np.int16(2), modulus_ratio=np.float32(25)
    )
    assert plate == CrackedComposite(8, 4, crack_length=2, modulus_ratio=25.0)


@pytest.mark.parametrize(
    ("interval", "inside", "outside"),
    [
        ("(0, 1]", [1, 0.5, np.float32(1)], [0, -1, np.nextafter(1, 2), np.nan, np.inf]),
        ("[0, 1)", [0, 0.5], [1, -1e-300, np.nan]),
        ("(-inf, inf)", [-1e300, 0], [np.inf, -np.inf, np.nan]),
        ("[-inf, inf]", [np.inf, 0], [np.nan]),
    ],
)
def test_numbers_lie_in_an_interval(interval, inside, outside):
    for value in inside:
        assert type(number("x", value, interval)) is float
    for value in outside:
        with pytest.raises(ValueError, match=r"x must .*; got"):
            number("x", value, interval)
        with pytest.raises(ValueError, match=r"x must .*; got"):
            array("x", [inside[0], value], interval=interval)


def test_whole_numbers_are_plain():
    assert type(whole("n", np.uint8(5))) is int
    for value in (0, 1.5, np.nan, 2.0):
        with pytest.raises(ValueError, match=r"n must be (a whole number|at least 1)"):
            whole("n", value)
    for value in (True, "1", None, [1]):
        with pytest.raises(TypeError, match="n must be a whole number"):
            whole("n", value)


def test_choices_and_lists_are_named():
    assert numbers("shares", np.float32([1, 2]), "(0, inf)") == [1.0, 2.0]
    with pytest.raises(ValueError, match=r"shares must be positive and finite; got 0"):
        numbers("shares", [1, 0], "(0, inf)")
    assert wholes("filters", np.uint8([1, 2])) == [1, 2]
    for value, said in (
        ([1, 2.5], "whole numbers; got 2.5"),
        ([], "have 1 or more numbers; got 0"),
    ):
        with pytest.raises(ValueError, match=f"filters must .*{said}"):
            wholes("filters", value)
    with pytest.raises(ValueError, match="cells must be at least one"):
        not_empty("cells", np.zeros((0, 4)))
    with pytest.raises(ValueError, match=r"rule must be one of \['li', 'laurent'\]; got 'lee'"):
        choice("rule", "lee", ("li", "laurent"))


@pytest.mark.parametrize(
    ("shape", "fits", "not_fit"),
    [
        ("(n, nx, nx)", [(2, 3, 3), (0, 4, 4)], [(2, 3, 4), (3, 3), (1, 2, 2, 2)]),
        ("(n, 3)", [(5, 3)], [(5, 4), (3,)]),
        ("(..., phases)", [(2,), (4, 2, 2)], [()]),
        ("(n, x, y) or (n, x, y, z)", [(1, 2, 3), (1, 2, 3, 4)], [(1, 2), (1, 1, 1, 1, 1)]),
    ],
)
def test_shapes_follow_their_names(shape, fits, not_fit):
    for one in fits:
        assert array("a", np.zeros(one), shape).shape == one
    for one in not_fit:
        with pytest.raises(ValueError, match="a must have shape"):
            array("a", np.zeros(one), shape)


def test_arrays_are_copied_to_c_order_once():
    fortran = np.asfortranarray(np.eye(3))
    assert array("a", fortran, "(n, m)").flags.c_contiguous
    plain = np.eye(3)
    assert array("a", plain, "(n, m)") is plain or np.shares_memory(plain, array("a", plain))
    assert array("a", 2.0).shape == ()


@pytest.mark.parametrize(
    ("images", "error", "said"),
    [
        ([[[0, 255], [255, 0]]], ValueError, "divide images of 0 and 255 by 255"),
        (FIELD[np.newaxis], ValueError, "otsu"),
        (FIELD[np.newaxis] / 255, ValueError, "otsu"),
        (np.eye(4), ValueError, r"images must have shape \(n, nx, ny\).*newaxis"),
        (np.zeros((1, 20, 20, 3)), ValueError, "one channel"),
        (np.zeros((20, 20, 3)), ValueError, "one channel"),
        ([[[0, np.nan]]], ValueError, "got nan"),
        (np.zeros((2, 0, 3)), ValueError, "one pixel a side"),
        ([[[0, 1], [1]]], ValueError, "several lengths"),
        ("pores", TypeError, "array of real numbers; got 'pores'"),
        (None, TypeError, "array of real numbers"),
        ([[[1j, 0]]], TypeError, "array of real numbers"),
    ],
)
def test_images_are_phases_or_the_remedy_is_said(images, error, said):
    with pytest.raises(error, match=said):
        phases("images", images)


def test_images_of_any_type_become_phases():
    for images in ([[[True, False]]], np.float32([[[1, 0]]]), np.int64([[[1, 0]]])):
        checked = phases("images", images)
        assert checked.dtype == np.uint8
        assert checked.tolist() == [[[1, 0]]]


def test_a_cube_in_the_place_of_a_batch_is_doubted():
    either = "(n, nx, ny) or (n, nx, ny, nz)"
    with pytest.warns(UserWarning, match="newaxis"):
        phases("cells", np.zeros((16, 16, 16)), either)
    phases("cells", np.zeros((16, 16, 8)), either)


@dataclass(frozen=True)
class Settings:
    n: int = 1
    rate: float = 1.0
    filters: tuple[int, ...] = (1,)
    kind: str = "a"
    limit: int | None = None

    def __post_init__(self):
        settle(self, n="[1, inf)", filters="[1, inf)", kind=("a", "b"), limit="[1, inf)")


def test_settings_become_plain():
    made = Settings(np.uint8(3), np.float32(0.5), [np.int64(2), 3])
    assert made == Settings(3, 0.5, (2, 3))
    assert [type(made.n), type(made.rate), type(made.filters)] == [int, float, tuple]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"n": 0}, "n must be at least 1"),
        ({"rate": np.nan}, "rate must be a number; got nan"),
        ({"filters": (4, 0)}, "filters must be at least 1"),
        ({"kind": "c"}, "kind must be one of"),
        ({"limit": -1}, "limit must be at least 1"),
    ],
)
def test_settings_keep_their_rules(wrong, said):
    with pytest.raises(ValueError, match=said):
        Settings(**wrong)


def test_a_data_type_is_asked_for_in_any_form():
    allowed = ("float32", "float64")
    forms = (np.float32, "float32", np.dtype("f4"))
    assert {data_type("dtype", form, allowed) for form in forms} == {np.dtype("f4")}
    with pytest.raises(ValueError, match=r"dtype must be one of .*; got 'int8'"):
        data_type("dtype", np.int8, allowed)
    with pytest.raises(TypeError, match="dtype must be a data type; got 3"):
        data_type("dtype", 3, allowed)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [([1.0, -1e300], "float32"), ([1e30], "int64"), ([2.0**63], "int64"), ([-1], "uint8")],
)
def test_values_that_a_smaller_type_cannot_hold_are_refused(value, dtype):
    with pytest.raises(ValueError, match=f"x must fit into {dtype}; got "):
        array("x", value, dtype=dtype)
    kept = array("x", [0, 255], dtype="uint8")
    assert kept.tolist() == [0, 255]
    assert array("x", [np.inf], interval="[0, inf]", dtype="float32").tolist() == [np.inf]


def test_each_count_of_several_is_a_whole_number():
    for hidden in ((64, 64.5), (64.5, 64), [64, 0]):
        with pytest.raises((TypeError, ValueError), match="hidden"):
            GidnSettings(hidden=hidden)
    assert GidnSettings(hidden=np.array([64, 32])).hidden == (64, 32)


def test_a_list_or_an_array_will_do_for_a_tuple_of_numbers():
    assert VoxelConduction([1.0, 5.0]) == VoxelConduction((1.0, 5.0))
    assert VoxelConduction(np.array([1.0, 5.0])) == VoxelConduction((1.0, 5.0))
    assert np.array_equal(neighbour_levels([3, 4, 5])[0], neighbour_levels((3, 4, 5))[0])
    for other in ([3, 4], ["3", 4, 5]):
        with pytest.raises(TypeError, match="shape"):
            neighbour_levels(other)


def test_a_medium_takes_a_data_type_in_any_form():
    forms = (np.float32, np.dtype("float32"), "float32")
    assert {VoxelConduction((1.0, 5.0), dtype=form).dtype for form in forms} == {"float32"}
    with pytest.raises(ValueError, match="dtype must be one of"):
        VoxelConduction((1.0, 5.0), dtype=np.float16)


def test_a_batch_of_coloured_images_gives_a_warning():
    with pytest.warns(UserWarning, match=r"read as cells 3 voxels thick; .* x\[\.\.\., 0\]"):
        phases("x", np.zeros((2, 20, 20, 3)), "(n, nx, ny) or (n, nx, ny, nz)")
