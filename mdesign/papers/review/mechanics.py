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

from mdesign.papers import Claim, read_claims

__all__ = ["CLAIMS", "STIFFNESS_ERRORS", "STRAIN_ERRORS", "StiffnessError"]


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
_FEWER = "fewer and smaller cells than the paper's 8,550 of 51 voxels a side"

_HOMOGENIZATION = f"""
    error_percent | at most {_NETWORK.percent} % | 1.9 absolute | {_WHERE}
        mean absolute error of the homogenisation network over the mean stiffness
        -- below 5 %: {_FEWER}
    error_gpa | at most {_NETWORK.gpa} GPa | 0.64 absolute | {_WHERE}
        mean absolute error of the homogenisation network
        -- 5 % of the paper's mean stiffness, 33.6 GPa: {_FEWER}
    over_two_point | at most {round(_NETWORK.gpa / _TWO_POINT.gpa, 3)} | 0.044 absolute | {_WHERE}
        its error over that of two-point statistics with principal components
        -- at most half: {_FEWER}, which hurt the network more than the regression
    over_mixtures | at most {round(_NETWORK.gpa / _MIXTURES.gpa, 3)} | 0.084 absolute | {_WHERE}
        its error over that of the rule of mixtures (here Hill's)
        -- 0.15 is still a factor of seven: {_FEWER}
    mixtures_gpa | about {_MIXTURES.gpa} GPa | 0.25 | {_WHERE}
        mean absolute error of the rule of mixtures (here Hill's)
        -- neither the rule nor the filters that made the cells are stated; Voigt's and Reuss's
        errors are two to three times the published one
    parameters | about 3.8 million | 0.02 | {_WHERE}
        trainable parameters of the network at 51 voxels a side, in millions
        -- published with two digits
"""


def _localization(contrast: int) -> str:
    """Claims made at both contrasts."""
    cnn, mks = (STRAIN_ERRORS[contrast][name] for name in ("CNN", "MKS"))
    return f"""
    cnn_mase | at most {cnn} % | 0.5 | {_WHERE}
        contrast {contrast}: mean absolute strain error of the network
        -- a network of a few percent of the paper's size, trained for minutes on two cores
    mks_mase | about {mks} % | 0.25 | {_WHERE}
        contrast {contrast}: mean absolute strain error of MKS
        -- the error of a linear method depends on which stiff fractions the cells have, which is
        not stated; between fractions it differs by a factor of 3
    cnn_over_mks | at most 0.5 | 0.0 | {_WHERE}
        contrast {contrast}: the network's error is significantly lower than that of MKS: ratio
        -- {cnn / mks:.2f} in the paper; half is significant between hundreds of cells
    influence_by_level | about -1.0 | 0.2 absolute | {_WHERE}
        contrast {contrast}: what the network learned of a neighbour falls with its level: rank
        correlation of influence and level, up to level 8
        -- no number in the paper; neighbours of one level differ by their direction from the
        load, so that two levels may change places
    """


_AGENTS = f"""
    cnn_over_agents | at most 1.0 | 0.0 | {_WHERE}
        contrast 10: the network's error is lower than that of the better agent too: ratio
        -- the paper orders the methods by their errors; 0.38 there
    multi_over_single | at most 1.0 | 0.0 | {_WHERE}
        contrast 10: the multi-agent method is more accurate than the single-agent one: ratio
        -- the paper orders the methods by their errors; 0.62 there
"""

_SOLVER = "".join(
    f"""
    published_contrast{contrast} | at most 0.0 % | 0.01 absolute | {name} of the authors' repository
        mean absolute error against the published strains of contrast {contrast}, over the mean
        strain, worst of {count} cells
        -- the published strains have five digits; plain elements are off by percents
    """
    for contrast, count, name in (
        (10, "nine", "sample_data.pkl"),
        (50, "ten", "sample_data50.pkl"),
    )
)

_ACCURACY = "".join(
    f"""
    error_{contrast} | at most 1.0 | 0.0 | not in the paper: a comparison made here
        contrast {contrast}: the whole-field network is at least as accurate as that of the
        neighbourhoods: ratio of errors -- stated as a sign
    """
    for contrast in (10, 50)
)

_WHOLE_FIELD = """
    seconds | at most 1.0 | 0.0 | not in the paper: a comparison made here
        it needs less time a cell than the network of the neighbourhoods: ratio of seconds
        -- stated as a sign
    seconds_solver | at most 1.0 | 0.0 | not in the paper: a comparison made here
        it saves time against the solver: ratio of seconds -- a surrogate is there to be faster
    larger_cells | at most 1.25 | 0.0 | not in the paper: a comparison made here
        it holds in larger cells, without training: error there over that in cells of its own size
        -- its field of view is finite and its padding exact; a quarter more error is allowed
"""

CLAIMS: dict[str, Claim] = read_claims(
    {
        "homogenization": _HOMOGENIZATION,
        "localization_contrast10": _localization(10) + _AGENTS,
        "localization_contrast50": _localization(50),
        "solver_validation": _SOLVER,
        "beyond_whole_field": _ACCURACY + _WHOLE_FIELD,
    }
)
"""Every claim, keyed ``"<notebook that checks it>.<name>"``."""
