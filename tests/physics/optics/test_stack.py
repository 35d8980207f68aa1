import pickle
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

from mdesign.physics import MATERIALS, OpticalStack, refractive_index
from mdesign.storage import fingerprint


def test_default_stack_is_made_of_the_tabulated_materials():
    stack = OpticalStack()
    assert stack.substrate_index == pytest.approx(4.488 + 1.311j, abs=2e-3)
    assert stack.pattern_indices[0] == pytest.approx(1.775, abs=3e-3)
    assert stack.opaque
    assert stack.lossless_films
    assert not replace(stack, substrate_index=1.5).opaque
    assert replace(stack, substrate_index="mirror").opaque
    assert not replace(stack, pattern_indices=(1.5, 2 + 0.1j)).lossless_films


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"thickness_nm": 0.0}, "thickness_nm must be positive and finite; got 0.0"),
        ({"wavelength_nm": float("nan")}, "wavelength_nm must be positive and finite"),
        ({"period_nm": -1.0}, "period_nm must be positive and finite"),
        ({"pattern_indices": (1.5, 1 - 0.1j)}, "pattern_indices must be a refractive index"),
        ({"pattern_indices": (1.5,)}, "pattern_indices must hold two"),
        ({"layers_above": ((1.5, 0.0),)}, "layers_above must be positive and finite"),
        ({"layers_below": ((0.0, 10.0),)}, "layers_below must be a refractive index"),
        ({"superstrate_index": 1 + 0.1j}, "superstrate_index must be real"),
        ({"substrate_index": 4 - 1j}, "substrate_index must be a refractive index"),
        ({"orders": (10, 11)}, "orders must be two odd positive integers"),
        ({"orders": (-3, 3)}, "orders must be at least 1"),
        ({"rule": "fft"}, "rule must be one of"),
        ({"polarization": "s"}, "polarization must be one of"),
        ({"edge_nm": -1.0}, r"edge_nm must lie in \[0, inf\)|edge_nm must be"),
        ({"pattern_indices": (1.5, "silver")}, "edge_nm must be 0, for sharp edges, where a phase"),
        ({"period_nm": float("inf")}, "period_nm must be positive and finite"),
        ({"pattern_indices": (1.5, float("nan"))}, "pattern_indices must be a refractive index"),
        ({"layers_above": ((1.5, float("nan")),)}, "layers_above must be positive and finite"),
        ({"layers_below": ((1.5, 90.0, 3),)}, "layers_below must hold two values each"),
        ({"layers_below": ((complex("inf"), 90.0),)}, "layers_below must be a refractive index"),
        ({"superstrate_index": float("nan")}, "superstrate_index must be a refractive index"),
        ({"superstrate_index": "silver"}, "superstrate_index must be real"),
        ({"substrate_index": float("inf")}, "substrate_index must be a refractive index"),
        ({"substrate_index": "unobtainium"}, "substrate_index: material must be one of"),
        ({"wavelength_nm": 5000.0}, "pattern_indices: wavelength_nm must lie between"),
        ({"orders": (5.0, 5.0)}, "orders must be a whole number"),
    ],
)
def test_bad_stack(change, message):
    with pytest.raises(ValueError, match=message):
        replace(OpticalStack(), **change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"wavelength_nm": np.array([500.0, 600.0])}, "wavelength_nm must be a number"),
        ({"wavelength_nm": "500"}, "wavelength_nm must be a number"),
        ({"thickness_nm": [800.0]}, "thickness_nm must be a number"),
        ({"pattern_indices": 1.5}, "pattern_indices must be a sequence"),
        ({"pattern_indices": (1.5, np.array([2.0, 3.0]))}, "pattern_indices must be a refractive"),
        ({"layers_above": (1.5, 90.0)}, "layers_above must be a sequence"),
        ({"orders": 5}, "orders must be a sequence"),
        ({"pixel_sinc": "yes"}, "pixel_sinc must be True or False"),
        ({"rule": ["li"]}, "rule must be one of"),
    ],
)
def test_a_wrong_type_in_a_stack(change, message):
    with pytest.raises(TypeError, match=message):
        replace(OpticalStack(), **change)


def test_sequences_and_numpy_numbers_become_plain():
    stack = OpticalStack(
        wavelength_nm=np.float32(500),
        pattern_indices=[np.int64(1), np.complex64(2)],
        layers_above=[[np.float64(1.5), 90]],
        orders=np.array([5, 7]),
        pixel_sinc=np.True_,
    )
    plain = OpticalStack(
        wavelength_nm=500.0,
        pattern_indices=(1.0, 2 + 0j),
        layers_above=((1.5, 90.0),),
        orders=(5, 7),
        pixel_sinc=True,
    )
    assert stack == plain
    assert hash(stack) == hash(plain)
    assert repr(stack) == repr(plain)
    assert fingerprint(stack) == fingerprint(plain)


MATERIALS_BY_NAME = {
    "pattern_indices": ("silver", "silica"),
    "layers_above": (("silicon nitride", 50.0), (1.7, 20.0)),
    "layers_below": (("silica", 50.0),),
    "superstrate_index": "silica",
    "substrate_index": "silver",
    "edge_nm": 0.0,
}


@pytest.mark.parametrize("named", [{}, MATERIALS_BY_NAME])
def test_materials_follow_the_wavelength(named):
    red = replace(OpticalStack(**named), wavelength_nm=650.0)
    assert red == OpticalStack(wavelength_nm=650.0, **named)
    assert red != replace(OpticalStack(wavelength_nm=650.0, **named), wavelength_nm=474.0)
    for copy in (pickle.loads(pickle.dumps(red)), deepcopy(red)):
        assert replace(copy, wavelength_nm=474.0) == OpticalStack(**named)
    numbers = replace(OpticalStack(), substrate_index=refractive_index("silver", 474.0))
    assert replace(numbers, wavelength_nm=650.0).substrate_index == numbers.substrate_index


def test_named_materials_and_their_numbers_have_one_fingerprint():
    stack = OpticalStack()
    numbers = {"substrate_index": complex(stack.substrate_index)}
    assert fingerprint(replace(stack, **numbers)) == fingerprint(stack)


def test_refractive_indices():
    # Table values and, for the formulas, the textbook index of each glass at the sodium line.
    assert refractive_index("silver", 616.8) == pytest.approx(0.06 + 4.152j)
    assert refractive_index("amorphous silicon", 619.9) == pytest.approx(4.23 + 0.461j)
    assert refractive_index("silica", 587.6).real == pytest.approx(1.4585, abs=5e-5)
    assert refractive_index("silicon nitride", 632.8).real == pytest.approx(2.01, abs=5e-3)
    assert refractive_index("alumina", 589.3).real == pytest.approx(1.768, abs=5e-4)
    middle = refractive_index("silver", (520.9 + 548.6) / 2)
    assert middle == pytest.approx(0.055 + 3.455j)


def test_unknown_material_or_wavelength():
    with pytest.raises(ValueError, match=r"material must be one of .*silver"):
        refractive_index("unobtainium", 500)
    low, high = MATERIALS["silver"]
    with pytest.raises(ValueError, match=f"between {low:g} and {high:g} for silver; got 100"):
        refractive_index("silver", 100)
