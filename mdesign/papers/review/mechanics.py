"""What the review of deep materials informatics says of the systems that are reproduced here.

The review prints one or two numbers a system; each claim names the section that it is from.

References
----------
A. Agrawal, A. Choudhary, "Deep materials informatics: Applications of deep learning in materials
science", MRS Commun. 2019, 9, 779.

Z. Yang et al., "Deep learning approaches for mining structure-property linkages in high contrast
composites from simulation datasets", Comput. Mater. Sci. 2018, 151, 278 (homogenisation).

Z. Yang et al., "Establishing structure-property localization linkages for elastic deformation of
three-dimensional high contrast composites using deep learning approaches", Acta Mater. 2019, 166,
335 (localisation).
"""

from __future__ import annotations

from typing import NamedTuple

from mdesign.papers import Claim, keyed

__all__ = ["CLAIMS", "REFERENCE", "STIFFNESS_ERRORS", "STRAIN_ERRORS", "StiffnessError"]

REFERENCE = (
    "A. Agrawal, A. Choudhary, Deep materials informatics: Applications of deep learning in "
    "materials science, MRS Commun. 2019, 9, 779"
)


class StiffnessError(NamedTuple):
    """A mean absolute error of the effective stiffness.

    Parameters
    ----------
    gpa, percent : float
        In GPa, and in percent of the mean stiffness; their quotient is 33.6 GPa in each row.
    """

    gpa: float
    percent: float


STIFFNESS_ERRORS = {
    "rule of mixtures": StiffnessError(15.68, 46.66),
    "two-point statistics": StiffnessError(2.28, 6.79),
    "network": StiffnessError(1.04, 3.10),
}
"""Homogenisation at contrast 50."""

STRAIN_ERRORS = {
    10: {"MKS": 10.86, "single agent": 13.02, "multi-agent": 8.04, "CNN": 3.07},
    50: {"MKS": 26.46, "CNN": 5.71},
}
"""Mean absolute strain errors of localisation in percent, by contrast."""

_NETWORK, _TWO_POINT, _MIXTURES = (
    STIFFNESS_ERRORS[name] for name in ("network", "two-point statistics", "rule of mixtures")
)
_WHERE = 'Section "Multiscale homogenization and localization linkages"'
_NOT_THERE = "not in the paper: a comparison made here"
_FEWER = "fewer and smaller cells than the paper's 8,550 of 51 voxels a side"

_HOMOGENIZATION: dict[str, Claim] = {
    "error_percent": Claim(
        "mean absolute error of the homogenisation network over the mean stiffness",
        _NETWORK.percent,
        _WHERE,
        "at most",
        1.9,
        f"below 5 %: {_FEWER}",
        "%",
        absolute=True,
    ),
    "error_gpa": Claim(
        "mean absolute error of the homogenisation network",
        _NETWORK.gpa,
        _WHERE,
        "at most",
        0.64,
        f"5 % of the paper's mean stiffness, 33.6 GPa: {_FEWER}",
        "GPa",
        absolute=True,
    ),
    "over_two_point": Claim(
        "its error over that of two-point statistics with principal components",
        round(_NETWORK.gpa / _TWO_POINT.gpa, 3),
        _WHERE,
        "at most",
        0.044,
        f"at most half: {_FEWER}, which hurt the network more than the regression",
        absolute=True,
    ),
    "over_mixtures": Claim(
        "its error over that of the rule of mixtures (here Hill's)",
        round(_NETWORK.gpa / _MIXTURES.gpa, 3),
        _WHERE,
        "at most",
        0.084,
        f"0.15 is still a factor of seven: {_FEWER}",
        absolute=True,
    ),
    "mixtures_gpa": Claim(
        "mean absolute error of the rule of mixtures (here Hill's)",
        _MIXTURES.gpa,
        _WHERE,
        "about",
        0.25,
        "neither the rule nor the filters that made the cells are stated; Voigt's and Reuss's "
        "errors are two to three times the published one",
        "GPa",
    ),
    "parameters": Claim(
        "trainable parameters of the network at 51 voxels a side, in millions",
        3.8,
        _WHERE,
        "about",
        0.02,
        "published with two digits",
        "million",
    ),
}

_CELLS = (
    "the error of a linear method depends on which stiff fractions the cells have, which is not "
    "stated; between fractions it differs by a factor of 3"
)
_SMALL = "a network of a few percent of the paper's size, trained for minutes on two cores"
_ORDER = "the paper orders the methods by their errors"


def _localization(contrast: int) -> dict[str, Claim]:
    """Claims made at both contrasts."""
    cnn, mks = (STRAIN_ERRORS[contrast][name] for name in ("CNN", "MKS"))
    return {
        "cnn_mase": Claim(
            f"contrast {contrast}: mean absolute strain error of the network",
            cnn,
            _WHERE,
            "at most",
            0.5,
            _SMALL,
            "%",
        ),
        "mks_mase": Claim(
            f"contrast {contrast}: mean absolute strain error of MKS",
            mks,
            _WHERE,
            "about",
            0.25,
            _CELLS,
            "%",
        ),
        "cnn_over_mks": Claim(
            f"contrast {contrast}: the network's error is significantly lower than that of MKS: "
            "ratio",
            0.5,
            _WHERE,
            "at most",
            0.0,
            f"{cnn / mks:.2f} in the paper; half is significant between hundreds of cells",
        ),
        "influence_by_level": Claim(
            f"contrast {contrast}: what the network learned of a neighbour falls with its level: "
            "rank correlation of influence and level, up to level 8",
            -1.0,
            _WHERE,
            "about",
            0.2,
            "no number in the paper; neighbours of one level differ by their direction from the "
            "load, so that two levels may change places",
            absolute=True,
        ),
    }


_CONTRAST_10: dict[str, Claim] = {
    **_localization(10),
    "cnn_over_agents": Claim(
        "contrast 10: the network's error is lower than that of the better agent too: ratio",
        1.0,
        _WHERE,
        "at most",
        0.0,
        f"{_ORDER}; 0.38 there",
    ),
    "multi_over_single": Claim(
        "contrast 10: the multi-agent method is more accurate than the single-agent one: ratio",
        1.0,
        _WHERE,
        "at most",
        0.0,
        f"{_ORDER}; 0.62 there",
    ),
}

_SOLVER: dict[str, Claim] = {
    f"published_contrast{contrast}": Claim(
        f"mean absolute error against the published strains of contrast {contrast}, over the mean "
        f"strain, worst of {count} cells",
        0.0,
        f"{name} of the authors' repository",
        "at most",
        0.01,
        "the published strains have five digits; plain elements are off by percents",
        "%",
        absolute=True,
    )
    for contrast, count, name in (
        (10, "nine", "sample_data.pkl"),
        (50, "ten", "sample_data50.pkl"),
    )
}

_WHOLE_FIELD: dict[str, Claim] = {
    **{
        f"error_{contrast}": Claim(
            f"contrast {contrast}: the whole-field network is at least as accurate as that of the "
            "neighbourhoods: ratio of errors",
            1.0,
            _NOT_THERE,
            "at most",
            0.0,
            "stated as a sign",
        )
        for contrast in (10, 50)
    },
    "seconds": Claim(
        "it needs less time a cell than the network of the neighbourhoods: ratio of seconds",
        1.0,
        _NOT_THERE,
        "at most",
        0.0,
        "stated as a sign",
    ),
    "seconds_solver": Claim(
        "it saves time against the solver: ratio of seconds",
        1.0,
        _NOT_THERE,
        "at most",
        0.0,
        "a surrogate is there to be faster",
    ),
    "larger_cells": Claim(
        "it holds in larger cells, without training: error there over that in cells of its own "
        "size",
        1.25,
        _NOT_THERE,
        "at most",
        0.0,
        "its field of view is finite and its padding exact; a quarter more error is allowed",
    ),
}

CLAIMS = keyed(
    {
        "homogenization": _HOMOGENIZATION,
        "localization_contrast10": _CONTRAST_10,
        "localization_contrast50": _localization(50),
        "solver_validation": _SOLVER,
        "beyond_whole_field": _WHOLE_FIELD,
    }
)
"""Every claim, keyed ``"<notebook that checks it>.<name>"``."""
