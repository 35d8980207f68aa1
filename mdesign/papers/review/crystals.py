"""What the review says of networks that know the structure: oxides of one structure, and sites.

References
----------
A. Agrawal, A. Choudhary, "Deep materials informatics: Applications of deep learning in materials
science", MRS Commun. 2019, 9, 779.

W. Ye et al., "Deep neural networks for accurate predictions of crystal stability", Nat. Commun.
2018, 9, 3800.

K. Ryan, J. Lengyel, M. Shatruk, "Crystal structure prediction via deep learning", J. Am. Chem. Soc.
2018, 140, 10158.
"""

from __future__ import annotations

from mdesign.papers import Claim, read_claims

__all__ = ["CLAIMS", "ELEMENT_ERROR", "OXIDE_ERRORS", "TOP_K"]

OXIDE_ERRORS = {"garnets": (0.007, 0.010), "perovskites": (0.020, 0.034)}
"""Smallest and largest of the mean absolute errors of the formation energy, in eV/atom."""

ELEMENT_ERROR = 31.0
"""Share of the sites whose element is predicted wrongly, in percent."""

TOP_K = {1: 27.0, 10: 59.0}
"""Share of the known structures among the k most likely candidates, in percent."""

_WHERE = 'Section "Crystal structure aware property prediction"'


def _range(name: str) -> tuple[float, str]:
    """Give the larger error of a range, and the range widened by 5 % at both ends."""
    low, high = OXIDE_ERRORS[name]
    return high, f"{round(0.95 * low, 6)} to {round(1.05 * high, 6)}, better below"


_OXIDES = """
    perovskites | value | {0[0]} eV/atom | {0[1]} | {where}
        Ionic radii and electronegativities predict the formation energy of perovskites with mean
        absolute errors of 0.020 to 0.034 eV/atom, the larger of which is in the column: ours of
        unmixed ones, compositions held out
        -- the printed range, and 5 % beyond its ends
    garnets | value | {1[0]} eV/atom | {1[1]} | {where}
        Those of garnets are 0.007 to 0.010 eV/atom
        -- the printed range, and 5 % beyond its ends
        !! the energies of the garnets are not published: their networks are built, not judged
    mixed | trend | - | at most 1.1, order at most 1.5 | {where}
        Oxides with several ions on a site are predicted with minimal loss in accuracy: error of
        mixed perovskites over that of unmixed ones, each relative to that of guessing the mean
        -- 'minimal' has no number: at most a tenth more; half as much again is no minimal loss
        !! the review says it of garnets, whose energies are not published, and of a binary encoding
        of the orderings, which are not recorded; here perovskites, with the mean of the ions
""".format(_range("perovskites"), _range("garnets"), where=_WHERE)

_PREDICTION = 'Section "Crystal structure prediction"'
_OTHER_CRYSTALS = """the paper has 704,334 sites of 51,723 measured structures, not public as a set;
        here are at most 150,000 sites of 25,984 computed ones, whole crystals held out"""

_SITES = f"""
    error | value | {ELEMENT_ERROR} % | within 5 %, better below, order at most 70 | {_PREDICTION}
        The element on a site is predicted from its geometry with an error of 31 % on the test set
        -- the printed precision is finer than 5 %; always oxygen, the commonest element, has an
        error of about 77 %, and at most 70 % is beyond its spread of 2 % between test sets
        !! {_OTHER_CRYSTALS}
    reasonable | trend | - | at least 0.5, order at least 0.3 | {_PREDICTION}
        Most errors are chemically reasonable, such as within the 3d and the 4f elements: share of
        the errors within a group of the s or p block, or a row of the d or f block
        -- 'most' is at least half; the share of chance is judged by the next claim
    beyond_chance | order | - | at least 1.5, order at least 1.1 | {_PREDICTION}
        They are so because the network learns chemistry: that share over that of as many errors
        with the same true and predicted elements in random order
        -- no number; half as many again as by chance, and a tenth more for the sign, beyond the
        standard error of 2 % from thousands of errors
    groups | trend | - | at least 0.25, order at least 0.19 | {_PREDICTION}
        The weights of the elements in the sigmoid classifier, placed by t-SNE, form groups as in
        the periodic table: share of the elements whose nearest neighbour is of their own family,
        of those with at least 20 sites to train on
        -- chance has 0.09, with a standard error of 0.03: three of these more for the sign, five
        for the claim
"""

_RANKING = f"""
    top_1 | value | {TOP_K[1]} % | within 5 %, better above, order at least 5 | {_PREDICTION}
        Of held-out structures 27 % are the most likely of all candidates of their composition:
        here of those with at least 100 candidates
        -- the printed precision is finer than 5 %; candidates in random order have at most 1 %,
        with a standard error of 0.5 % from 400 structures
        !! {_OTHER_CRYSTALS}; the candidates are as many as the templates at hand
    top_10 | value | {TOP_K[10]} % | within 5 %, better above, order at least 25 | {_PREDICTION}
        Of held-out structures 59 % are among the ten most likely candidates: likewise
        -- the printed precision is finer than 5 %; candidates in random order have at most 10 %,
        with a standard error of 2 % from 400 structures
        !! {_OTHER_CRYSTALS}; the candidates are as many as the templates at hand
    isostructural | order | - | at least 1.1, order at least 1 | {_PREDICTION}
        Isostructural candidates make these shares an underestimate: share of held-out structures
        whose most likely candidate is isostructural, over the share for which it is the true one,
        both less the shares of candidates in random order
        -- no number; a tenth more than without them. More hits are certain, so that chance is
        taken off; among ten candidates chance alone finds an isostructural one for 40 %
"""

CLAIMS: dict[str, Claim] = read_claims(
    {"oxides": _OXIDES, "site_fingerprints": _SITES, "structure_prediction": _RANKING}
)
"""Claims by the notebook that checks them."""
