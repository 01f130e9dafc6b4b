"""How often a question is decided wrongly by its scheduled looks.

``python -m presslens.lab.evaluation.bench.questions`` prints a table of simulated newspapers. Of
each a question is asked whose answer is as near to its number as it can be: the number is the share
itself, or as good as what the newspaper usually prints; any *true* is then wrong. The rule is
judged as of an archive, at the risk of each look; photos are planned, drawn by strata, and answered
to the next fifth of the plan, until the question is decided or ``--plans`` are spent. An
opportunist, in place of that, looks at the archive after every ten answers. With ``--apart`` the
number lies as many points from the share, above or below it: how often the question is decided
then, and how often wrongly. A line has the 95 % interval of the wrong decisions (Clopper & Pearson
1934, doi 10.1093/biomet/26.4.404), how many of them the machine alone made at the first look, and
the mean number of answers until a decision.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import scipy  # which imports scipy.stats when it is first used
from scipy.special import expit, logit

from presslens.app.services.claims.contexts import FEWEST_TESTS, MOST_STRICT
from presslens.app.services.claims.settling_draws import open_shares
from presslens.app.services.questions.plans import FEWEST_PHOTOS
from presslens.app.services.questions.questions import LEAST_RISK
from presslens.app.services.samples.answers import UsedSample
from presslens.app.services.samples.frames import StoredFrame
from presslens.app.services.shares.selection import StatEdition
from presslens.app.services.shares.share_photos import SharePhotos
from presslens.app.services.statistics.edition_metrics import MetricTable
from presslens.app.services.statistics.estimates import share_estimates
from presslens.app.services.statistics.what_helps import HelpFinder
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.claim.boundary import (
    LOOKS,
    answers_needed,
    look_risk,
    looks_due,
)
from presslens.pipelines.statistics.claim.context import (
    LEVEL,
    ClaimContext,
    PeriodEstimates,
    StrictEstimates,
)
from presslens.pipelines.statistics.claim.evaluate import judge
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.claim.tree import (
    Comparison,
    Measured,
    Node,
    Number,
    OverEditions,
    Usual,
)
from presslens.pipelines.statistics.claim.verdict import RuleVerdict
from presslens.pipelines.statistics.measure import BITS, STRATA, Estimand, Inference, Zone, strata
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric
from presslens.pipelines.statistics.photo_table import Mask, PhotoTable
from presslens.pipelines.statistics.sampling import (
    Candidate,
    FrameStrata,
    allocate,
    draw,
    foreseen_variance,
)
from presslens.pipelines.statistics.worlds import SimulatedNewspaper, World, joined

METRIC = Metric("children")
PAPER, FIRST_DAY = "newspaper", date(2025, 1, 1)
RECIPE = Recipe.load()
AT_ONCE = 10
"""Answers after which an opportunist looks again."""


@dataclass(frozen=True, slots=True)
class SimulatedQuestion:
    """What is asked, of which newspaper."""

    before: World  # the editions before
    of: World  # those that the question is about
    usual: bool = False  # they are compared with the editions before, and not with a number

    @property
    def rule(self) -> Callable[[str, float], Node]:
        """The rule, of a sign and of the number that it names."""
        share: Node = Measured(METRIC)
        share = OverEditions("mean", share) if self.of.editions > 1 else share
        usual = Usual("mean", METRIC) if self.usual else None
        return lambda sign, number: Comparison(sign, share, usual or Number(number))


def _asked(
    photos: int, share: float, *, usual: bool = False, days: int = 1, **other: Any
) -> SimulatedQuestion:
    world = World(
        photos=36.0, special=0.0, prevalence=share,
        reference=RECIPE.aggregate.calibration_of(METRIC.name).reference or 0.25, **other,
    )  # fmt: skip
    return SimulatedQuestion(
        replace(world, editions=10), replace(world, editions=days, photos=float(photos)), usual
    )


WORLDS = {
    "17 photos, 40 %": _asked(17, 0.4),
    "17 photos, 8 %": _asked(17, 0.08),
    "120 photos, 2 %": _asked(120, 0.02),
    "120 photos, 4 %": _asked(120, 0.04),
    "120 photos, 8 %": _asked(120, 0.08),
    "120 photos, 40 %": _asked(120, 0.4),
    "120 photos, 4 %, scores too high": _asked(120, 0.04, shift=1.0),
    "120 photos, 8 %, scores too low": _asked(120, 0.08, shift=-1.0),
    "120 photos, 8 %, weak scores": _asked(120, 0.08, auc=0.7),
    "120 photos, 8 %, against usual": _asked(120, 0.08, usual=True),
    "120 photos, 40 %, against usual": _asked(120, 0.4, usual=True),
    "month of 30 editions, 3 %": _asked(30, 0.03, days=30),
    "month of 30 editions, 3 %, scores too high": _asked(30, 0.03, days=30, shift=1.0),
    "month of 30 editions, 40 %": _asked(30, 0.4, days=30),
    "month of 20 editions, 8 %, against usual": _asked(30, 0.08, days=20, usual=True),
}


@dataclass(eq=False)
class SimulatedArchive:
    """A newspaper, the photos that are drawn from it, and the answers so far."""

    paper: SimulatedNewspaper
    editions: Sequence[StatEdition]
    own: int  # number of editions that the question is about: the last ones
    scope: Mask  # the photos that are drawn from, shape (n,)
    salt: str  # of the order by chance
    drawn: list[int] = field(default_factory=list)  # drawn photos, in their order
    numbers: list[int] = field(default_factory=lambda: [0] * (len(STRATA) + 1))
    answered: int = 0  # how many of them are answered

    @property
    def table(self) -> PhotoTable:
        """The photos with the answers so far, each stratum drawn as far as coders came."""
        table, of = self.paper.table(), strata(self.paper.probability)
        label, inclusion = table.label.copy(), table.inclusion.copy()
        reached = np.array(self.drawn[: self.answered], np.int64)
        label[reached] = self.paper.truth[reached]
        counts = np.bincount(of[reached], minlength=len(self.numbers))
        sizes = np.bincount(of[self.scope], minlength=len(self.numbers))
        inclusion[reached] = (counts / np.maximum(sizes, 1))[of[reached]]
        keys = [str(edition.id) for edition in self.editions]
        days = [edition.date.toordinal() for edition in self.editions]
        framed = self.scope & bool(self.drawn)
        table = replace(table, label=label, inclusion=inclusion, framed=framed)
        return replace(table, editions=keys, days=days)

    @property
    def photos(self) -> SharePhotos:
        """The photos behind the share, as services load them."""
        inside = {self.editions[i].id for i in np.unique(self.paper.edition[self.scope])}
        frame = StoredFrame(
            1, "sample", 0, Zone.ALL, (METRIC.name,), RECIPE.id, RECIPE.codebook,
            frozenset(inside), frozenset({PAPER}),
        )  # fmt: skip
        shows = self.paper.probability > RECIPE.aggregate.decision
        table = self.table
        return SharePhotos(
            metric=METRIC, selected=self.editions, table=table, areas=self.paper.area,
            zones=np.full(len(table), BITS[Zone.ALL], np.uint8), verdicts=shows,
            machine_verdicts=shows, calibration=RECIPE.aggregate.calibration_of(METRIC.name),
            confidence=RECIPE.aggregate.confidence, decision=RECIPE.aggregate.decision,
            samples=(UsedSample(frame, 0, 0),) if self.answered else (),
        )  # fmt: skip

    def grow(self, more: int) -> None:
        """Draw so many photos more, as a sample is made larger."""
        p, of = self.paper.probability, strata(self.paper.probability)
        candidates = [
            Candidate(i, str(i), int(of[i]), foreseen_variance(float(p[i]), 1.0), 1.0, float(p[i]))
            for i in np.flatnonzero(self.scope).tolist()
        ]
        known = np.array(self.drawn[: self.answered], np.int64)
        one = np.ones(len(known))
        learned = FrameStrata.of(candidates, len(self.numbers)).learn(
            of[known], p[known], one, self.paper.truth[known].astype(float)
        )
        numbers = allocate(learned, len(self.drawn) + more, least=self.numbers)
        chosen = draw(candidates, numbers, salt=self.salt, before=self.numbers)
        self.drawn += [candidate.id for candidate in chosen]
        self.numbers = numbers


class Planner(HelpFinder):
    """Finds the photos to draw in a simulated newspaper."""

    def _editions(self, name: str) -> list[StatEdition]:  # noqa: ARG002 - there is one newspaper
        return list(self.table.editions)


@dataclass(frozen=True, slots=True)
class SimulatedVerdict:
    """What came of a question."""

    decided: bool
    wrong: bool
    at_first: bool  # the first look decided it, by the machine alone
    answers: int  # until it was decided, or given up


def context_of(archive: SimulatedArchive, risk: float, *, usual: bool) -> ClaimContext:
    """Return what a rule is evaluated on; see ``contexts.load_context``."""
    photos, editions, own = archive.photos, archive.editions, archive.own
    asked, before = editions[-own:], editions[:-own] if usual else ()

    def of_each(some: SharePhotos, which: Sequence[StatEdition]) -> list[Estimate]:
        return share_estimates(some.about(METRIC, which))

    def measured(which: Sequence[StatEdition]) -> list[EditionMetrics]:
        return [
            EditionMetrics(one.id, PAPER, one.date, 6, 6, None, {METRIC: estimate})
            for one, estimate in zip(which, of_each(photos, which), strict=True)
        ]

    case = ClaimContext(
        PAPER, asked[0].date, asked[-1].date, measured(asked), measured(before),
        level=risk, confidence=photos.confidence,
    )  # fmt: skip
    table = _table(photos, [*asked, *before], Estimand.MEAN_EDITION_SHARE)
    places = range(own), range(own, len(table.editions))
    if before:
        mean = table.estimate(METRIC, places[1])
        case = replace(case, before=PeriodEstimates({METRIC: mean}))
    if own > 1:  # no interval of a single edition is read
        less = {METRIC: table.compared(METRIC, *places).difference} if before else {}
        mean = table.estimate(METRIC, places[0])
        return replace(case, period=PeriodEstimates({METRIC: mean}), differences=less)
    strictest = min(MOST_STRICT, 1.0 - risk / FEWEST_TESTS)
    (strict,) = of_each(photos.at(strictest), asked)
    of_editions = {asked[0].id: {METRIC: strict}}
    return replace(case, strict=StrictEstimates(strictest, of_editions))


def _table(photos: SharePhotos, editions: Sequence[StatEdition], estimand: Estimand) -> MetricTable:
    shares = {METRIC: photos.about(METRIC, editions)}
    return MetricTable(editions, shares, {}, {}, None, estimand, Inference.THESE, photos.confidence)


def planned(archive: SimulatedArchive, asked: SimulatedQuestion, rule: Node, risk: float) -> int:
    """Return how many photos to draw for a question; 0: it is decided, or no draw would do it.

    Args:
        risk: Of the look that is to decide it; see ``plans.suggested_plan``.
    """
    case = context_of(archive, risk, usual=asked.usual)
    own, before = archive.editions[-archive.own :], archive.editions[: -archive.own]
    editions = [*own, *(before if asked.usual else ())]
    sides = range(len(own)), range(len(own), len(editions))
    for share in open_shares(rule, judge(rule, case), case):
        table = _table(archive.photos, editions, Estimand.SHARE_OF_PHOTOS)
        finder = Planner(None, table, RECIPE)  # type: ignore[arg-type]
        helps = finder.by_draws(METRIC, sides, *share.differences, share.confidence)
        if helps is not None and helps.draw is not None:
            return max(FEWEST_PHOTOS, helps.draw.photos, len(archive.drawn))
    return 0


def printed(
    rng: np.random.Generator, asked: SimulatedQuestion, apart: float
) -> tuple[SimulatedArchive, Node, TruthValue]:
    """Return a newspaper, a question about it, and the answer.

    Args:
        apart: How far the share lies from what it is compared with, 0–1; 0: nowhere, as far as
            whole photos go.
    """
    before, paper = asked.before.newspaper(rng), asked.of.newspaper(rng)
    away = apart if rng.random() < 0.5 else -apart
    if asked.usual:
        number = mean_share(before)
        paper = turned(paper, asked.of, _within(number, away), rng)
    else:
        number = _within(mean_share(paper), away)
    newspaper = joined([before, paper])
    editions = [
        StatEdition(i + 1, PAPER, FIRST_DAY + timedelta(days=i), 6, 6, None)
        for i in range(newspaper.editions)
    ]
    scope = newspaper.edition >= (0 if asked.usual else before.editions)
    archive = SimulatedArchive(newspaper, editions, paper.editions, scope, str(rng.integers(2**32)))
    if apart:
        return archive, asked.rule(">", number), TruthValue.of(mean_share(paper) > number)
    if asked.usual:
        sign = "<" if mean_share(paper) >= number else ">"
        return archive, asked.rule(sign, number), TruthValue.FALSE
    return archive, asked.rule("!=", number), TruthValue.FALSE


def _within(share: float, away: float) -> float:
    """Return a share that lies so far away, on the other side where there is none on this."""
    return share + away if 0 <= share + away <= 1 else share - away


def mean_share(paper: SimulatedNewspaper) -> float:
    """Return the mean over editions of the share of photos that show the subject."""
    sizes = np.bincount(paper.edition)
    return float(np.mean(np.bincount(paper.edition, paper.truth) / sizes))


def turned(
    paper: SimulatedNewspaper, world: World, share: float, rng: np.random.Generator
) -> SimulatedNewspaper:
    """Return a newspaper some of whose photos show the subject, or don't, so that it has a share.

    The score of a photo moves by the distance of the two means, and its log odds by the square.
    """
    while abs(off := share - mean_share(paper)) > 0.6 / len(paper.truth):
        at = rng.choice(np.flatnonzero(paper.truth == (off < 0)))
        truth, probability = paper.truth.copy(), paper.probability.copy()
        truth[at] = off > 0
        odds = np.sign(off) * world.slope * world.separation**2
        probability[at] = expit(logit(probability[at]) + odds)
        paper = replace(paper, truth=truth, probability=probability)
    return paper


def outcome(
    rng: np.random.Generator,
    asked: SimulatedQuestion,
    apart: float,
    *,
    plans: int,
    opportunist: bool,
) -> SimulatedVerdict:
    """Return what came of a question about one newspaper.

    Args:
        apart: See ``printed``.
        plans: The most plans that are made.
        opportunist: Whether, in place of plans, the archive is looked at every ``AT_ONCE`` answers.
    """
    archive, rule, answer = printed(rng, asked, apart)

    def look(stage: int, number: int, after: int = 0) -> tuple[RuleVerdict, ClaimContext]:
        risk = max(LEAST_RISK, look_risk(LEVEL, stage, number, after=after))
        case = context_of(archive, risk, usual=asked.usual)
        return judge(rule, case), case

    def ended(verdict: RuleVerdict, *, at_first: bool = False) -> SimulatedVerdict:
        decided = verdict.truth is not TruthValue.UNDECIDED
        return SimulatedVerdict(
            decided, decided and verdict.truth is not answer, at_first, archive.answered
        )

    verdict, case = look(0, 1)
    if verdict.truth is not TruthValue.UNDECIDED:
        return ended(verdict, at_first=True)
    for stage in range(1, plans + 1):
        photos = AT_ONCE
        if not opportunist:
            planning = look_risk(LEVEL, stage, LOOKS, after=LOOKS - 1)
            photos = planned(archive, asked, rule, planning) or planned(
                archive, asked, rule, min(planning, case.level)
            )
        if not photos or archive.answered == archive.scope.sum():
            break
        before = archive.answered
        archive.grow(photos)
        photos = len(archive.drawn) - before
        after = LOOKS - 1 if opportunist else 0
        for number in range(after + 1, LOOKS + 1):
            archive.answered = before + answers_needed(photos, number)
            if looks_due(photos, archive.answered - before) > number:
                continue
            verdict, case = look(stage, number, 0 if opportunist else after)
            after = number
            if verdict.truth is not TruthValue.UNDECIDED:
                return ended(verdict)
    return ended(verdict)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500, help="questions about each newspaper")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plans", type=int, default=2, help="plans of each question at most")
    parser.add_argument("--apart", type=float, default=0.0, help="share less number, in points")
    parser.add_argument("--opportunist", action="store_true", help="look every ten answers")
    parser.add_argument("--only", default="", help="newspapers whose name has this in it")
    arguments = parser.parse_args()
    sys.stdout.write(
        "| newspaper | questions | decided | wrong | interval | wrong at first | answers |\n"
        "|---|---|---|---|---|---|---|\n"
    )
    for name, asked in WORLDS.items():
        if arguments.only in name:
            sys.stdout.write(row(name, asked, arguments))
            sys.stdout.flush()


def row(name: str, asked: SimulatedQuestion, arguments: argparse.Namespace) -> str:
    """Return what came of questions about newspapers of a kind, as a row of the table."""
    n = arguments.count
    found = [
        outcome(
            np.random.default_rng((arguments.seed, zlib.crc32(name.encode()), i)),
            asked,
            arguments.apart / 100,
            plans=arguments.plans,
            opportunist=arguments.opportunist,
        )
        for i in range(n)
    ]
    wrong = [one for one in found if one.wrong]
    low, high = scipy.stats.binomtest(len(wrong), n).proportion_ci(method="exact")
    answers = [one.answers for one in found if one.decided]
    return (
        f"| {name} | {n} | {len(answers) / n:.0%} | {len(wrong) / n:.1%} | {low:.1%} to {high:.1%}"
        f" | {sum(one.at_first for one in wrong) / n:.1%} |"
        f" {np.mean(answers) if answers else 0:.0f} |\n"
    )


if __name__ == "__main__":
    main()
