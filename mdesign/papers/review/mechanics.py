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

_WHERE = 'Section "Multiscale homogenization and localization linkages"'
_OTHER_CELLS = """the paper's cells have 51 voxels a side, and the filters that make them are not
        stated; ours are smaller in the laptop profile, and of filters of our own"""
_OTHER_FRACTIONS = """the review does not state how the stiff fractions of the cells are
        distributed, on which the errors depend; ours are spread evenly"""
_TWICE = "'significantly' has no number: here at least a factor of two"
_SHARE = "the published precision is finer than 5 %, within which we ask for the number"

_MIXTURES, _TWO_POINT, _NETWORK = (
    STIFFNESS_ERRORS[name].percent
    for name in ("rule of mixtures", "two-point statistics", "network")
)

_HOMOGENIZATION = f"""
    network | value | {_NETWORK} % | within 5 %, better below | {_WHERE}
        The mean absolute error of the network is 1.04 GPa, 3.10 % of the mean stiffness
        -- {_SHARE}
        !! {_OTHER_CELLS}
    two_point | value | {_TWO_POINT} % | within 5 % | {_WHERE}
        That of regression on principal components of two-point statistics is 2.28 GPa, 6.79 %
        -- {_SHARE}
        !! {_OTHER_CELLS}
    mixtures | value | {_MIXTURES} % | within 5 % | {_WHERE}
        That of the rule of mixtures is 15.68 GPa, 46.66 %
        -- {_SHARE}
        !! the paper does not state the rule, here Hill's, the mean of Voigt's and Reuss's; and
        {_OTHER_CELLS}
    over_two_point | order | - | at most 0.5, order at most 1 | {_WHERE}
        The network is significantly better than two-point statistics: ratio of errors
        -- {_TWICE}
    over_mixtures | order | - | at most 0.5, order at most 1 | {_WHERE}
        The network is significantly better than the rule of mixtures: ratio of errors, to that of
        the best of six rules and bounds
        -- {_TWICE}
    filters | trend | - | at most -0.58, order at most 0 | {_WHERE}
        Filters can be read as features of the microstructure that influence the stiffness: rank
        correlation of how rough a filter of the first layer is along the load, and how its
        excitation goes with the stiffness that the fraction does not explain
        -- significant at 1 % for the 16 filters, one-sided: stiff paths along the load matter
"""


def _localization(contrast: int) -> str:
    """Claims made at both contrasts."""
    cnn, mks = (STRAIN_ERRORS[contrast][name] for name in ("CNN", "MKS"))
    return f"""
    cnn | value | {cnn} % | within 5 %, better below | {_WHERE}
        Contrast {contrast}: the mean absolute strain error of the CNN is {cnn} %
        -- {_SHARE}
        !! {_OTHER_FRACTIONS}
    mks | value | {mks} % | within 5 % | {_WHERE}
        Contrast {contrast}: that of MKS is {mks} %
        -- {_SHARE}
        !! {_OTHER_FRACTIONS}
    cnn_over_mks | order | - | at most 0.5, order at most 1 | {_WHERE}
        Contrast {contrast}: the error of the CNN is significantly lower than that of MKS: ratio
        -- {_TWICE}
    influence | trend | - | at most -0.83, order at most 0 | {_WHERE}
        Contrast {contrast}: what the CNN learned of a neighbour decreases with its level: rank
        correlation of influence and level, levels 1 to 8
        -- significant at 1 % for eight levels, one-sided; two levels may change places, since
        neighbours of one level differ by their direction from the load
    """


_OTHER_AGENTS = """the review does not state features and models of the agents; ours know the stiff
        fraction of the cell and tell neighbours along the load from those beside"""

_AGENTS = f"""
    single | value | 13.02 % | within 5 % | {_WHERE}
        Contrast 10: that of the single-agent method is 13.02 %
        -- {_SHARE}
        !! {_OTHER_AGENTS}
    multi | value | 8.04 % | within 5 % | {_WHERE}
        Contrast 10: that of the multi-agent method is 8.04 %
        -- {_SHARE}
        !! {_OTHER_AGENTS}
    cnn_over_agents | order | - | at most 0.5, order at most 1 | {_WHERE}
        Contrast 10: the error of the CNN is significantly lower than that of the better agent:
        ratio
        -- {_TWICE}
    multi_over_single | order | - | at most 1 | {_WHERE}
        Contrast 10: the multi-agent method is more accurate than the single-agent one: ratio
        -- an order of two errors
    single_over_mks | order | - | at least 1, order at least 1 | {_WHERE}
        Contrast 10: the single-agent method is less accurate than MKS: ratio of errors
        -- an order of two errors
        !! {_OTHER_AGENTS}
"""

_SOLVER = "".join(
    f"""
    published_contrast{contrast} | value | - % | at most 0.01 | {name} of the authors' repository
        The strains of {cells}, contrast {contrast}: mean absolute difference, over the mean strain,
        in the worst cell
        -- ten units of the fifth published digit, the last of which iterative solvers may change
    """
    for contrast, cells, name in (
        (10, "nine published cells", "sample_data.pkl"),
        (50, "ten published cells", "sample_data50.pkl"),
    )
)

CLAIMS: dict[str, Claim] = read_claims(
    {
        "homogenization": _HOMOGENIZATION,
        "localization_contrast10": _localization(10) + _AGENTS,
        "localization_contrast50": _localization(50),
        "solver_validation": _SOLVER,
    }
)
"""Every claim, keyed ``"<notebook that checks it>.<name>"``."""
