"""The accuracy of coders, of photos' labels, and which answers a second coder is asked about.

A coder says yes with probability s where a photo shows a subject (sensitivity) and no with
probability c where it does not (specificity). What the photo shows is known where an adjudicator
settled it; elsewhere it is a latent class (Dawid & Skene 1979, doi 10.2307/2346806). Which photos
were adjudicated may depend on the answers, as where only disagreements were: that is ignorable
given the answers (Begg & Greenes 1983, doi 10.2307/2530820), while accuracy among adjudicated
photos alone would be near a half.

Which photos are coded twice may depend on the answers as well, as where a rare yes is asked about
again: ignorable too, as long as photos that one coder saw are part of the likelihood.

How common the subject is may differ between strata, which answers are asked about again depends on.
Two answers a photo and no adjudication leave two equations for three unknowns (Hui & Walter 1980,
doi 10.2307/2530508): then the prior has its say, and the method says so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray

from presslens.pipelines.statistics.misclassification import CoderAccuracy, Rate
from presslens.pipelines.statistics.photo_table import Numbers

PRIOR = (4.5, 0.5)
"""Beta prior of either accuracy: nine of ten answers are right, worth five photos."""

FEWEST_REFERENCES = 5
"""Fewest photos that were adjudicated, or that three coded, for data to outweigh the prior."""

ALIKE = (
    "posterior of a latent class model (Dawid & Skene), coders taken as alike and erring "
    "independently; adjudicated photos are the reference"
)
APART = (
    "posterior of a latent class model (Dawid & Skene), each coder by itself, erring "
    "independently; adjudicated photos are the reference"
)
FEW_REFERENCES = "; few are adjudicated, so that the prior weighs: nine of ten answers are right"

_CELLS = 24
"""Points of the grid in each dimension."""

_PASSES = 5
"""How often the grid is drawn again around what is likely."""

_ANSWERS = 4096
"""Draws of a posterior."""

_SWEEPS, _FIRST_SWEEPS = 1500, 150
"""Draws of the posterior of each coder, and first draws that are thrown away."""

_EDGE = 1e-9
"""How far from 0 and 1 a drawn probability stays."""


RARE = 0.1
"""Largest share of a stratum's answers, 0–1, that is asked about again.

Where one photo in ten shows a subject, a specificity of 0.98 makes one in six of the yeses wrong,
and where one in a hundred does, two of three.
"""


Pattern = tuple[int, int, bool | None]
"""How many coders say yes and no to a photo, and what an adjudicator settled."""


@dataclass(frozen=True, slots=True)
class CodedPhoto:
    """The answers to one measure of a photo."""

    yes: int  # coders who said yes
    no: int  # coders who said no
    truth: bool | None = None  # what an adjudicator settled; None without one
    first: bool | None = None  # the answer of the coder who came first; None: not known
    stratum: Hashable = None  # the stratum that the photo was drawn from
    weight: float = 1.0  # photos of the frame that the photo stands for
    # Whether what was settled tells how often coders err: it was known before, or two answered.
    # What is settled after one has answered may be the mistakes alone.
    tells: bool = True

    @property
    def reference(self) -> bool | None:
        """What was settled, where it tells how often coders err."""
        return self.truth if self.tells else None

    @property
    def label(self) -> bool:
        """The label: the adjudicator's, else that of the coder who came first."""
        return self.truth if self.truth is not None else bool(self.first)


def rare_answers(firsts: Sequence[tuple[Hashable, bool]]) -> list[bool]:
    """Return which answers are rare in their stratum, so that a second coder is asked, too.

    A rare yes weighs much, and so does a no where the machine was sure of a yes. The rule looks at
    strata and first answers alone: given these it says nothing of what photos show, so that
    ``label_accuracy`` knows what it does to labels.

    Args:
        firsts: Stratum and first answer of each photo that was coded.
    """
    counts = Counter(firsts)
    size = Counter(stratum for stratum, _ in firsts)
    return [counts[one] <= RARE * size[one[0]] for one in firsts]


def coder_accuracy(photos: Iterable[CodedPhoto]) -> CoderAccuracy:
    """Return the accuracy of one coder, from photos of the random part.

    Adjudicators are taken as right. Photos that one coder saw and nobody adjudicated say nothing by
    themselves; beside others they say which photos were coded twice.

    Args:
        photos: The answers to one measure, under one codebook, by photo.
    """
    coded = [one for one in photos if one.yes + one.no]
    adjudicated = sum(one.reference is not None for one in coded)
    telling = sum(one.yes + one.no > 1 or one.reference is not None for one in coded)
    if not telling:
        return CoderAccuracy.without_error()
    strata: dict[Hashable, Counter[Pattern]] = defaultdict(Counter)
    for one in coded:
        strata[one.stratum][one.yes, one.no, one.reference] += 1
    by_three = sum(one.yes + one.no > 2 for one in coded)
    few = max(adjudicated, by_three) < FEWEST_REFERENCES
    sensitivity, specificity = _posterior(list(strata.values()))
    method = ALIKE + FEW_REFERENCES * few
    return CoderAccuracy(sensitivity, specificity, telling, adjudicated, method)


def label_accuracy(photos: Sequence[CodedPhoto]) -> CoderAccuracy:
    """Return the accuracy of the labels that an estimate uses, by how they came to be.

    A label is the first answer until an adjudicator replaces it, who is right. How often a photo
    of one answer is settled, how often second coders are asked, and how often what they agree or
    disagree on is settled, is counted for each first answer.

    Args:
        photos: The answers to one measure, under one codebook, of all drawn photos, with the first
            answer, stratum and weight of each.
    """
    one = coder_accuracy(photos)
    if not one.measured:
        return one
    sides = ((one.sensitivity, False), (one.specificity, True))
    right = [right + (1 - right) * _settled(photos, right, first=first) for right, first in sides]
    rates = Rate.of_draws(right[0]), Rate.of_draws(right[1])  # as tables state them
    stated = CoderAccuracy.of_rates(*rates)
    return replace(stated, n=one.n, adjudicated=one.adjudicated, method=one.method, stated=False)


def _settled(photos: Sequence[CodedPhoto], right: Numbers, *, first: bool) -> Numbers:
    """Return how often a wrong first answer is settled, by how often coders are right, 0–1 both.

    Photos on which the first answer is wrong are taken to lie where labels of the other kind do.
    """
    there = [one for one in photos if one.first is first] or photos
    looks: dict[Hashable, list[tuple[bool, bool]]] = defaultdict(list)
    for one in there:
        twice = one.yes + one.no > 1
        looks[one.stratum].append((twice, not twice and one.truth is not None))
    weight: dict[Hashable, float] = defaultdict(float)
    for one in photos:
        if one.label is not first:
            weight[one.stratum] += one.weight
    weights = [weight[stratum] for stratum in looks]
    means = [np.mean(of, axis=0) for of in looks.values()]
    asked, alone = np.average(means, axis=0, weights=weights if any(weights) else None)
    alike = [one.truth is not None for one in there if one.yes + one.no > 1 > one.yes * one.no]
    apart = [one.truth is not None for one in there if one.yes and one.no]
    agreed = float(np.mean(alike)) if alike else 0.0
    decided = float(np.mean(apart)) if apart else 1.0
    return np.asarray(alone + asked * (right * decided + (1 - right) * agreed), float)


@dataclass(frozen=True, slots=True)
class NamedAnswers:
    """The answers of coders to one measure of a photo, by coder."""

    answers: Mapping[str, bool]
    truth: bool | None = None  # what an adjudicator settled; None without one
    stratum: Hashable = None  # the stratum that the photo was drawn from


def accuracy_by_coder(photos: Iterable[NamedAnswers]) -> dict[str, CoderAccuracy]:
    """Return the accuracy of each coder, from photos of the random part.

    By Gibbs sampling: what photos show is drawn given the accuracies, and each accuracy is a beta
    distribution given what photos show. Of adjudicated photos, and nearly so of photos that others
    agree on, it is known: these are what a coder is measured by.

    Args:
        photos: All photos that were coded, also those that one coder saw.
    """
    counts = Counter(
        (frozenset(one.answers.items()), one.truth, one.stratum) for one in photos if one.answers
    )
    names = sorted({name for answers, *_ in counts for name, _ in answers})
    said = np.array([[dict(a).get(name, np.nan) for name in names] for a, *_ in counts], float)
    said = said.reshape(len(counts), len(names))
    truth = np.array([np.nan if t is None else t for _, t, _ in counts], float)
    number = np.fromiter(counts.values(), int, len(counts))
    strata = list(dict.fromkeys(h for *_, h in counts))
    within = np.array([[h == one for one in strata] for *_, h in counts], float)
    telling = (~np.isnan(said)).sum(axis=1) + ~np.isnan(truth) > 1
    found: dict[str, CoderAccuracy] = {}
    if not telling.any():
        return dict.fromkeys(names, CoderAccuracy.without_error())
    s, c = _gibbs(said == 1, said == 0, truth, number, within)
    for j, name in enumerate(names):
        own = telling & ~np.isnan(said[:, j])
        ruled = int(number[own & ~np.isnan(truth)].sum())
        few = FEW_REFERENCES * (ruled < FEWEST_REFERENCES)
        one = CoderAccuracy(s[:, j], c[:, j], int(number[own].sum()), ruled, APART + few)
        found[name] = one if one.n else CoderAccuracy.without_error()
    return found


def _gibbs(
    yes: NDArray[np.bool_], no: NDArray[np.bool_], truth: Numbers, number: NDArray[np.int64],
    within: Numbers,
) -> tuple[Numbers, Numbers]:  # fmt: skip
    """Return draws of the coders' sensitivities and specificities, shape (d, coders) each.

    Args:
        yes: Who says yes, by pattern of answers and coder, shape (p, coders).
        no: Who says no.
        truth: What adjudicators settled by pattern, 1, 0 or NaN, shape (p,).
        number: Photos of each pattern, shape (p,).
        within: 1 where a pattern is of a stratum, shape (p, strata).
    """
    rng = np.random.default_rng(0)
    a, b = PRIOR
    s = c = np.full(yes.shape[1], a / (a + b))
    share, draws = np.full(within.shape[1], 0.5), []
    for _ in range(_SWEEPS + _FIRST_SWEEPS):
        odds = within @ scipy.special.logit(share)
        odds = odds + yes @ (np.log(s) - np.log1p(-c)) + no @ (np.log1p(-s) - np.log(c))
        shown = np.where(np.isnan(truth), scipy.special.expit(odds), truth)
        with_it = rng.binomial(number, shown)
        without = number - with_it
        share = _inside(rng.beta(1 + with_it @ within, 1 + without @ within))
        s = _inside(rng.beta(a + with_it @ yes, b + with_it @ no))
        c = _inside(rng.beta(a + without @ no, b + without @ yes))
        draws.append((s, c))
    both = np.array(draws[_FIRST_SWEEPS:])
    return both[:, 0], both[:, 1]


def _inside(drawn: Numbers) -> Numbers:
    return np.clip(drawn, _EDGE, 1 - _EDGE)


def _posterior(strata: Sequence[Counter[Pattern]]) -> tuple[Numbers, Numbers]:
    """Return draws of sensitivity and specificity, by a grid that closes in on what is likely.

    Coders are taken as better than chance, which tells a latent class from its reverse.
    """
    ranges = [(0.5, 1.0), (0.5, 1.0), *[(0.0, 1.0)] * len(strata)]
    for last in range(_PASSES):
        edges = [np.linspace(low, high, _CELLS + 1) for low, high in ranges]
        s, c, *shares = ((edge[1:] + edge[:-1]) / 2 for edge in edges)
        parts = [
            _log_likelihood(s[:, None, None], c[:, None], share, patterns)
            for share, patterns in zip(shares, strata, strict=True)
        ]
        whole = [scipy.special.logsumexp(part, axis=2) for part in parts]
        log = _log_beta(s)[:, None] + _log_beta(c) + sum(whole)
        # Flatter at first: where answers are many, the likely lies between points far apart.
        mass = np.exp((log - log.max()) / 2 ** (_PASSES - 1 - last))
        if last < _PASSES - 1:
            of_shares = [
                (mass[:, :, None] * np.exp(part - one[:, :, None])).sum(axis=(0, 1))
                for part, one in zip(parts, whole, strict=True)
            ]
            marginals = [mass.sum(axis=1), mass.sum(axis=0), *of_shares]
            ranges = [_likely(one, edge) for one, edge in zip(marginals, edges, strict=True)]
    rng = np.random.default_rng(0)
    flat = np.cumsum(mass.ravel())
    at = np.searchsorted(flat, (np.arange(_ANSWERS) + 0.5) / _ANSWERS * flat[-1])
    index = np.unravel_index(np.minimum(at, flat.size - 1), mass.shape)
    one, other = (
        edge[i] + rng.random(_ANSWERS) * (edge[1] - edge[0])
        for edge, i in zip(edges[:2], index, strict=True)
    )
    return one, other


def _log_likelihood(s: Numbers, c: Numbers, share: Numbers, patterns: Counter[Pattern]) -> Numbers:
    """Return the log likelihood of answers in a stratum, shape (cells, cells, cells)."""
    log: Numbers = np.zeros(())
    for (yes, no, truth), count in patterns.items():
        shown = np.log(share) + (yes * np.log(s) + no * np.log1p(-s))
        absent = np.log1p(-share) + (yes * np.log1p(-c) + no * np.log(c))
        of_truth = {True: shown, False: absent}
        log = log + count * (np.logaddexp(shown, absent) if truth is None else of_truth[truth])
    return np.broadcast_to(log, (_CELLS,) * 3)


def _log_beta(x: Numbers) -> Numbers:
    a, b = PRIOR
    return np.asarray(scipy.special.xlogy(a - 1, x) + scipy.special.xlog1py(b - 1, -x))


def _likely(marginal: Numbers, edge: Numbers) -> tuple[float, float]:
    """Return the range of a dimension that holds all but a few ten thousandths of the mass."""
    likely = np.flatnonzero(marginal > 1e-4 * marginal.max())
    first, last = max(int(likely[0]) - 1, 0), min(int(likely[-1]) + 2, len(edge) - 1)
    return float(edge[first]), float(edge[last])
