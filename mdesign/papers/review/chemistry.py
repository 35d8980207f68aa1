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

__all__ = ["CLAIMS", "ENERGY_ERRORS", "N_CANDIDATES", "PREDICTION_SECONDS"]

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

_WHERE = 'Section "Learning the chemistry of materials from only elemental composition"'
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

CLAIMS: dict[str, Claim] = read_claims(
    {
        "elemnet_accuracy": _ACCURACY,
    }
)
"""Claims by the notebook that checks them."""
