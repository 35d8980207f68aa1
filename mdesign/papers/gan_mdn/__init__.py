"""Published numbers of inverse design by a generative adversarial and a mixture density network.

`TABLES` holds Tables 1 to 4 in full. `CLAIMS` holds what the text and the tables conclude, the
numbers of the earlier work that the method builds on, and those that the published data hold. The
optical configuration behind the published labels is stated nowhere, so ours are the labels of
another stack. Claims therefore compare methods, counts and relative errors; their tolerances allow
for labels that spread otherwise, and a verdict judges the claim, not the labels.

References
----------
Y. Mao, Z. Yang, D. Jha, A. Paul, W.-k. Liao, A. Choudhary, A. Agrawal, "Generative Adversarial
Networks and Mixture Density Networks-Based Inverse Modeling for Microstructural Materials
Design", Integr. Mater. Manuf. Innov. 2022, 11, 637, doi:10.1007/s40192-022-00285-0.

A. Agrawal, A. Choudhary, "Deep materials informatics: Applications of deep learning in materials
science", MRS Commun. 2019, 9, 779 (the review that reports the earlier work).

Z. Yang, X. Li, L. C. Brinson, A. Choudhary, W. Chen, A. Agrawal, "Microstructural Materials
Design via Deep Adversarial Learning Methodology", J. Mech. Des. 2018, 140, 111416.
"""

from __future__ import annotations

from collections.abc import Callable

from mdesign.papers import Claim, keyed
from mdesign.papers.gan_mdn.tables import (
    BAYESIAN,
    DIRECT,
    GAN_MDN,
    IN_RANGE,
    OUT_OF_RANGE,
    PCA_MDN,
    TABLES,
    PublishedRow,
    published_rows,
)

__all__ = [
    "BAYESIAN",
    "CITATION",
    "CLAIMS",
    "DIRECT",
    "GAN_MDN",
    "IN_RANGE",
    "OUT_OF_RANGE",
    "PCA_MDN",
    "TABLES",
    "TITLE",
    "PublishedRow",
    "published_rows",
]

TITLE = (
    "Generative Adversarial Networks and Mixture Density Networks-Based Inverse Modeling "
    "for Microstructural Materials Design"
)
CITATION = (
    f"Y. Mao, Z. Yang, D. Jha, A. Paul, W.-k. Liao, A. Choudhary, A. Agrawal, {TITLE}, "
    "Integr. Mater. Manuf. Innov. 2022, 11, 637, doi:10.1007/s40192-022-00285-0"
)

_NO_NUMBER = "the paper states it without a number"
_COUNT = "counted in the paper's own table"
_LABELS = "the labels of our optical stack spread otherwise"
_LAYERS = "a number of layers, filters or neurons"


def _numbers(table: int, method: str, value: Callable[[PublishedRow], float | None]) -> list[float]:
    """One column of a method in a table, a dash as infinity."""
    found = [value(row) for row in TABLES[table][method]]
    return [float("inf") if number is None else number for number in found]


def _mean(row: PublishedRow) -> float | None:
    return row.mean


def _minimum(row: PublishedRow) -> float | None:
    return row.minimum


def _below(table: int, other: str, value: Callable[[PublishedRow], float | None]) -> int:
    """On how many targets of a table GAN-MDN has the smaller number."""
    pairs = zip(_numbers(table, GAN_MDN, value), _numbers(table, other, value), strict=True)
    return sum(ours < theirs for ours, theirs in pairs)


def _count(statement: str, number: int, table: int, allowed: int, reason: str) -> Claim:
    """Build a claim on a number of targets out of five."""
    where = f"Section 3.3, Table {table}"
    return Claim(
        f"{statement}: targets of five", number, where, "at least", allowed, reason, absolute=True
    )


def _in_range(table: int) -> dict[str, Claim]:
    """Conclusions from Table 1 or 2."""
    minima = _numbers(table, GAN_MDN, _minimum)
    means = _numbers(table, GAN_MDN, _mean)
    others = [_numbers(table, method, _minimum) for method in (PCA_MDN, DIRECT, BAYESIAN)]
    lowest = sum(ours < min(theirs) for ours, *theirs in zip(minima, *others, strict=True))
    hours = sum(row.seconds for row in TABLES[table][BAYESIAN])
    seconds = sum(row.seconds for row in TABLES[table][GAN_MDN])
    luck = f"{_COUNT}; the least of 30 draws is a lucky number, one target either way"
    where = f"Section 3.3, Table {table}"
    return {
        "below_one_percent": _count(
            "GAN-MDN's min REP lies below 1 %", sum(m < 1 for m in minima), table, 1, luck
        ),
        "lowest_minimum": _count("GAN-MDN's min REP is the lowest", lowest, table, 1, luck),
        "mean_below_direct": _count(
            "GAN-MDN's average REP lies below direct MDN's",
            _below(table, DIRECT, _mean),
            table,
            1,
            f'{_COUNT}; the text says "most": three of five are',
        ),
        "mean_below_pca": _count(
            "GAN-MDN's average REP lies below PCA-MDN's",
            _below(table, PCA_MDN, _mean),
            table,
            2 if table == 1 else 0,
            f'{_COUNT}; the text says "most" of Data-I (three of five) and "comparable" of Data-II',
        ),
        "minimum_below_bayesian": _count(
            "GAN-MDN's min REP lies below that of Bayesian optimisation, or that does not converge",
            _below(table, BAYESIAN, _minimum),
            table,
            0,
            _COUNT,
        ),
        "mean_rep": Claim(
            "Average REP of GAN-MDN over the five targets",
            round(sum(means) / len(means), 2),
            where,
            "at most",
            0.0,
            "none: random draws come near, so that anything looser would judge nothing",
            unit="%",
        ),
        "seconds": Claim(
            "Time of GAN-MDN for 30 candidates, without their simulation",
            10.0,
            where,
            "at most",
            0.0,
            'the paper: "around 10 seconds"; our machine has no such GPU, so slower would show',
            unit="s",
        ),
        "time_ratio": Claim(
            "Bayesian optimisation is slower by orders of magnitude: its time over GAN-MDN's",
            round(hours / seconds),
            where,
            "at least",
            0.96,
            "two orders of magnitude are the least that the plural allows",
        ),
    }


def _out_of_range(table: int) -> dict[str, Claim]:
    """Conclusions from Table 3 or 4."""
    where = f"Section 3.4, Table {table}"
    low, high = _numbers(table, GAN_MDN, _minimum)
    found = {
        f"minimum_0{round(100 * target)}": Claim(
            f"Min REP of GAN-MDN at {target}, outside the data",
            value,
            where,
            "at most",
            1.0,
            f"one point: the least of 30 draws; {_LABELS}",
            unit="%",
            absolute=True,
        )
        for target, value in zip(OUT_OF_RANGE, (low, high), strict=True)
    }
    for name, method in (("pca", PCA_MDN), ("direct", DIRECT)):
        ratio = max(low, high) / max(_numbers(table, method, _minimum))
        found[f"worst_over_{name}"] = Claim(
            f"Outside the data GAN-MDN is more consistent: its worse min REP over {method}'s",
            1.0,
            where,
            "at most",
            0.0,
            f"{_NO_NUMBER}; the paper's is {ratio:.2f}",
        )
    return found


def _tables_of_data1() -> dict[str, Claim]:
    rise = Claim(
        "Direct MDN's average REP rises with the target: at 0.75 over that at 0.55",
        1.0,
        "Section 3.3, Table 1",
        "at least",
        0.0,
        f"{_NO_NUMBER}; any rise counts, the table's is {26.81 / 9.07:.2f}",
    )
    return {**_in_range(1), "direct_rise": rise, **_out_of_range(3)}


def _figure_1() -> dict[str, Claim]:
    where = "Section 3.1, Fig. 1"
    numbers = {
        "latent_variables_data1": ("Latent variables of a microstructure, Data-I", 9),
        "latent_variables_data2": ("Latent variables of a microstructure, Data-II", 4),
        "image_side_data1": ("Pixels along a side of a microstructure, Data-I", 96),
        "image_side_data2": ("Pixels along a side of a microstructure, Data-II", 64),
    }
    return {name: _exact(text, number, where) for name, (text, number) in numbers.items()}


def _exact(statement: str, number: float, where: str) -> Claim:
    return Claim(statement, number, where, "about", 0.0, _LAYERS)


def _figure_2() -> dict[str, Claim]:
    where = "Section 2.7, Fig. 2"
    found = {
        "dense_layers": _exact("Densely connected layers of the MDN", 4, where),
        "neurons": _exact("Neurons of each dense layer", 16, where),
        "last_inputs": _exact("Inputs of the fourth layer: the property and all before", 49, where),
        "components": _exact("Gaussians in the mixture", 40, where),
        "outputs_data1": _exact("Outputs N = K (1 + 2 M) of the MDN, Data-I", 760, "Eq. 4"),
        "outputs_data2": _exact("Outputs N = K (1 + 2 M) of the MDN, Data-II", 360, "Eq. 4"),
    }
    filters = {"generator": (128, 64, 32, 16, 1), "discriminator": (16, 32, 64, 128, 1)}
    for network, numbers in filters.items():
        for layer, number in enumerate(numbers, start=1):
            statement = f"Filters of layer {layer} of the {network}"
            found[f"{network}_filters_{layer}"] = _exact(statement, number, "Section 2.7")
    return found


def _figure_3() -> dict[str, Claim]:
    return {
        f"similar_data{number}": Claim(
            "GAN-MDN designs look like the data: within the data's own range of autocorrelation, "
            f"Data-{'I' * number}",
            80.0,
            "Section 3.3, Fig. 3",
            "at least",
            0.0,
            f"{_NO_NUMBER}; four of five within the middle 98 % of the data at lags 1 to 5",
            unit="%",
        )
        for number in (1, 2)
    }


def _figure_4() -> dict[str, Claim]:
    where = "Section 3.3, Fig. 4"
    settled = "it does not define convergence; ours: the last 100 REPs spread by less than 1 %"
    found = {
        f"converged_data{number}": Claim(
            f"Bayesian optimisation converges on so many of five targets, Data-{'I' * number}",
            2,
            where,
            "about",
            0.0,
            settled,
        )
        for number in (1, 2)
    }
    ends = {"060_data1": 65, "065_data1": 105, "055_data2": 110, "065_data2": 70}
    for name, iterations in ends.items():
        target, number = float(name[:3]) / 100, int(name[-1])
        final = published_rows(number, BAYESIAN)[target].minimum
        assert final is not None
        text = f"of Bayesian optimisation at {target}, Data-{'I' * number}"
        found[f"final_{name}"] = Claim(
            f"Best REP {text}", final, where, "at most", 0.0, "a better end is no worse", unit="%"
        )
        found[f"iterations_{name}"] = Claim(
            f"Iterations to convergence {text}",
            iterations,
            where,
            "at most",
            0.5,
            'the paper: "around", read off its curve; ours: until one point from the end',
        )
    return found


def _in_band(statement: str) -> Claim:
    return Claim(
        f"{statement}: lags at which the mean lies within one standard deviation",
        95.0,
        "Review, Section on materials design",
        "at least",
        0.0,
        "stated without a number; nineteen lags of twenty",
        unit="%",
    )


def _bayesian_system() -> dict[str, Claim]:
    where = "Review, Section on materials design"
    gain = "half of it: another stack leaves another gain to be had"
    return {
        "gan_over_random": Claim(
            "GAN-generated microstructures absorb more than random ones, by",
            4.8,
            where,
            "at least",
            0.5,
            gain,
            unit="%",
        ),
        "optimised_over_random": Claim(
            "Optimised microstructures absorb more than random ones, by",
            17.2,
            where,
            "at least",
            0.5,
            gain,
            unit="%",
        ),
        "two_point_in_band": _in_band("GAN images have the two-point correlation of the originals"),
        "lineal_path_in_band": _in_band("GAN images have the lineal path of the originals"),
        "scalability_in_band": _in_band("Larger latents give larger images of the same kind"),
        "transfer_error_ratio": Claim(
            "The discriminator serves as pretrained property model: error over that from scratch",
            1.0,
            where,
            "at most",
            0.0,
            "stated without a number; no worse is the claim",
        ),
    }


def _validation() -> dict[str, Claim]:
    where = "100 published absorptances"
    return {
        "held_out_r2": Claim(
            "Our absorptances are the published ones: R2 on those not used to choose the stack",
            1.0,
            where,
            "at least",
            0.05,
            "below 0.95 the labels are others, whatever they correlate with",
        ),
        "correlation": Claim(
            "Our absorptances correlate with the published ones",
            1.0,
            where,
            "at least",
            0.025,
            "a correlation of 0.975 goes with an R2 of 0.95",
        ),
        "mean_absolute_error": Claim(
            "Mean absolute difference from the published absorptances",
            0.0,
            where,
            "at most",
            0.005,
            "about what a change of the truncation order makes",
        ),
        "mean_absorptance": Claim(
            "Mean absorptance of the published microstructures",
            0.666,
            where,
            "about",
            0.01,
            "two standard errors of the mean of 100, and what the truncation makes",
            absolute=True,
        ),
    }


def _generated_data() -> dict[str, Claim]:
    """Numbers of both data sets in the text, and those of the published examples."""
    examples = "100 published examples of Data-II"
    fields = "images of the published generator"
    found: dict[str, Claim] = {}
    for number in (1, 2):
        name, where = f"Data-{'I' * number}", "Section 3.1"
        found[f"samples_data{number}"] = Claim(
            f"Microstructures in {name}", 25_000, where, "about", 0.02, 'the paper: "around"'
        )
        for end, value in (("lowest", 0.55), ("highest", 0.75)):
            found[f"{end}_data{number}"] = Claim(
                f"{end.capitalize()} absorptance in {name}",
                value,
                where,
                "about",
                0.03,
                f"two printed digits; {_LABELS}",
                absolute=True,
            )
    label = f"three standard errors of 100, and the truncation; {_LABELS}"
    share = "a few standard errors of a hundred images"
    found |= {
        "mean_data2": Claim(
            "Mean absorptance, Data-II", 0.666, examples, "about", 0.02, label, absolute=True
        ),
        "deviation_data2": Claim(
            "Standard deviation of the absorptance, Data-II", 0.036, examples, "about", 0.3, label
        ),
        "volume_fraction": Claim(
            "Mean volume fraction of phase 1, images of the generator",
            0.32,
            fields,
            "about",
            0.02,
            share,
        ),
        "volume_fraction_deviation": Claim(
            "Its standard deviation from image to image", 0.017, fields, "about", 0.25, share
        ),
    }
    for lag, value in enumerate((0.71, 0.47, 0.30, 0.20, 0.13), start=1):
        found[f"correlation_{lag}"] = Claim(
            f"Autocorrelation at a distance of {lag}, images of the generator",
            value,
            fields,
            "about",
            0.03,
            share,
            absolute=True,
        )
    return found


def _beyond() -> dict[str, Claim]:
    found = _in_range(2)
    return {
        "seconds_30": found["seconds"],
        "seconds_1000": Claim(
            "As many candidates as wanted: 1,000 in the time of the paper's 30",
            10.0,
            "Section 3.3",
            "at most",
            0.0,
            "around 10 seconds for 30; no time is stated for more",
            unit="s",
        ),
        "mean_rep_reranked_data2": Claim(
            "Average REP of re-ranked candidates stays below that of the paper's, Data-II",
            found["mean_rep"].value,
            "Section 3.3, Table 2",
            "at most",
            0.0,
            "re-ranking has to be worth its surrogate",
            unit="%",
        ),
    }


_BY_NOTEBOOK = {
    "fig1_flowchart": _figure_1(),
    "fig2_mdn_architecture": _figure_2(),
    "data_generation": _generated_data(),
    "rcwa_validation": _validation(),
    "tab1_tab3_data1": _tables_of_data1(),
    "tab2_tab4_data2": {**_in_range(2), **_out_of_range(4)},
    "fig3_microstructures": _figure_3(),
    "fig4_optimization_history": _figure_4(),
    "gan_bayesian_optimization": _bayesian_system(),
    "beyond_candidates": _beyond(),
}

CLAIMS = keyed(_BY_NOTEBOOK)
"""Every claim, keyed ``"<notebook that checks it>.<name>"``."""
