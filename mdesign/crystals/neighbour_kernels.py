"""Compiled search for periodic neighbours.

A lattice is given in its upper triangular form, rows (xx, xy, xz), (0, yy, yz), (0, 0, zz): the
first coordinate of a vector depends on its first fraction alone, the second on two. So the images
of an atom within a sphere are found axis by axis, each from the part of the radius that the axes
before it leave, as Fincke and Pohst enumerate lattice points, Math. Comput. 44, 463 (1985).
"""

import numpy as np

from mdesign.storage.compiled import compiled

#: Distances that differ by less, in Å, are those of one shell.
SHELL = 0.1
#: A pair further than the cutoff by less, in Å, counts.
SLACK = 1e-8
#: Distances that differ by less, in Å, are equal for the published rule.
TIE = 1e-5

fast = compiled(error_model="numpy")


@fast
def volume(lattice):
    """Volume of a cell in triangular form."""
    return abs(lattice[0, 0] * lattice[1, 1] * lattice[2, 2])


@fast
def _images(lattice, apart, radius, itself, images, distances, count):
    """Append the images of an atom within a radius to the arrays; returns their new count.

    `apart` are the fractions from the centre to the atom. What does not fit is counted alone.
    """
    room = len(distances)
    xx, xy, xz = lattice[0, 0], lattice[0, 1], lattice[0, 2]
    yy, yz, zz = lattice[1, 1], lattice[1, 2], lattice[2, 2]
    square_x = radius * radius
    reach = radius / abs(xx)
    for a in range(int(np.ceil(-reach - apart[0])), int(np.floor(reach - apart[0])) + 1):
        u = apart[0] + a
        x = u * xx
        square_y = square_x - x * x
        middle = apart[1] + u * xy / yy
        reach = np.sqrt(max(square_y, 0.0)) / abs(yy)
        for b in range(int(np.ceil(-reach - middle)), int(np.floor(reach - middle)) + 1):
            v = apart[1] + b
            y = u * xy + v * yy
            square_z = square_y - y * y
            middle_z = apart[2] + (u * xz + v * yz) / zz
            reach_z = np.sqrt(max(square_z, 0.0)) / abs(zz)
            for c in range(
                int(np.ceil(-reach_z - middle_z)), int(np.floor(reach_z - middle_z)) + 1
            ):
                if itself and a == 0 and b == 0 and c == 0:
                    continue
                if count < room:
                    z = (middle_z + c) * zz
                    images[count, 0] = a
                    images[count, 1] = b
                    images[count, 2] = c
                    distances[count] = np.sqrt(x * x + y * y + z * z)
                count += 1
    return count


@fast
def around(lattice, places, first, last, atom, radius, atoms, images, distances):
    """All neighbours of an atom within a radius; returns how many, which may be too many to fit."""
    count = 0
    for other in range(first, last):
        start = count
        count = _images(
            lattice, places[other] - places[atom], radius, other == atom, images, distances, count
        )
        atoms[start:count] = other
    return count


@fast
def pairs(lattices, places, first_atom, cutoff):
    """Pairs within a cutoff: atoms (m,), neighbours (m,), images (m, 3), distances (m,)."""
    radius = cutoff + SLACK
    # What the mean density predicts and a fifth more; memory that is not written costs nothing.
    room = 1_000
    for crystal in range(len(lattices)):
        atoms = first_atom[crystal + 1] - first_atom[crystal]
        room += int(1.2 * 4.19 * atoms**2 * radius**3 / volume(lattices[crystal]))
    i, j = np.empty(room, np.int32), np.empty(room, np.int32)
    images, distances = np.empty((room, 3), np.int32), np.empty(room)
    n = 0
    for crystal in range(len(lattices)):
        first, last = first_atom[crystal], first_atom[crystal + 1]
        for atom in range(first, last):
            while True:
                found = around(
                    lattices[crystal], places, first, last, atom, radius,
                    j[n:], images[n:], distances[n:],
                )  # fmt: skip
                if n + found <= len(distances):
                    break
                room = 2 * (n + found)
                i, j = _copied(i, n, room), _copied(j, n, room)
                images, distances = _copied(images, n, room), _copied(distances, n, room)
            i[n : n + found] = atom
            n += found
    return i[:n], j[:n], images[:n], distances[:n]


@fast
def _copied(array, n, room):
    """Copy n rows to an array with more room."""
    larger = np.empty((room,) + array.shape[1:], array.dtype)  # noqa: RUF005, numba cannot unpack
    larger[:n] = array[:n]
    return larger


@fast
def edges(lattices, places, first_atom, neighbours, cutoff, nearest):
    """Edges of graphs: first edge of each atom, the atoms they lead to, their lengths.

    With `nearest` exactly so many an atom, else the whole shell of the last of them.
    """
    n_atoms = len(places)
    first_edge = np.zeros(n_atoms + 1, np.int64)
    targets = np.empty(2 * neighbours * n_atoms, np.int32)
    lengths = np.empty(2 * neighbours * n_atoms)
    atoms, images = np.empty(256, np.int32), np.empty((256, 3), np.int32)
    distances = np.empty(256)
    n = 0
    for crystal in range(len(lattices)):
        lattice = lattices[crystal]
        first, last = first_atom[crystal], first_atom[crystal + 1]
        # A sphere that holds twice the neighbours at the mean density; it grows where too few are.
        start = (2 * neighbours * volume(lattice) / (last - first) / 4.19) ** (1 / 3)
        for atom in range(first, last):
            radius = min(start, cutoff)
            while True:
                found = around(
                    lattice, places, first, last, atom, radius + SLACK, atoms, images, distances
                )
                if found > len(distances):
                    atoms, images = (
                        np.empty(2 * found, np.int32),
                        np.empty((2 * found, 3), np.int32),
                    )
                    distances = np.empty(2 * found)
                    continue
                wanted = cutoff
                if found >= neighbours:
                    furthest = np.partition(distances[:found], neighbours - 1)[neighbours - 1]
                    # Rounded edges of cells have gaps of just SHELL, about which rounding of the
                    # distances must not decide.
                    wanted = furthest + SHELL + SLACK
                # Only now is the shell known to lie inside the sphere.
                if wanted <= radius or radius >= cutoff:
                    break
                radius = min(cutoff, wanted if found >= neighbours else 1.3 * radius)
            padded = neighbours if nearest else 0
            if n + max(found, padded) > len(targets):
                room = 2 * (n + max(found, padded))
                targets, lengths = _copied(targets, n, room), _copied(lengths, n, room)
            kept = _selected(distances[:found], atoms, images, wanted, neighbours, nearest)
            for edge in kept:
                targets[n] = atoms[edge]
                lengths[n] = distances[edge]
                n += 1
            for _ in range(padded - len(kept)):
                targets[n] = first
                lengths[n] = cutoff + 1.0
                n += 1
            first_edge[atom + 1] = n
    return first_edge, targets[:n].copy(), lengths[:n].copy()


@fast
def _selected(distances, atoms, images, limit, neighbours, nearest):
    """Numbers of the neighbours that count, the nearest first."""
    order = np.argsort(distances, kind="mergesort")
    if not nearest:
        return order[: np.searchsorted(distances[order], limit, side="right")]
    # Neighbours come in the order of atom and image, which a stable sort keeps among equals: those
    # within TIE of the one before are put back into it.
    begin = 0
    for place in range(1, len(order) + 1):
        if place == len(order) or distances[order[place]] - distances[order[place - 1]] > TIE:
            order[begin:place] = np.sort(order[begin:place])
            begin = place
            if begin >= neighbours:
                break
    return order[:neighbours]
