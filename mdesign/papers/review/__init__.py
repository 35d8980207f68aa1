"""Published numbers of the review, a module a field."""

from mdesign.papers.review import chemistry, crystals, mechanics

__all__ = ["CLAIMS"]

CLAIMS = mechanics.CLAIMS | chemistry.CLAIMS | crystals.CLAIMS
