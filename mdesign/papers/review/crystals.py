"""What the review says of networks that know the structure: here oxides of one structure.

References
----------
A. Agrawal, A. Choudhary, "Deep materials informatics: Applications of deep learning in materials
science", MRS Commun. 2019, 9, 779.

W. Ye et al., "Deep neural networks for accurate predictions of crystal stability", Nat. Commun.
2018, 9, 3800.
"""

from __future__ import annotations

from mdesign.papers import Claim, read_claims

__all__ = ["CLAIMS", "OXIDE_ERRORS"]

OXIDE_ERRORS = {"garnets": (0.007, 0.010), "perovskites": (0.020, 0.034)}
"""Smallest and largest of the mean absolute errors of the formation energy, in eV/atom."""

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

CLAIMS: dict[str, Claim] = read_claims({"oxides": _OXIDES})
"""Claims by the notebook that checks them."""
