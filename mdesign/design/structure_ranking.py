"""Crystal structures of a composition: known structures with other elements, ranked by likelihood.

The likelihood of a structure is the product over its sites of the probability that the element is
on such a site. K. Ryan, J. Lengyel, M. Shatruk, J. Am. Chem. Soc. 140, 10158 (2018).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from math import gcd

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from mdesign import arguments
from mdesign.crystals import ELEMENTS, by_electronegativity, format_formula, parse_formula
from mdesign.data.sets.sites import Sites

__all__ = ["Ranking", "RankingTest", "Templates", "log_likelihoods"]

_LEAST = 1e-12
"""Probabilities below count as this: an element never seen in training is not impossible."""

_SAME = 1e-6
"""Logarithms of likelihoods that differ by less are equal."""

_PER = ("site", "atom", "mean")
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ranking:
    """Candidate structures of a composition, the most likely first."""

    #: Symbols of the composition.
    elements: tuple[str, ...]
    #: Crystal that is the template of each candidate, (n,).
    crystals: Ints
    #: Element of the template that each element of the composition replaces, (n, n_elements).
    replaced: Ints
    #: Logarithm of the likelihood, (n,).
    log_likelihoods: Floats

    def __len__(self) -> int:
        return len(self.crystals)


@dataclass(frozen=True)
class RankingTest:
    """Ranks of known structures among all candidates of their composition; arrays (n,).

    Candidates of equal likelihood are in random order, so that a rank is known up to a chance.
    """

    #: Candidates of each composition.
    n_candidates: Ints
    #: Candidates that are more likely than the known structure.
    n_better: Ints
    #: Other candidates that are as likely.
    n_tied: Ints
    #: Candidates of the same kind as the known structure, which is one of them.
    n_isostructural: Ints
    #: Other candidates that are more likely than the best one of the same kind.
    n_better_isostructural: Ints
    #: Others that are as likely as that.
    n_tied_isostructural: Ints

    def top(self, k: int) -> float:
        """Share of the known structures among the `k` most likely candidates."""
        k = arguments.whole("k", k)
        return float(np.clip((k - self.n_better) / (self.n_tied + 1), 0, 1).mean())

    def top_isostructural(self, k: int) -> float:
        """Share of those of which a candidate of the same kind is among the `k` most likely."""
        k = arguments.whole("k", k)
        better, tied = self.n_better_isostructural, self.n_tied_isostructural
        return float(np.clip((k - better) / (tied + 1), 0, 1).mean())

    def chance(self, k: int) -> float:
        """Give the share that `top` has for candidates in random order."""
        return float(np.minimum(arguments.whole("k", k) / self.n_candidates, 1).mean())

    def chance_isostructural(self, k: int) -> float:
        """Give the share that `top_isostructural` has for candidates in random order."""
        k = arguments.whole("k", k)
        n, others = self.n_candidates, self.n_candidates - self.n_isostructural
        # None of k candidates is of the kind: C(others, k) / C(n, k).
        possible = others >= k
        many, few = np.where(possible, others, k), np.where(possible, n, k)
        log = gammaln(many + 1) - gammaln(many - k + 1) - gammaln(few + 1) + gammaln(few - k + 1)
        return float(np.where(possible, 1 - np.exp(log), 1).mean())


@dataclass(frozen=True)
class _Group:
    """Templates of one stoichiometry; their elements are sorted by the amount."""

    amounts: tuple[int, ...]
    #: Crystals (m,), their elements (m, k), and what each slot gives each element (m, k, 118).
    crystals: Ints
    elements: Ints
    table: Floats

    def orders(self) -> Iterator[tuple[int, ...]]:
        """All orders of the elements that keep the amounts."""
        for order in permutations(range(len(self.amounts))):
            if all(self.amounts[i] == self.amounts[j] for i, j in enumerate(order)):
                yield order


class Templates:
    """Known structures whose elements can be replaced, with the probabilities of their sites.

    Parameters
    ----------
    sites : Sites
        Of the structures.
    probabilities : array_like, shape (n_sites, 118)
        Probability of each element on each site; see `mdesign.models.crystal_sites`.
    per : {"site", "atom", "mean"}
        The likelihood is a product over the distinct sites, as published; over the atoms of a
        formula unit; or the geometric mean over the distinct sites, which does not favour
        structures of few sites.
    prior : array_like, shape (118,), optional
        Probabilities are divided by these, such as the shares of the elements in training: what
        remains is how much likelier the site makes the element.

    Raises
    ------
    ValueError
        If there is not one row of probabilities for each site.
    """

    def __init__(
        self,
        sites: Sites,
        probabilities: npt.ArrayLike,
        *,
        per: str = "site",
        prior: npt.ArrayLike | None = None,
    ) -> None:
        arguments.choice("per", per, _PER)
        logarithms = _logarithms(sites, probabilities)
        if prior is not None:
            shares = arguments.array("prior", prior, f"({len(ELEMENTS)},)", "[0, 1]")
            logarithms = logarithms - np.log(np.maximum(shares, _LEAST))
        self.sites = sites
        self._groups = _grouped(sites, logarithms * _weights(sites, per)[:, np.newaxis])
        self._place = {
            int(crystal): (amounts, row)
            for amounts, group in self._groups.items()
            for row, crystal in enumerate(group.crystals)
        }

    @property
    def stoichiometries(self) -> list[tuple[int, ...]]:
        """Amounts of the elements, sorted, that at least one template has."""
        return sorted(self._groups)

    def n_candidates(self, rows: npt.ArrayLike) -> Ints:
        """Count the candidates of the formula of each of the crystals `rows`, (n,)."""
        counts = []
        for row in self._checked(rows).tolist():
            group = self._groups[self._place[row][0]]
            counts.append(len(group.crystals) * len(list(group.orders())))
        return np.array(counts, dtype=np.int64)

    def formula(self, crystal: int) -> str:
        """Return the formula of a crystal among the templates in the smallest whole numbers."""
        crystal = arguments.whole("crystal", crystal, f"[0, {len(self.sites) - 1}]")
        amounts = _amounts(self.sites, crystal)
        divisor = gcd(*amounts.values())
        symbols = by_electronegativity([ELEMENTS[number - 1] for number in amounts])
        counts = {ELEMENTS[number - 1]: atoms for number, atoms in amounts.items()}
        return format_formula({symbol: counts[symbol] / divisor for symbol in symbols})

    def rank(self, formula: str) -> Ranking:
        """Rank all candidate structures of a formula.

        Raises
        ------
        ValueError
            If the formula cannot be read, its amounts are not whole, or no template has them.
        """
        amounts = {symbol: round(amount, 6) for symbol, amount in parse_formula(formula).items()}
        if any(amount % 1 for amount in amounts.values()):
            raise ValueError(f"formula must have whole amounts; got {formula}")
        divisor = gcd(*(int(amount) for amount in amounts.values()))
        symbols = sorted(amounts, key=lambda symbol: amounts[symbol])
        key = tuple(int(amounts[symbol]) // divisor for symbol in symbols)
        if key not in self._groups:
            raise ValueError(f"formula must have the amounts of a template; got {formula}")
        columns = np.array([ELEMENTS.index(symbol) for symbol in symbols])
        crystals, replaced, scores = _candidates(self._groups[key], columns)
        best = np.argsort(-scores, kind="stable")
        return Ranking(tuple(symbols), crystals[best], replaced[best], scores[best])

    def test(self, rows: npt.ArrayLike) -> RankingTest:
        """Rank known structures, the crystals `rows` (n,), among all candidates of their formulas.

        A candidate is of the same kind, isostructural, if its template has the prototype of the
        known structure, and each element the environment that fits best among the ways to exchange
        the elements.

        Raises
        ------
        ValueError
            If there are none, or one is no number of a crystal.
        """
        chosen = arguments.not_empty("rows", self._checked(rows))
        counts = [self._counts(row) for row in chosen.tolist()]
        return RankingTest(*np.array(counts).T)

    def _checked(self, rows: npt.ArrayLike) -> Ints:
        """Check numbers of crystals."""
        last = len(self.sites) - 1
        return arguments.array("rows", rows, "(n,)", f"[0, {last}]", dtype=np.int64)

    def _counts(self, crystal: int) -> tuple[int, ...]:
        """Count for a known structure, in the order of the fields of `RankingTest`."""
        amounts, row = self._place[crystal]
        group = self._groups[amounts]
        elements = group.elements[row]
        crystals, replaced, scores = _candidates(group, elements - 1)
        own = (crystals == crystal) & (replaced == elements).all(axis=1)
        same = own | self._isostructural(crystal, elements, crystals, replaced)
        better, tied = _above(scores, float(scores[own][0]), ~own)
        kind_better, kind_tied = _above(scores, float(scores[same].max()), ~same)
        return len(scores), better, tied, int(same.sum()), kind_better, kind_tied

    def _isostructural(
        self, crystal: int, elements: Ints, crystals: Ints, replaced: Ints
    ) -> npt.NDArray[np.bool_]:
        """Mark the candidates of the prototype of a crystal, one of each template."""
        same = np.zeros(len(crystals), np.bool_)
        prototypes = self.sites.prototypes
        wanted = self._environments(crystal, elements)
        for template in np.unique(crystals[prototypes[crystals] == prototypes[crystal]]):
            options = np.flatnonzero(crystals == template)
            misses = [
                np.abs(self._environments(template, replaced[option]) - wanted).sum()
                for option in options
            ]
            same[options[int(np.argmin(misses))]] = True
        return same

    def _environments(self, crystal: int, elements: Ints) -> Floats:
        """Mean fingerprint around the atoms of each element of a crystal, (n_elements, 3072)."""
        first, last = self.sites.first_site[crystal : crystal + 2]
        shares = self.sites.numbers[first:last] == elements[:, np.newaxis]
        shares = shares * self.sites.multiplicities[first:last].astype(np.float64)
        shares /= shares.sum(axis=1, keepdims=True)
        return shares @ self.sites.fingerprints[first:last].reshape(last - first, -1)


def log_likelihoods(sites: Sites, probabilities: npt.ArrayLike, *, per: str = "site") -> Floats:
    """Compute the logarithm of the likelihood of each crystal, (n,); see `Templates`."""
    arguments.choice("per", per, _PER)
    own = _logarithms(sites, probabilities)[np.arange(len(sites.numbers)), sites.numbers - 1]
    return np.add.reduceat(own * _weights(sites, per), sites.first_site[:-1])


def _logarithms(sites: Sites, probabilities: npt.ArrayLike) -> Floats:
    shape = f"({len(sites.numbers)}, {len(ELEMENTS)})"
    values = arguments.array("probabilities", probabilities, shape, "[0, 1]")
    return np.log(np.maximum(values, _LEAST))


def _weights(sites: Sites, per: str) -> Floats:
    """Exponent of the probability of each site in the likelihood of its crystal, (n_sites,)."""
    if per == "site":
        return np.ones(len(sites.numbers))
    if per == "mean":
        return 1 / np.diff(sites.first_site)[sites.crystals]
    units = [gcd(*_amounts(sites, crystal).values()) for crystal in range(len(sites))]
    return sites.multiplicities / np.array(units)[sites.crystals]


def _amounts(sites: Sites, crystal: int) -> dict[int, int]:
    """Atoms of each element in a primitive cell."""
    amounts: dict[int, int] = defaultdict(int)
    part = slice(*sites.first_site[crystal : crystal + 2])
    for number, atoms in zip(
        sites.numbers[part].tolist(), sites.multiplicities[part].tolist(), strict=True
    ):
        amounts[number] += atoms
    return amounts


def _grouped(sites: Sites, weighted: Floats) -> dict[tuple[int, ...], _Group]:
    """Group crystals by their amounts, with the sums of the logarithms over each slot."""
    members: dict[tuple[int, ...], list[tuple[int, list[int], Floats]]] = defaultdict(list)
    for crystal in range(len(sites)):
        amounts = _amounts(sites, crystal)
        divisor = gcd(*amounts.values())
        elements = sorted(amounts, key=lambda number: (amounts[number], number))
        first, last = sites.first_site[crystal : crystal + 2]
        in_slot = sites.numbers[first:last] == np.array(elements)[:, np.newaxis]
        key = tuple(amounts[number] // divisor for number in elements)
        members[key].append((crystal, elements, in_slot @ weighted[first:last]))
    return {
        key: _Group(key, *(np.array(column) for column in zip(*rows, strict=True)))
        for key, rows in members.items()
    }


def _candidates(group: _Group, columns: Ints) -> tuple[Ints, Ints, Floats]:
    """Templates, replaced elements and scores of all candidates for elements in given columns.

    The columns are sorted by the amount, as the slots are.
    """
    orders = np.array(list(group.orders()))
    # Element i goes to the slot orders[:, i].
    scores = np.stack([group.table[:, order, columns].sum(axis=1) for order in orders], axis=1)
    replaced = group.elements[:, orders]
    crystals = np.repeat(group.crystals, len(orders))
    return crystals, replaced.reshape(-1, len(columns)), scores.ravel()


def _above(scores: Floats, own: float, others: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """Count the others that are more likely, and those that are as likely."""
    rivals = scores[others]
    return int((rivals > own + _SAME).sum()), int((np.abs(rivals - own) <= _SAME).sum())
