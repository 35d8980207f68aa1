"""What the review says of learning from composition: ElemNet.

The review prints a few numbers and several sentences; each claim names the section that it is from.

References
----------
A. Agrawal, A. Choudhary, "Deep materials informatics: Applications of deep learning in materials
science", MRS Commun. 2019, 9, 779.

D. Jha et al., "ElemNet: Deep learning the chemistry of materials from only elemental composition",
Sci. Rep. 2018, 8, 17593.
"""

from __future__ import annotations

from mdesign.papers import Claim, read_claims

__all__ = ["CLAIMS", "CROSSOVER", "ENERGY_ERRORS", "N_CANDIDATES", "PREDICTION_SECONDS"]

ENERGY_ERRORS = {
    "forest, fractions": 0.157,
    "forest, features": 0.071,
    "network": 0.055,
}
"""Mean absolute errors of the formation energy in eV/atom."""

PREDICTION_SECONDS = 9.28
"""Time of about 25,000 predictions on a CPU, in seconds."""

N_CANDIDATES = {2: 121_396, 3: 12_378_476, 4: 500_533_330}
"""Screened compositions by the number of elements, of 89 elements (Jha et al. 2018)."""

CROSSOVER = 4_000
"""Training compositions above which the network is more accurate than the forest on attributes."""

_WHERE = 'Section "Learning the chemistry of materials from only elemental composition"'
_OUTLOOK = 'Section "Uncertainty quantification and active learning"'
_TRANSFER = 'Section "Transfer learning"'
_SHARE = "the published precision is finer than 5 %, within which we ask for the number"
_OTHER_DATA = """the paper has 275,759 compounds, of which it trains on nine tenths; the public
        parts of the database have 151,339 compositions"""

_ACCURACY = f"""
    network | value | {ENERGY_ERRORS["network"]} eV/atom | within 5 %, better below | {_WHERE}
        The network of seventeen layers has a mean absolute error of 0.055 eV/atom
        -- {_SHARE}
        !! {_OTHER_DATA}
    forest_fractions | value | {ENERGY_ERRORS["forest, fractions"]} eV/atom | within 5 % | {_WHERE}
        That of a random forest on the fractions of the elements is 0.157 eV/atom
        -- {_SHARE}
        !! {_OTHER_DATA}
    forest_features | value | {ENERGY_ERRORS["forest, features"]} eV/atom | within 5 % | {_WHERE}
        That of a random forest on physical attributes of the composition is 0.071 eV/atom
        -- {_SHARE}
        !! {_OTHER_DATA}
    over_fractions | order | - | at most 0.5, order at most 1 | {_WHERE}
        The network has a significantly lower error than the forest on fractions: ratio of errors
        -- 'significantly' has no number: the published ratio is 0.35, here at least a factor of two
    over_features | order | - | at most 0.9, order at most 1 | {_WHERE}
        The network has a significantly lower error than the forest on attributes: ratio of errors
        -- 'significantly' has no number: the published ratio is 0.77, here at least a tenth less
    seconds | value | {PREDICTION_SECONDS} s | at most 9.28 | {_WHERE}
        About 25,000 predictions take 9.28 s on a CPU
        -- "much faster" than training: at most the published time
    plateau | trend | - | at least 0.97 | {_WHERE}
        The accuracy plateaus after 17 layers: error of 24 layers over that of 17
        -- a further gain of at most the spread over seeds, about 3 %
    deeper | trend | - | at most 0.95, order at most 1 | {_WHERE}
        The accuracy improves rapidly until 17 layers: error of 17 layers over that of the best
        network of 4 to 11 layers
        -- a gain beyond the spread over seeds, about 3 %
"""

_LEARNING_CURVE = f"""
    crossover | value | {CROSSOVER} rows | at most {CROSSOVER}, order at most 64000 | {_WHERE}
        The network has a lower error than the forest, even on attributes, for all training sets of
        more than 4,000 compositions: smallest number above which it has
        -- at most the printed size; within the range of sizes at least the order holds
        !! {_OTHER_DATA}
"""

_CHEMISTRY = f"""
    groups_1 | trend | - | at least 0.15, order at least 0.05 | {_WHERE}
        Early layers learn groups: share of elements whose nearest neighbour among the activations
        of layer 1 is of their own group, without the f block and group 3
        -- chance has 0.05, with a standard error of 0.03; three standard errors more
    alkali_1 | trend | - | at most 0.05, order at most 0.5 | {_WHERE}
        Li, Na, K, Rb and Cs lie on a straight line, in this order, in the principal components of
        layer 1: share of random sequences of five elements as straight and as ordered
        -- one sequence in twenty, the usual level of significance
    alkali_2 | trend | - | at most 0.05, order at most 0.5 | {_WHERE}
        Likewise in layer 2
        -- one sequence in twenty, the usual level of significance
    balance_8 | trend | - | at least 0.58, order at least 0.5 | {_WHERE}
        Charge-balanced binary compositions of groups I and II with VI and VII cluster apart from
        the unbalanced ones in layer 8: balanced accuracy of a linear classifier, pairs of elements
        held out
        -- chance has 0.5, with a standard error of 0.04 from 240 compositions; two more
    balance_later | trend | - | at least 0.08, order at least 0 | {_WHERE}
        Charge balance appears in later layers: that accuracy in layer 8, less that in the better
        of layers 1 and 2
        -- two standard errors, 0.04 each
"""

_PHASE_DIAGRAMS = f"""
    ti_o | trend | - | at most 0.15, order at most 0.25 | {_WHERE}
        The network can predict the convex hull of Ti-O, a system left out of its training: mean
        distance of the predicted hull from the computed one, over the mean depth of that
        -- no number; a mean over all oxides of the same share of oxygen has about 0.25
    na_fe_mn_o | trend | - | at most 0.15, order at most 0.25 | {_WHERE}
        Likewise that of Na-Fe-Mn-O, at the compositions of its compounds
        -- no number; a mean over all oxides of the same share of oxygen has about 0.25
"""

_SCREENING = f"""
    stable_systems | trend | - | at least 0.01, order at least 1e-6 | {_WHERE}
        A number of systems have at least one new potential stable compound: share of the screened
        quaternary systems with a candidate below the hull by more than twice the test error
        -- 'a number' has no number; at least one system in a hundred
        !! fewer known compounds make a higher hull, and a larger error more candidates below it
    confirmed | trend | - | at least 1.5, order at least 1 | {_WHERE}
        Several compounds that are predicted to be stable, and that the database does not have, do
        exist: share predicted to be stable of the compounds on the hull of another database, over
        that of its compounds more than 0.1 eV/atom above
        -- 'several' is met by chance among thousands; half as many again are not
        !! the paper looks them up in a database of measured crystals, we in one of computed ones
"""

_UNCERTAINTY = f"""
    ensemble_ranks | trend | - | at least 0.2, order at least 0 | {_OUTLOOK}
        The deviation of the predictions of several models tells the uncertainty: rank correlation
        of deviation and absolute error, five networks
        -- no number; a weak correlation at least, beyond the 0.02 of chance
    dropout_ranks | trend | - | at least 0.2, order at least 0 | {_OUTLOOK}
        Likewise the deviation of repeated predictions with dropout
        -- no number; a weak correlation at least, beyond the 0.02 of chance
    ensemble_coverage | trend | - | 0.85 to 0.95 | {_OUTLOOK}
        That deviation, combined with the error of the model, is calibrated: share of test
        compositions in normal intervals of 90 %, five networks
        -- within five points of what the intervals state
    dropout_coverage | trend | - | 0.85 to 0.95 | {_OUTLOOK}
        Likewise of repeated predictions with dropout
        -- within five points of what the intervals state
"""

_SMALL_DATA = f"""
    transfer | order | - | at most 0.9, order at most 1 | {_TRANSFER}
        Weights learnt from much data help where data are few: error of the fine-tuned network over
        that of one trained from scratch, 200 compositions
        -- 'very useful' has no number; at least a tenth less
    active_accuracy | order | - | at most 0.95, order at most 1 | {_OUTLOOK}
        Labels chosen by their uncertainty improve the accuracy most: error over that after random
        choice of as many
        -- 'greatest' has no number; beyond the spread of the mean of five repeats, about 5 %
    active_discovery | order | - | at least 2, order at least 1 | {_OUTLOOK}
        Active learning significantly reduces the number of experiments that find the best: labels
        to find half of the one percent with the lowest energy, expected at random over those by
        expected improvement
        -- 'significantly' has no number; at least a factor of two
"""

CLAIMS: dict[str, Claim] = read_claims(
    {
        "elemnet_accuracy": _ACCURACY,
        "elemnet_learning_curve": _LEARNING_CURVE,
        "elemnet_chemistry": _CHEMISTRY,
        "elemnet_phase_diagrams": _PHASE_DIAGRAMS,
        "elemnet_screening": _SCREENING,
        "uncertainty": _UNCERTAINTY,
        "transfer_and_active_learning": _SMALL_DATA,
    }
)
"""Claims by the notebook that checks them."""
