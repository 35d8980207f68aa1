"""Crystals in files: what is read, and what is refused rather than guessed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdesign.crystals import periodic_neighbours, structure
from mdesign.crystals.structure import (
    Structure,
    format_cif,
    parse_cif,
    parse_poscar,
    read_cif,
    write_cif,
)

CELL = """data_salt
_cell_length_a 5.64
_cell_length_b 5.64(2)
_cell_length_c 5.64
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
"""
SITES = """loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
Na1 Na+ 0 0 0 1
Cl1 Cl1- 0.5 0.5 0.5(1) 1
"""
FACES = """loop_
_symmetry_equiv_pos_as_xyz
'x,y,z'
'x,y+1/2,z+1/2'
'x+1/2,y,z+1/2'
'x+1/2,y+1/2,z'
"""
NAME = "_symmetry_space_group_name_H-M 'F m -3 m'\n"


def distances(crystal: Structure) -> np.ndarray:
    """Sorted distances of the atoms from the nearest images of one another."""
    apart = crystal.positions[:, np.newaxis] - crystal.positions
    apart -= np.rint(apart)
    return np.sort(np.linalg.norm(apart @ crystal.lattice, axis=-1).ravel())


HALL = "_symmetry_space_group_name_Hall '-F_4_2_3'\n"


@pytest.mark.parametrize(
    "symmetry",
    [FACES, NAME, HALL, NAME + HALL, "_symmetry_Int_Tables_number 225\n"],
    ids=["operators", "name", "Hall", "both", "number"],
)
def test_the_cell_of_rock_salt_has_eight_atoms_however_its_symmetry_is_stated(symmetry):
    salt = parse_cif(CELL + symmetry + SITES)
    assert salt.formula == "Na4Cl4"
    np.testing.assert_allclose(salt.lattice, 5.64 * np.eye(3), atol=1e-9)
    # Each atom has itself, three at half a face diagonal, three at half an edge, one at the centre.
    steps = np.array([0] + 3 * [0.5] + 3 * [0.5**0.5] + [0.75**0.5])
    np.testing.assert_allclose(
        distances(salt).reshape(8, 8), np.repeat(5.64 * np.sort(steps), 8).reshape(8, 8)
    )


@pytest.mark.parametrize(("angle", "atoms"), [("120", 9), ("60", 3)])
def test_angles_tell_rhombohedral_from_hexagonal_axes(angle, atoms):
    """The same space group lists three times as many atoms on hexagonal axes."""
    cell = CELL.replace("gamma 90", f"gamma {angle}")
    if angle == "60":
        cell = cell.replace(" 90", " 60")
    text = cell + NAME.replace("F m -3 m", "R -3 m") + SITES.replace("0.5(1)", "0.48")
    text = text.replace("0.5 0.5 0.48", "0 0 0.24" if angle == "120" else "0.24 0.24 0.24")
    assert len(parse_cif(text)) == atoms


def test_a_file_without_symmetry_lists_all_atoms():
    assert parse_cif(CELL + SITES).formula == "NaCl"


def test_a_general_position_is_repeated_by_the_operators():
    text = CELL + "_symmetry_space_group_name_H-M 'P -1'\n" + SITES.replace("0 0 0 1", ".1 .2 .3 1")
    salt = parse_cif(text)
    assert salt.formula == "Na2Cl"
    assert [0.9, 0.8, 0.7] in np.mod(salt.positions, 1).round(6).tolist()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0.5(1) 1\n", "0.5 0.75\n", "one element in full; got occupancy 0.75"),
        ("0 0 0 1\n", "0 ? 0 1\n", "site Na1: the coordinates must be numbers"),
        ("_cell_length_a 5.64", "_cell_length_a ?", "_cell_length_a must be a positive number"),
        ("_cell_angle_beta 90\n", "", "_cell_angle_beta must be a positive number; got None"),
        ("Na+", "D", "site Na1 must be of an element; got D"),
        ("Na+", "OH1-", "site Na1 must be of an element; got OH1-"),
        ("Na+", "X", "site Na1 must be of an element; got X"),
        ("fract", "Cartn", "must have one block with fractional coordinates"),
        ("data_salt", "data_other\n_cell_length_a 3\n" + SITES + "data_salt", "one block"),
        ("_cell_angle_gamma 90", "_cell_angle_gamma 180", "lattice must have a volume"),
        (CELL, CELL + NAME.replace("F m -3 m", "Q 1"), "must be known; got the name Q 1"),
        (CELL, CELL + NAME.replace("m -3", "d -3"), "stated; got one of F d -3 m:1, F d -3 m:2"),
        (CELL, CELL + "_symmetry_Int_Tables_number 15\n", "must be stated; got one of"),
        (CELL, CELL + NAME + FACES[: FACES.index("'x,y+")], "got those of P 1"),
        (CELL, CELL + NAME + FACES, "must be those of F m -3 m; got those of F 1"),
        (CELL, CELL + FACES.replace("y+1/2,z+1/2", "y+1/3,z+1/2"), "must make a group"),
        (CELL, CELL + FACES.replace("x,y+1/2,z+1/2", "x,y,0"), "must keep volumes"),
        (CELL, CELL + NAME + "_symmetry_Int_Tables_number 62\n", "got F m -3 m and the number 62"),
        (CELL, CELL + NAME.replace("F m -3 m", "P 1") + "_space_group_IT_number 5\n", "once"),
        (CELL, CELL + HALL.replace("3'", "9'"), "got the Hall symbol -F_4_2_9"),
        (CELL, CELL + NAME.replace("_H-M", "_H-M_full"), "usual tags; got _symmetry_space"),
        (CELL, CELL + "_space_group.IT_number 225\n", "usual tags; got _space_group.IT_number"),
        (CELL, CELL + "_space_group_magn.number_BNS 225.116\n", "usual tags; got _space"),
        (CELL, CELL.replace("gamma 90", "gamma 120") + NAME, "must keep the cell"),
        (CELL, CELL.replace("c 5.64", "c 6.2") + NAME, "must keep the cell"),
        ("Cl1 Cl1- 0.5 0.5 0.5(1) 1", "Cl1 Cl 0.01 0 0 1", "got Na1 and Cl1 at 0.06 Å"),
        ("Cl1 Cl1- 0.5 0.5 0.5(1) 1", "Na1 Na 0.0 1 1 1", "got Na1 and Na1 at 0.00 Å"),
        ("0.5(1) 1\n", "0.5 full\n", "in full; got occupancy full"),
        (CELL, CELL + "_chemical_formula_sum 'Na Cl2'\n", "those of the formula Na Cl2; got"),
        (CELL, CELL + "_chemical_formula_sum 'H2 Na Cl'\n", "those of the formula H2 Na Cl; got"),
    ],
)  # fmt: skip
def test_what_is_not_clear_is_refused(old, new, message):
    text = CELL + SITES
    assert old in text
    with pytest.raises(ValueError, match=r"text must be one ordered|lattice") as caught:
        parse_cif(text.replace(old, new))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        *(("disorder_group", "2"), ("disorder_group", "A"), ("disorder_assembly", "B")),
        ("calc_flag", "dum"),
    ],
)  # fmt: skip
def test_disordered_and_dummy_sites_are_refused(tag, value):
    text = (CELL + SITES).replace("occupancy\n", f"occupancy\n_atom_site_{tag}\n")
    text = text.replace(" 0 0 0 1\n", " 0 0 0 1 .\n")
    with pytest.raises(ValueError, match=f"site Cl1 must be ordered.*; got {tag} {value}"):
        parse_cif(text.replace("0.5(1) 1\n", f"0.5 1 {value}\n"))
    assert parse_cif(text.replace("0.5(1) 1\n", "0.5 1 ?\n")).formula == "NaCl"


@pytest.mark.parametrize(
    ("space_group", "atoms"),
    [("F d -3 m :1", 8), ("F d -3 m :2", 8), ("F d -3 m S", 8), ("F d -3 m Z", 8)],
)
def test_a_stated_origin_of_diamond_gives_four_neighbours_at_one_distance(space_group, atoms):
    place = "0 0 0" if space_group[-1] in "1S" else "0.125 0.125 0.125"
    sites = SITES[: SITES.index("Na1")] + f"C1 C {place} 1\n"
    cell = CELL.replace("5.64(2)", "3.567").replace("5.64", "3.567")
    diamond = parse_cif(cell + NAME.replace("F m -3 m", space_group) + sites)
    assert len(diamond) == atoms
    _, _, _, distance = periodic_neighbours(diamond, 1.6)
    np.testing.assert_allclose(distance, np.full(4 * atoms, 3.567 * 3**0.5 / 4))


def test_a_label_names_the_element_where_no_type_does():
    text = (CELL + SITES).replace("_atom_site_type_symbol\n", "")
    assert parse_cif(text.replace(" Na+", "").replace(" Cl1-", "")).formula == "NaCl"
    with pytest.raises(ValueError, match="site CA1 must be of an element"):
        parse_cif(text.replace("Na1 Na+", "CA1").replace(" Cl1-", ""))


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    path = tmp_path / "bad.cif"
    path.write_text("no crystal")
    with pytest.raises(ValueError, match=r"bad\.cif must be one ordered crystal in the CIF format"):
        read_cif(path)
    path.write_text("")
    with pytest.raises(ValueError, match=r"bad\.cif must not be empty"):
        read_cif(path)
    path.write_text(CELL.replace("gamma 90", "gamma 180") + SITES)
    with pytest.raises(ValueError, match=r"bad\.cif must be one ordered.*lattice must have"):
        read_cif(path)
    with pytest.raises(FileNotFoundError):
        read_cif(tmp_path / "none.cif")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_of_other_systems_are_read(tmp_path, encoding):
    path = tmp_path / "salt.cif"
    path.write_bytes((CELL + SITES + "\x1a").replace("\n", "\r\n").encode(encoding))
    assert read_cif(path).formula == "NaCl"


@st.composite
def crystals(draw: st.DrawFn) -> Structure:
    """Triclinic cells with a few atoms, none too close, in any cell."""
    number = st.floats(-0.45, 0.45)
    skew = np.array(draw(st.lists(number, min_size=9, max_size=9))).reshape(3, 3)
    n = draw(st.integers(1, 6))
    corners = [[x, y, z] for x in (0, 0.5) for y in (0, 0.5) for z in (0, 0.5)]
    shifts = draw(st.lists(st.integers(-2, 2), min_size=3 * n, max_size=3 * n))
    places = np.array(draw(st.permutations(corners))[:n]) + np.reshape(shifts, (n, 3)) * 0.99
    numbers = draw(st.lists(st.integers(1, 118), min_size=n, max_size=n))
    return Structure(4 * (np.eye(3) + 0.6 * skew), places, numbers)


@settings(max_examples=50, deadline=None)
@given(crystals())
def test_a_written_crystal_is_read_again(crystal):
    again = parse_cif(format_cif(crystal))
    assert again.numbers.tolist() == crystal.numbers.tolist()
    np.testing.assert_allclose(again.positions, crystal.positions, atol=1e-9)
    # The format keeps lengths and angles, not the orientation.
    np.testing.assert_allclose(
        again.lattice @ again.lattice.T, crystal.lattice @ crystal.lattice.T, atol=1e-6
    )


@settings(max_examples=50, deadline=None)
@given(crystals(), st.lists(st.integers(-2, 2), min_size=9, max_size=9))
def test_a_supercell_has_the_density_of_the_cell_and_its_atoms_on_the_same_lattice(
    crystal, entries
):
    matrix = np.reshape(entries, (3, 3))
    cells = abs(round(np.linalg.det(matrix)))
    if not cells:
        with pytest.raises(ValueError, match="n must be vectors of a cell with a volume"):
            crystal.supercell(matrix)
        return
    large = crystal.supercell(matrix)
    assert len(large) == cells * len(crystal)
    assert large.volume == pytest.approx(cells * crystal.volume)
    places = large.positions @ large.lattice @ np.linalg.inv(crystal.lattice)
    shifts = places.reshape(len(crystal), cells, 3) - crystal.positions[:, np.newaxis]
    np.testing.assert_allclose(shifts, np.rint(shifts), atol=1e-8)
    # No atom is there twice.
    inside = np.mod(large.positions.reshape(len(crystal), cells, 3) + 1e-7, 1).round(5)
    assert all(len(np.unique(rows % 1, axis=0)) == cells for rows in inside)


def test_equivalent_descriptions_have_the_same_distances():
    """Sorted distances within a sphere, of each atom, are those of the crystal."""
    rng = np.random.default_rng(2)
    crystal = Structure(
        [[4, 0, 0], [1, 5, 0], [0.5, -1, 4.5]], [[0, 0, 0], [0.3, 0.4, 0.6]], [22, 8]
    )

    def around(one: Structure) -> np.ndarray:
        i, _, _, distance = periodic_neighbours(one, 7.0)
        return np.sort([np.sort(distance[i == atom]).sum() for atom in range(len(one))])

    others = crystal.equivalents(rng)
    assert list(others) == ["order", "orientation", "origin", "cell", "supercell"]
    for name, other in others.items():
        repeats = 2 if name == "supercell" else 1
        assert other.volume == pytest.approx(repeats * crystal.volume)
        np.testing.assert_allclose(around(other), np.repeat(around(crystal), repeats))
    assert not np.allclose(others["cell"].lattice, crystal.lattice)
    assert not np.allclose(others["orientation"].lattice, crystal.lattice)
    assert not np.allclose(others["origin"].positions, crystal.positions)


def test_a_file_is_written_and_read(tmp_path):
    salt = parse_cif(CELL + FACES + SITES)
    write_cif(salt, tmp_path / "salt.cif")
    assert read_cif(tmp_path / "salt.cif").formula == "Na4Cl4"


POSCAR = """salt
{scale}
2.0 0 0
0 2.0 0
0 0 3.0
Cs Cl
1 1
{kind}
0 0 0
{place}
"""


@pytest.mark.parametrize(
    ("scale", "kind", "place"),
    [
        ("1.5", "direct", "0.5 0.5 0.5"),
        ("1.5", "Cartesian", "1 1 1.5"),
        ("-40.5", "direct", "0.5 0.5 0.5"),
        ("-40.5", "Cartesian", "1 1 1.5"),
        ("1.5 1.5 1.5", "Cartesian", "1 1 1.5"),
        ("1.5", "Selective dynamics\nDirect", "0.5 0.5 0.5 T T F"),
    ],
)
def test_cells_of_vasp_are_read(scale, kind, place):
    salt = parse_poscar(POSCAR.format(scale=scale, kind=kind, place=place))
    assert salt.symbols == ["Cs", "Cl"]
    np.testing.assert_allclose(salt.lattice, np.diag([3, 3, 4.5]))
    np.testing.assert_allclose(salt.positions, [[0, 0, 0], [0.5, 0.5, 0.5]])


@pytest.mark.parametrize("cut", [0, 1, 3, 5, 6, 8, 9])
def test_an_incomplete_cell_of_vasp_is_refused(cut):
    lines = POSCAR.format(scale="1.5", kind="direct", place="0.5 0.5 0.5").splitlines()
    with pytest.raises(ValueError, match=r"format of VASP|not be empty|positions"):
        parse_poscar("\n".join(lines[:cut]))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1 1\n", "2\n", "must fit"),
        ("1 1\n", "1 2\n", "must fit"),
        ("1 1\n", "1\n", "must fit"),
        ("direct", "banana", "direct or Cartesian; got banana"),
        ("1.5\n", "1.5 2\n", "the scale must be one number, or three"),
        ("Cs Cl", "Cs Xy", "format of VASP"),
    ],
)
def test_a_cell_of_vasp_that_does_not_fit_is_refused(old, new, message):
    text = POSCAR.format(scale="1.5", kind="direct", place="0.5 0.5 0.5")
    assert old in text
    with pytest.raises(ValueError, match=message):
        parse_poscar(text.replace(old, new))


def test_names_of_potentials_and_comments_in_a_cell_of_vasp_are_left_out():
    text = POSCAR.format(scale="1.5", kind="direct", place="0.5 0.5 0.5")
    text = text.replace("Cs Cl", "Cs_sv Cl/4fa").replace("1 1\n", "1 1 ! two\n")
    assert parse_poscar(text + "\n0.1 0.2 0.3\n").symbols == ["Cs", "Cl"]


@pytest.mark.parametrize(
    ("lattice", "positions", "numbers", "message"),
    [
        (np.zeros((3, 3)), [[0, 0, 0]], [1], "lattice must have a volume"),
        (np.eye(3), [[0, 0, np.nan]], [1], "positions must lie in"),
        (np.eye(3), [[0, 0, 0]], [119], r"numbers must lie in \[1, 118\]; got 119"),
        (np.eye(3), [[0, 0, 0]], [1, 1], "one for each of the positions"),
        (np.eye(3), np.zeros((0, 3)), [], "at least one"),
        (np.eye(2), [[0, 0, 0]], [1], r"lattice must have shape \(3, 3\)"),
    ],
)
def test_arrays_that_are_no_crystal_are_refused(lattice, positions, numbers, message):
    with pytest.raises(ValueError, match=message):
        Structure(lattice, positions, numbers)


def test_volume_does_not_depend_on_the_handedness():
    assert Structure(np.diag([2, -2, 2]), [[0, 0, 0]], [26]).volume == pytest.approx(8)
    assert structure.Structure(2 * np.eye(3), [[0, 0, 0]], [26]).formula == "Fe"
