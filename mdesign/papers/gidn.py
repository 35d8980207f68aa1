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

from mdesign.papers import Claim, keyed

__all__ = ["BEST_KNOWN", "CITATION", "CLAIMS", "TITLE", "BestKnown"]

TITLE = (
    "Generative Deep Neural Networks for Inverse Materials Design "
    "Using Backpropagation and Active Learning"
)
CITATION = f"C.-T. Chen, G. X. Gu, {TITLE}, Adv. Sci. 2020, 7, 1902607, doi:10.1002/advs.201902607"

_SMALLER_DATA = "the surrogate learns from fewer designs than the paper's 800,000 to 2,400,000"
_NO_NUMBER = "the paper states it without a number"
_ROUNDED = "one unit of the last printed digit"


@dataclass(frozen=True)
class BestKnown:
    """The toughest design known at one soft fraction, found by exact search, not by the paper.

    Parameters
    ----------
    soft_fraction : float
        Share of soft elements.
    toughness : float
        Toughness over that of the homogeneous composite.
    runner_up : float
        Toughness of the second-best design known.
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


def _figure_1() -> dict[str, Claim]:
    return {
        "learning_parameters": Claim(
            "The predictor has around 360,000 learning parameters",
            360_000,
            "Section 4",
            "about",
            0.02,
            'the paper says "around"; two printed digits',
        ),
    }


def _figure_2() -> dict[str, Claim]:
    minimum = "Section 2.1, Fig. 2b"
    trapped = "Section 2.1, Fig. S1"
    return {
        "minimum_x": Claim(
            "GIDN finds the global minimum of the peaks function: x",
            0.23,
            minimum,
            "about",
            0.02,
            "two printed digits, and the curvature of the surrogate moves its minimum a little",
            absolute=True,
        ),
        "minimum_y": Claim(
            "GIDN finds the global minimum of the peaks function: y",
            -1.63,
            minimum,
            "about",
            0.02,
            "two printed digits, and the curvature of the surrogate moves its minimum a little",
            absolute=True,
        ),
        "minimum_value": Claim(
            "Value of the peaks function at the best point GIDN finds",
            -6.55,
            "Eq. (1), Fig. 2a",
            "about",
            0.01,
            "the function is flat at its minimum: 0.02 off in x and y costs less than 0.02",
        ),
        "trapped_x": Claim(
            "Gradient descent from the origin is trapped: x",
            0.29,
            trapped,
            "about",
            0.01,
            _ROUNDED,
            absolute=True,
        ),
        "trapped_y": Claim(
            "Gradient descent from the origin is trapped: y",
            0.32,
            trapped,
            "about",
            0.01,
            _ROUNDED,
            absolute=True,
        ),
        "share_at_global_minimum": Claim(
            "Many of the 1000 paths converge to the global minimum",
            20.0,
            "Section 2.1, Fig. 2c,d",
            "at least",
            0.0,
            f"{_NO_NUMBER}; one path in five, with four kinds of end, is the least called many",
            unit="%",
        ),
    }


def _figure_3() -> dict[str, Claim]:
    where = "Section 2.2, Fig. 3b"
    return {
        "reachable_designs": Claim(
            "Gradient descent on the landscape can end in any of Composites A, B and C",
            3,
            where,
            "about",
            0.0,
            "a count",
        ),
        "share_at_best": Claim(
            "Gradient descent cannot guarantee the best of the three: starts that reach it",
            99.0,
            where,
            "at most",
            0.0,
            f"{_NO_NUMBER}; one start in a hundred that misses it proves the claim",
            unit="%",
        ),
    }


def _gain(fraction: str, iteration: int, percent: float) -> Claim:
    """Gain of the best toughness from the iteration before."""
    statement = f"Gain of the best design, iteration {iteration} over {iteration - 1}, {fraction} %"
    if iteration == 2:
        reason = f"{_SMALLER_DATA}, starts lower and has more to gain; less than this contradicts"
        return Claim(statement, percent, "Section 2.2, Fig. 4b", "at least", 0.2, reason, unit="%")
    reason = 'the paper: "does not increase much"; five points on either side are not much'
    return Claim(
        statement, percent, "Section 2.2, Fig. 4c", "about", 5.0, reason, unit="%", absolute=True
    )


def _figure_4() -> dict[str, Claim]:
    gains = {
        "12_5": ("12.5", 8.5, 0.0),
        "25": ("25", 10.4, 0.02),
        "50": ("50", 37.2, 9.6),
    }
    found = {
        f"gain_{key}_iteration_{iteration}": _gain(fraction, iteration, percent)
        for key, (fraction, *percents) in gains.items()
        for iteration, percent in enumerate(percents, start=2)
    }
    maxima = {1: (197.50, 0.19), 2: (218.05, 0.15), 3: (218.09, 0.095)}
    for iteration, (value, tolerance) in maxima.items():
        found[f"maximum_25_iteration_{iteration}"] = Claim(
            f"Toughness of the best design, iteration {iteration}, 25 %",
            value,
            f"Section 2.3, Fig. 4{'abc'[iteration - 1]}",
            "at least",
            tolerance,
            f"{_SMALLER_DATA}; the gap closes with each iteration",
        )
    return found


def _errors(iteration: int, training: float, testing: float) -> dict[str, Claim]:
    """Errors of the predictor in one iteration at 25 %."""
    panel = f"Section 2.3, Fig. 5{'abc'[iteration - 1]}"
    scale = "a factor of two: the paper does not say how the target is scaled"
    return {
        f"error_training_25_iteration_{iteration}": Claim(
            f"Training error, iteration {iteration}, 25 %", training, panel, "at most", 1.0, scale
        ),
        f"error_testing_25_iteration_{iteration}": Claim(
            f"Testing error, iteration {iteration}, 25 %", testing, panel, "at most", 1.0, scale
        ),
        f"error_ratio_25_iteration_{iteration}": Claim(
            f"No overfitting: testing over training error, iteration {iteration}, 25 %",
            round(testing / training, 2),
            panel,
            "at most",
            0.5,
            "a ratio does not depend on the scale; the paper's errors have two digits at most",
        ),
    }


def _training_data() -> dict[str, Claim]:
    """Training sets of the three iterations at 25 %."""
    panels = {i: f"Section 2.3, Fig. 5{'abc'[i - 1]}" for i in (1, 2, 3)}
    share = "the mean follows the share of designs in the set, which the run chooses"
    return {
        "maximum_25_training_1": Claim(
            "The random designs stay far below the inverse designs: their maximum, 25 %",
            61.01,
            panels[1],
            "at most",
            0.3,
            "the maximum of random designs is a lucky tail: 35 to 75 from seed to seed",
        ),
        "mean_25_training_1": Claim(
            "Mean toughness of the random designs, 25 %",
            1.86,
            panels[1],
            "about",
            0.03,
            "three standard errors of the mean of 50,000 designs",
        ),
        "maximum_25_training_2": Claim(
            "Maximum of the training data, iteration 2, 25 %",
            197.50,
            panels[2],
            "at least",
            0.19,
            "as the best design of iteration 1, which is in the set or in its test fifth",
        ),
        "mean_25_training_2": Claim(
            "Mean of the training data, iteration 2, 25 %", 65.70, panels[2], "about", 0.25, share
        ),
        "maximum_25_training_3": Claim(
            "Maximum of the training data, iteration 3, 25 %",
            218.05,
            panels[3],
            "at least",
            0.15,
            "as the best design of iteration 2, which is in the set or in its test fifth",
        ),
        "mean_25_training_3": Claim(
            "Mean of the training data, iteration 3, 25 %", 98.33, panels[3], "about", 0.25, share
        ),
    }


def _inverse_designs() -> dict[str, Claim]:
    """Inverse designs of the three iterations at 25 %."""
    panels = {i: f"Section 2.3, Fig. 5{'abc'[i - 1]}" for i in (1, 2, 3)}
    maxima = {f"maximum_25_iteration_{i}": _figure_4()[f"maximum_25_iteration_{i}"] for i in panels}
    return maxima | {
        "mean_25_iteration_1": Claim(
            "Mean of the inverse designs, iteration 1, 25 %",
            129.54,
            panels[1],
            "at least",
            0.15,
            _SMALLER_DATA,
        ),
        "mean_25_iteration_2": Claim(
            "Mean of the inverse designs, iteration 2, 25 %",
            163.59,
            panels[2],
            "at least",
            0.14,
            _SMALLER_DATA,
        ),
        "mean_25_iteration_3": Claim(
            "Mean of the inverse designs, iteration 3, 25 %",
            51.27,
            panels[3],
            "about",
            0.5,
            "an accident of one training; only that it falls to about half or less compares",
        ),
        "mean_ratio_25_iteration_3": Claim(
            "The mean of the inverse designs drops in iteration 3: over that of iteration 2, 25 %",
            1.0,
            panels[3],
            "at most",
            0.0,
            "any drop counts; the paper's 51.27 / 163.59 = 0.31 has its own line",
        ),
        "overlap_25_iteration_1": Claim(
            "Inverse designs of iteration 1 no tougher than the best random design, 25 %",
            0.0,
            panels[2],
            "at most",
            1.0,
            'the paper: "share no overlap"; one in a hundred is invisible in its figure',
            unit="%",
        ),
        "repeated_25_iteration_2": Claim(
            "Inverse designs of iteration 2 that iteration 1 had already found, 25 %",
            1.0,
            panels[3],
            "at least",
            0.0,
            'the paper: "many"; one in a hundred is the least that could be called so',
            unit="%",
        ),
    }


def _figure_5() -> dict[str, Claim]:
    return {
        **_errors(1, 0.0021, 0.0048),
        **_errors(2, 0.00011, 0.00013),
        **_errors(3, 0.00012, 0.00016),
        **_training_data(),
        **_inverse_designs(),
    }


_FRACTIONS = {"12_5": "12.5 %", "25": "25 %", "50": "50 %"}


def _figure_s2() -> dict[str, Claim]:
    where = "Section 2.2, Fig. S2"
    found = {
        f"gain_{key}": Claim(
            f"Gain of the best design from 30 times the random designs, {_FRACTIONS[key]}",
            percent,
            where,
            "about",
            tolerance,
            "a few points: luck of the two searches, and smaller sets; no gain at all is too few",
            unit="%",
            absolute=True,
        )
        for key, percent, tolerance in (("12_5", 1.3, 1.2), ("25", 5.4, 4.0), ("50", 23.4, 8.0))
    }
    for key, fraction in _FRACTIONS.items():
        found[f"active_over_passive_{key}"] = Claim(
            f"Active learning beats passive learning: best over best, {fraction}",
            1.0,
            where,
            "at least",
            0.0,
            f"{_NO_NUMBER}; at least as good is the claim",
        )
    found["data_ratio"] = Claim(
        "Active learning needs an order of magnitude less data: passive over active designs",
        10.0,
        "Sections 2.2 and 3",
        "at least",
        0.0,
        "24,000,000 over 2,400,000 designs",
    )
    return found


def _figure_s3() -> dict[str, Claim]:
    where = "Section 2.2, Fig. S3"
    found = {
        f"shortfall_{key}": Claim(
            f"Topology optimisation by finite differences ends below GIDN by, {_FRACTIONS[key]}",
            percent,
            where,
            "about",
            0.25,
            "optimiser, step and start are not stated; a quarter of the shortfall",
            unit="%",
        )
        for key, percent in (("12_5", 21.3), ("25", 27.7), ("50", 58.0))
    }
    for key, fraction in _FRACTIONS.items():
        found[f"topology_over_gidn_{key}"] = Claim(
            f"GIDN outperforms topology optimisation: topology over GIDN, {fraction}",
            1.0,
            "Sections 2.2 and 3",
            "at most",
            0.0,
            "the claim as such, whatever the shortfall",
        )
    return found


def _figure_s5() -> dict[str, Claim]:
    return {
        "genetic_over_gidn": Claim(
            "The genetic algorithm, free in volume, stays below GIDN's best: best over best",
            1.0,
            "Section 2.2, Figs. S5, 4c",
            "at most",
            0.0,
            f"{_NO_NUMBER}; not above is the claim",
        ),
        "gain_last_tenth": Claim(
            "The genetic algorithm has converged: gain over the last tenth of its generations",
            0.0,
            "Section 2.2, Fig. S4",
            "at most",
            1.0,
            f"{_NO_NUMBER}; a gain below one percent is invisible in the figure",
            unit="%",
        ),
    }


def _figure_s6() -> dict[str, Claim]:
    return {
        "shortfall_12_5": Claim(
            "The best design of logistic regression ends below GIDN by, 12.5 %",
            8.1,
            "Section 2.2, Fig. S6",
            "about",
            4.0,
            "the best of a few hundred draws from learned weights moves by some points",
            unit="%",
            absolute=True,
        ),
        "logistic_over_gidn": Claim(
            "GIDN outperforms logistic regression: logistic over GIDN, 12.5 %",
            1.0,
            "Section 2.2, Fig. S6",
            "at most",
            0.0,
            "the claim as such, whatever the shortfall",
        ),
    }


def _beyond() -> dict[str, Claim]:
    return {
        "maximum_25": Claim(
            "Exact design is as good as the best of GIDN, 25 %",
            218.09,
            "Section 2.3, Fig. 4c",
            "at least",
            0.0003,
            "the paper's two best designs, 218.05 and 218.09, both count",
        ),
    }


_BY_NOTEBOOK = {
    "fig1_framework": _figure_1(),
    "fig2_peaks": _figure_2(),
    "fig3_landscape_8x8": _figure_3(),
    "fig4_active_learning": _figure_4(),
    "fig5_statistics": _figure_5(),
    "figS2_passive_learning": _figure_s2(),
    "figS3_topology_optimization": _figure_s3(),
    "figS5_genetic_algorithm": _figure_s5(),
    "figS6_logistic_regression": _figure_s6(),
    "beyond_exact_design": _beyond(),
}

CLAIMS = keyed(_BY_NOTEBOOK)
"""Every claim of the paper, keyed ``"<notebook that checks it>.<name>"``."""
