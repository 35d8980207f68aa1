"""Compiled histograms of the angles and distances around a site.

Every pair of neighbours (j, k) of a site, in both orders and j = k too, is at one point of three
axes: both distances and the angle between the neighbours. Its weight is spread over the two nearest
nodes of each axis, linearly, so that a histogram does not jump where a point passes a node.
"""

import numpy as np

from mdesign.crystals.neighbour_kernels import SLACK, around, volume
from mdesign.storage.compiled import compiled

#: Nodes of the axis of the angle, from 0 to pi.
N_ANGLES = 12
#: Nodes of the axes of the distances, from the nearest neighbour to the cutoff.
N_RADII = 16
#: Distance in units of the nearest neighbour's at which the weight of a neighbour has become 0.
CUTOFF = 2.5

fast = compiled(error_model="numpy")


@fast
def _angle(cosine):
    """Angle of a cosine, to 2e-8; Abramowitz and Stegun, Eq. 4.4.46."""
    x = min(abs(cosine), 1.0)
    series = -0.0012624911
    for coefficient in (
        0.0066700901, -0.0170881256, 0.0308918810, -0.0501743046,
        0.0889789874, -0.2145988016, 1.5707963050,
    ):  # fmt: skip
        series = series * x + coefficient
    angle = np.sqrt(1.0 - x) * series
    return np.pi - angle if cosine < 0 else angle


@fast
def _neighbourhood(lattice, places, first, last, site, furthest, atoms, images, distances):
    """Find the neighbours of a site up to the cutoff; returns how many, and the nearest distance.

    The arrays may be too small for that many. The distance is infinite if it is above `furthest`.
    """
    # A sphere that holds two atoms at the mean density, which grows until it holds one.
    radius = min((2.0 * volume(lattice) / (last - first) / 4.19) ** (1 / 3), furthest)
    while True:
        found = around(lattice, places, first, last, site, radius + SLACK, atoms, images, distances)
        if found or radius >= furthest:
            break
        radius = min(1.5 * radius, furthest)
    if not found or found > len(distances):
        return found, np.inf
    nearest = distances[:found].min()
    found = around(lattice, places, first, last, site, CUTOFF * nearest, atoms, images, distances)
    return found, nearest


@fast
def _describe(lattice, places, site, nearest, atoms, images, distances, units, nodes, histogram):
    """Add all pairs of the neighbours of a site to its histogram, whose sum becomes 1."""
    n = len(distances)
    shares, weights = np.empty(n), np.empty(n)
    total = 0.0
    for j in range(n):
        fractions = places[atoms[j]] - places[site] + images[j]
        # Rows of the lattice are an upper triangle.
        length = distances[j]
        units[j, 0] = fractions[0] * lattice[0, 0] / length
        units[j, 1] = (fractions[0] * lattice[0, 1] + fractions[1] * lattice[1, 1]) / length
        units[j, 2] = (
            fractions[0] * lattice[0, 2]
            + fractions[1] * lattice[1, 2]
            + fractions[2] * lattice[2, 2]
        ) / length
        ratio = length / nearest
        weights[j] = 0.5 * (1.0 + np.cos(np.pi * ratio / CUTOFF))
        total += weights[j]
        place = max(ratio - 1.0, 0.0) * ((N_RADII - 1) / (CUTOFF - 1.0))
        nodes[j] = min(int(place), N_RADII - 2)
        shares[j] = place - nodes[j]
    for j in range(n):
        for k in range(j + 1):
            cosine = 1.0
            if k < j:
                cosine = (
                    units[j, 0] * units[k, 0]
                    + units[j, 1] * units[k, 1]
                    + units[j, 2] * units[k, 2]
                )
            place = _angle(cosine) * ((N_ANGLES - 1) / np.pi)
            angle = min(int(place), N_ANGLES - 2)
            share = place - angle
            # Half of it now, and as much in the other order when the histogram is symmetrised.
            weight = weights[j] * weights[k] * (0.5 if k == j else 1.0)
            for step_j in range(2):
                part_j = weight * (shares[j] if step_j else 1.0 - shares[j])
                row = histogram[nodes[j] + step_j]
                for step_k in range(2):
                    part = part_j * (shares[k] if step_k else 1.0 - shares[k])
                    row[nodes[k] + step_k, angle] += part * (1.0 - share)
                    row[nodes[k] + step_k, angle + 1] += part * share
    scale = 1.0 / total**2
    for a in range(N_RADII):
        for b in range(a + 1):
            for angle in range(N_ANGLES):
                both = (histogram[a, b, angle] + histogram[b, a, angle]) * scale
                histogram[a, b, angle] = histogram[b, a, angle] = both


@fast
def histograms(lattices, places, first_atom, sites, crystals, furthest):
    """Describe sites: histograms (n, radius, radius, angle), and the nearest distances (n,).

    A nearest distance is infinite, and the histogram empty, where it is above `furthest`.
    """
    described = np.zeros((len(sites), N_RADII, N_RADII, N_ANGLES), np.float32)
    nearest = np.empty(len(sites))
    histogram = np.empty((N_RADII, N_RADII, N_ANGLES))
    room = 512
    atoms, images = np.empty(room, np.int32), np.empty((room, 3), np.int32)
    distances, units, nodes = np.empty(room), np.empty((room, 3)), np.empty(room, np.int32)
    for row in range(len(sites)):
        crystal, site = crystals[row], sites[row]
        lattice, first, last = lattices[crystal], first_atom[crystal], first_atom[crystal + 1]
        while True:
            found, nearest[row] = _neighbourhood(
                lattice, places, first, last, site, furthest, atoms, images, distances
            )
            if found <= room:
                break
            room = 2 * found
            atoms, images = np.empty(room, np.int32), np.empty((room, 3), np.int32)
            distances, units, nodes = np.empty(room), np.empty((room, 3)), np.empty(room, np.int32)
        if found and nearest[row] > 0:
            histogram[:] = 0.0
            _describe(
                lattice, places, site, nearest[row], atoms, images, distances[:found], units,
                nodes, histogram,
            )  # fmt: skip
            described[row] = histogram
    return described, nearest
