"""Published numbers of generative inverse design networks.

Where the paper writes a claim without a number, the claim stands here as a number with a
relation (a ratio of at most 1, a share of at least so many percent), and its reason says so.
Tolerances allow for what the committed figures change on purpose: fewer random designs and
shorter training than the paper's, on two cores instead of a data-centre GPU. Numbers printed only
inside the drawings (the toughness below each design of Figs. 3 and 4) are not in the paper's text
and so not listed.

References
----------
C.-T. Chen, G. X. Gu, "Generative Deep Neural Networks for Inverse Materials Design Using
Backpropagation and Active Learning", Adv. Sci. 2020, 7, 1902607, doi:10.1002/advs.201902607.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mdesign.papers import Claim, read_claims

__all__ = ["BEST_KNOWN", "CLAIMS", "BestKnown"]

_SMALLER_DATA = "the surrogate learns from fewer designs than the paper's 800,000 to 2,400,000"
_NO_NUMBER = "the paper states it without a number"


@dataclass(frozen=True)
class BestKnown:
    """The toughest design known at one soft fraction, found by exact search, not by the paper.

    Parameters
    ----------
    soft_fraction : float
        Share of soft elements.
    toughness, runner_up : float
        Toughness of this and of the second-best design, over that of the homogeneous composite.
    hexadecimal : str
        The design as 32 hexadecimal digits; the most significant bit is element 0, 1 = soft.
    """

    soft_fraction: float
    toughness: float
    runner_up: float
    hexadecimal: str

    def design(self) -> np.ndarray:
        """Decode the design.

        Returns
        -------
        numpy.ndarray, shape (128,), float64
            1 = stiff, 0 = soft, element ``8 * ix + iy`` of the half model.

        Examples
        --------
        >>> float(BEST_KNOWN[25.0].design().mean())
        0.75
        """
        soft = np.unpackbits(np.frombuffer(bytes.fromhex(self.hexadecimal), dtype=np.uint8))
        return 1.0 - soft


BEST_KNOWN: dict[float, BestKnown] = {
    12.5: BestKnown(0.125, 86.6553, 86.2086, "00203078f87080000000000000000000"),
    25.0: BestKnown(0.25, 218.0929, 218.0473, "001c1e7fef6703030101000000000000"),
    50.0: BestKnown(0.5, 763.1641, 762.3803, "3f3f3f7fff1f0f0f80c0e0f07c0080c0"),
}
"""Toughest designs known, keyed by soft share in percent."""

_FRACTIONS = {"12_5": "12.5 %", "25": "25 %", "50": "50 %"}

_FIGURE_2 = f"""
    minimum_x | about 0.23 | 0.02 absolute | Section 2.1, Fig. 2b
        GIDN finds the global minimum of the peaks function: x
        -- two printed digits, and the curvature of the surrogate moves its minimum a little
    minimum_y | about -1.63 | 0.02 absolute | Section 2.1, Fig. 2b
        GIDN finds the global minimum of the peaks function: y
        -- two printed digits, and the curvature of the surrogate moves its minimum a little
    minimum_value | about -6.55 | 0.01 | Eq. (1), Fig. 2a
        Value of the peaks function at the best point GIDN finds
        -- the function is flat at its minimum: 0.02 off in x and y costs less than 0.02
    trapped_x | about 0.29 | 0.01 absolute | Section 2.1, Fig. S1
        Gradient descent from the origin is trapped: x -- one unit of the last printed digit
    trapped_y | about 0.32 | 0.01 absolute | Section 2.1, Fig. S1
        Gradient descent from the origin is trapped: y -- one unit of the last printed digit
    share_at_global_minimum | at least 20.0 % | 0.0 | Section 2.1, Fig. 2c,d
        Many of the 1000 paths converge to the global minimum
        -- {_NO_NUMBER}; one path in five, with four kinds of end, is the least called many
"""

_FIGURE_3 = f"""
    reachable_designs | about 3 | 0.0 | Section 2.2, Fig. 3b
        Gradient descent on the landscape can end in any of Composites A, B and C -- a count
    share_at_best | at most 99.0 % | 0.0 | Section 2.2, Fig. 3b
        Gradient descent cannot guarantee the best of the three: starts that reach it
        -- {_NO_NUMBER}; one start in a hundred that misses it proves the claim
"""

_GAINS = "".join(
    f"""
    gain_{key}_iteration_2 | at least {second} % | 0.2 | Section 2.2, Fig. 4b
        Gain of the best design, iteration 2 over 1, {_FRACTIONS[key]}
        -- {_SMALLER_DATA}, starts lower and has more to gain; less than this contradicts
    gain_{key}_iteration_3 | about {third} % | 5.0 absolute | Section 2.2, Fig. 4c
        Gain of the best design, iteration 3 over 2, {_FRACTIONS[key]}
        -- the paper: "does not increase much"; five points on either side are not much
    """
    for key, second, third in (("12_5", 8.5, 0.0), ("25", 10.4, 0.02), ("50", 37.2, 9.6))
)

_MAXIMA = "".join(
    f"""
    maximum_25_iteration_{iteration} | at least {value} | {tolerance} | Section 2.3, Fig. 4{panel}
        Toughness of the best design, iteration {iteration}, 25 %
        -- {_SMALLER_DATA}; the gap closes with each iteration
    """
    for iteration, panel, value, tolerance in (
        (1, "a", 197.50, 0.19),
        (2, "b", 218.05, 0.15),
        (3, "c", 218.09, 0.095),
    )
)

_ERRORS = "".join(
    f"""
    error_training_25_iteration_{iteration} | at most {training} | 1.0 | {where}
        Training error, iteration {iteration}, 25 %
        -- a factor of two: the paper does not say how the target is scaled
    error_testing_25_iteration_{iteration} | at most {testing} | 1.0 | {where}
        Testing error, iteration {iteration}, 25 %
        -- a factor of two: the paper does not say how the target is scaled
    error_ratio_25_iteration_{iteration} | at most {round(testing / training, 2)} | 0.5 | {where}
        No overfitting: testing over training error, iteration {iteration}, 25 %
        -- a ratio does not depend on the scale; the paper's errors have two digits at most
    """
    for iteration, where, training, testing in (
        (1, "Section 2.3, Fig. 5a", 0.0021, 0.0048),
        (2, "Section 2.3, Fig. 5b", 0.00011, 0.00013),
        (3, "Section 2.3, Fig. 5c", 0.00012, 0.00016),
    )
)

_TRAINING_DATA = """
    maximum_25_training_1 | at most 61.01 | 0.3 | Section 2.3, Fig. 5a
        The random designs stay far below the inverse designs: their maximum, 25 %
        -- the maximum of random designs is a lucky tail: 35 to 75 from seed to seed
    mean_25_training_1 | about 1.86 | 0.03 | Section 2.3, Fig. 5a
        Mean toughness of the random designs, 25 %
        -- three standard errors of the mean of 50,000 designs
    maximum_25_training_2 | at least 197.5 | 0.19 | Section 2.3, Fig. 5b
        Maximum of the training data, iteration 2, 25 %
        -- as the best design of iteration 1, which is in the set or in its test fifth
    mean_25_training_2 | about 65.7 | 0.25 | Section 2.3, Fig. 5b
        Mean of the training data, iteration 2, 25 %
        -- the mean follows the share of designs in the set, which the run chooses
    maximum_25_training_3 | at least 218.05 | 0.15 | Section 2.3, Fig. 5c
        Maximum of the training data, iteration 3, 25 %
        -- as the best design of iteration 2, which is in the set or in its test fifth
    mean_25_training_3 | about 98.33 | 0.25 | Section 2.3, Fig. 5c
        Mean of the training data, iteration 3, 25 %
        -- the mean follows the share of designs in the set, which the run chooses
"""

_INVERSE_DESIGNS = f"""
    mean_25_iteration_1 | at least 129.54 | 0.15 | Section 2.3, Fig. 5a
        Mean of the inverse designs, iteration 1, 25 % -- {_SMALLER_DATA}
    mean_25_iteration_2 | at least 163.59 | 0.14 | Section 2.3, Fig. 5b
        Mean of the inverse designs, iteration 2, 25 % -- {_SMALLER_DATA}
    mean_25_iteration_3 | about 51.27 | 0.5 | Section 2.3, Fig. 5c
        Mean of the inverse designs, iteration 3, 25 %
        -- an accident of one training; only that it falls to about half or less compares
    mean_ratio_25_iteration_3 | at most 1.0 | 0.0 | Section 2.3, Fig. 5c
        The mean of the inverse designs drops in iteration 3: over that of iteration 2, 25 %
        -- any drop counts; the paper's 51.27 / 163.59 = 0.31 has its own line
    overlap_25_iteration_1 | at most 0.0 % | 1.0 | Section 2.3, Fig. 5b
        Inverse designs of iteration 1 no tougher than the best random design, 25 %
        -- the paper: "share no overlap"; one in a hundred is invisible in its figure
    repeated_25_iteration_2 | at least 1.0 % | 0.0 | Section 2.3, Fig. 5c
        Inverse designs of iteration 2 that iteration 1 had already found, 25 %
        -- the paper: "many"; one in a hundred is the least that could be called so
"""

_PASSIVE_GAINS = "".join(
    f"""
    gain_{key} | about {percent} % | {tolerance} absolute | Section 2.2, Fig. S2
        Gain of the best design from 30 times the random designs, {_FRACTIONS[key]}
        -- a few points: luck of the two searches, and smaller sets; no gain at all is too few
    """
    for key, percent, tolerance in (("12_5", 1.3, 1.2), ("25", 5.4, 4.0), ("50", 23.4, 8.0))
)

_ACTIVE_OVER_PASSIVE = "".join(
    f"""
    active_over_passive_{key} | at least 1.0 | 0.0 | Section 2.2, Fig. S2
        Active learning beats passive learning: best over best, {fraction}
        -- {_NO_NUMBER}; at least as good is the claim
    """
    for key, fraction in _FRACTIONS.items()
)

_SHORTFALLS = "".join(
    f"""
    shortfall_{key} | about {percent} % | 0.25 | Section 2.2, Fig. S3
        Topology optimisation by finite differences ends below GIDN by, {_FRACTIONS[key]}
        -- optimiser, step and start are not stated; a quarter of the shortfall
    """
    for key, percent in (("12_5", 21.3), ("25", 27.7), ("50", 58.0))
)

_TOPOLOGY_OVER_GIDN = "".join(
    f"""
    topology_over_gidn_{key} | at most 1.0 | 0.0 | Sections 2.2 and 3
        GIDN outperforms topology optimisation: topology over GIDN, {fraction}
        -- the claim as such, whatever the shortfall
    """
    for key, fraction in _FRACTIONS.items()
)

CLAIMS: dict[str, Claim] = read_claims(
    {
        "fig1_framework": """
            learning_parameters | about 360_000 | 0.02 | Section 4
                The predictor has around 360,000 learning parameters
                -- the paper says "around"; two printed digits
        """,
        "fig2_peaks": _FIGURE_2,
        "fig3_landscape_8x8": _FIGURE_3,
        "fig4_active_learning": _GAINS + _MAXIMA,
        "fig5_statistics": _ERRORS + _TRAINING_DATA + _MAXIMA + _INVERSE_DESIGNS,
        "figS2_passive_learning": f"""
            {_PASSIVE_GAINS} {_ACTIVE_OVER_PASSIVE}
            data_ratio | at least 10.0 | 0.0 | Sections 2.2 and 3
                Active learning needs an order of magnitude less data: passive over active designs
                -- 24,000,000 over 2,400,000 designs
        """,
        "figS3_topology_optimization": _SHORTFALLS + _TOPOLOGY_OVER_GIDN,
        "figS5_genetic_algorithm": f"""
            genetic_over_gidn | at most 1.0 | 0.0 | Section 2.2, Figs. S5, 4c
                The genetic algorithm, free in volume, stays below GIDN's best: best over best
                -- {_NO_NUMBER}; not above is the claim
            gain_last_tenth | at most 0.0 % | 1.0 | Section 2.2, Fig. S4
                The genetic algorithm has converged: gain over the last tenth of its generations
                -- {_NO_NUMBER}; a gain below one percent is invisible in the figure
        """,
        "figS6_logistic_regression": """
            shortfall_12_5 | about 8.1 % | 4.0 absolute | Section 2.2, Fig. S6
                The best design of logistic regression ends below GIDN by, 12.5 %
                -- the best of a few hundred draws from learned weights moves by some points
            logistic_over_gidn | at most 1.0 | 0.0 | Section 2.2, Fig. S6
                GIDN outperforms logistic regression: logistic over GIDN, 12.5 %
                -- the claim as such, whatever the shortfall
        """,
        "beyond_exact_design": """
            maximum_25 | at least 218.09 | 0.0003 | Section 2.3, Fig. 4c
                Exact design is as good as the best of GIDN, 25 %
                -- the paper's two best designs, 218.05 and 218.09, both count
        """,
    }
)
"""Every claim of the paper, keyed ``"<notebook that checks it>.<name>"``."""
