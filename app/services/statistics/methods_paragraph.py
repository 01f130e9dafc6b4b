"""The methods of a study as a paragraph to paste into a paper, with the figures filled in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from presslens.app.db.reviews import ReviewRow
from presslens.app.db.tables import PageRow
from presslens.app.installation import Installation
from presslens.app.services.exports.snapshot.manifest import code_version
from presslens.app.services.shares.selection import EditionCriteria, select_editions
from presslens.app.services.shares.validities import load_validities
from presslens.app.services.statistics.period import period_composition
from presslens.models.recipe import Recipe
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.explanations import name_metric
from presslens.pipelines.statistics.measure import Estimand, Inference, is_measure
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.validity import Validity, ValidityState
from presslens.pipelines.written_numbers import in_tenths

SHORT = 12
"""Digits of a recipe's id that are printed."""

REFERENCES = {
    "sample": "Särndal, C.-E., Swensson, B. & Wretman, J. (1992). Model Assisted Survey Sampling."
    " Springer.",
    "surrogates": "Egami, N., Hinck, M., Stewart, B. M. & Wei, H. (2023). Using imperfect"
    " surrogates for downstream inference. Advances in Neural Information Processing Systems 36.",
}
"""What the regression estimator of drawn photos is cited by."""


@dataclass(frozen=True, slots=True)
class Studied:
    """The editions of a study that count, as it names them."""

    publications: Sequence[str]  # names of the newspapers, sorted
    first: str | None  # first day with an edition, YYYY-MM-DD; None without any
    last: str | None  # last day with one
    coders: int  # number of people who have reviewed photos
    # What the machine's readings are worth, by newspaper and measure; empty: not known.
    validities: Mapping[str, Mapping[str, Validity]] = field(default_factory=dict)
    uploaded: int = 0  # number of pages that were uploaded

    @property
    def newspapers(self) -> str:
        """The names of the newspapers in words."""
        *others, last = self.publications
        return f"{', '.join(others)} and {last}" if others else last

    @property
    def days(self) -> str:
        """The first and the last day, or the only one."""
        return f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"

    def of_newspapers(self, measure: str) -> list[tuple[str, Validity]]:
        """Return the newspapers with what the readings of a measure are worth in each."""
        return [(name, of[measure]) for name, of in self.validities.items() if measure in of]


def methods_of(
    home: Installation,
    criteria: EditionCriteria,
    measures: Sequence[str],
    *,
    estimand: Estimand = Estimand.SHARE_OF_PHOTOS,
    inference: Inference = Inference.THESE,
) -> str:
    """Return the methods paragraph of a study of some measures.

    Args:
        criteria: The editions of the study.
        measures: What was asked of each photo.
        estimand: The share that is estimated over several editions.
        inference: What intervals are about.
    """
    document = period_composition(
        home, criteria, estimand=estimand, inference=inference, measures=measures
    ).to_json()
    return methods_paragraph(document, _studied(home, criteria, measures), home.recipe)


def methods_paragraph(document: dict[str, Any], studied: Studied, recipe: Recipe) -> str:
    """Return a methods paragraph in English, and what to cite, from the JSON of a period.

    Args:
        document: As ``PeriodComposition.to_json`` makes it.
        studied: The editions.
        recipe: The recipe of the numbers.
    """
    level = f"{recipe.aggregate.confidence:.0%}"
    sentences = [
        *_material(document, studied, recipe),
        *_photos(document, level),
        *(
            sentence
            for name, share in document["shares"].items()
            for sentence in (_share(name, share, level, studied), *_not_valid(name, studied))
        ),
        *_coding(document, studied),
        _about(document),
    ]
    return "\n\n".join([" ".join(sentences), *_cited(document)])


def _studied(home: Installation, criteria: EditionCriteria, measures: Sequence[str]) -> Studied:
    with home.database.read() as session:
        editions = select_editions(session, criteria, home.recipe).editions
        by_edition = select(PageRow.edition_id, func.count()).group_by(PageRow.edition_id)
        pages = dict(session.execute(by_edition).all())
        people = select(func.count(func.distinct(ReviewRow.coder)))
        coders = session.scalar(people.where(ReviewRow.withdrawn_at.is_(None))) or 0
        shares = [name for name in measures if is_measure(name)]
        names = sorted({one.publication for one in editions})
        validities = {name: load_validities(session, name, home.recipe, shares) for name in names}
    return Studied(
        names,
        editions[0].date.isoformat() if editions else None,
        editions[-1].date.isoformat() if editions else None,
        coders,
        validities,
        sum(pages.get(one.id, 0) for one in editions),
    )


def _material(document: dict[str, Any], studied: Studied, recipe: Recipe) -> list[str]:
    left_out = _left_out(document)
    if not document["editions"]:
        counts = "counts" if left_out else "is analysed yet"
        return [f"No edition of these days {counts}.", *left_out]
    each = f"each of {studied.newspapers}" if studied.publications[1:] else "this newspaper"
    source, seen = document["source"], document["pages_seen"]
    missing = document["pages"] - studied.uploaded
    sentences = [
        f"We measured the photographs in {counted(document['editions'], 'edition')}"
        f" ({counted(document['pages'], 'page')}) of {studied.newspapers},"
        f" {studied.days}, with Presslens {code_version()} (recipe"
        f" {document['recipe'][:SHORT]}, estimator {source['estimator']}, codebook"
        f" {recipe.codebook}).",
        "The program finds the photographs on the scan of each page, estimates how probable it is"
        " that each shows what the codebook names, and corrects these probabilities for"
        f" {each} before they are summed.",
        f"{seen:,} of {counted(studied.uploaded, 'page')} could be looked at.",
    ]
    if missing > 0:
        were = "was" if missing == 1 else "were"
        sentences.append(f"{counted(missing, 'page')} {were} not uploaded.")
    return sentences + left_out


def _left_out(document: dict[str, Any]) -> list[str]:
    """Return how many editions were left out, and why; nothing where none was."""
    reasons = Counter(one["reason"] for one in document["left_out"])
    if not reasons:
        return []
    listed = ", ".join(f"{n} {reason}" for reason, n in sorted(reasons.items()))
    were = "was" if document["left_out_count"] == 1 else "were"
    return [f"{counted(document['left_out_count'], 'edition')} {were} left out ({listed})."]


def _photos(document: dict[str, Any], level: str) -> list[str]:
    photos = document["metrics"].get("photos", {})
    if photos.get("total") is None:
        return []
    interval = photos["total_interval"]
    spread = (
        f" ({level} interval {interval[0]:,.0f} to {interval[1]:,.0f}, for those that were missed"
        " or are none)"
        if interval
        else ""
    )
    return [f"{counted(round(photos['total']), 'photograph')} were found{spread}."]


def _share(name: str, share: dict[str, Any], level: str, studied: Studied) -> str:
    what = f"The share of photographs for “{_named(name)}”"
    if share["value"] is None:
        why = share["refused"] or "there are no photographs"
        if studied.publications[1:]:
            offered = ((paper, one.why_not) for paper, one in studied.of_newspapers(name))
            why = "; ".join(f"{paper}: {text}" for paper, text in offered if text) or why
        return f"{what} is not known: {why}."
    if share["interval"] is None:
        why = share["refused"] or "it is counted"
        return f"{what} is {in_tenths(share['value'])}, without an interval: {why}."
    low, high = share["interval"]
    note = f"; {share['note']}" if share["note"] else ""
    if share.get("validity") == ValidityState.TO_BE_CHECKED and not share["drawn"]:
        note += "; to be checked: nobody has answered for photographs drawn by chance"
    return (
        f"{what} is {in_tenths(share['value'])} ({level} interval {in_tenths(low)} to"
        f" {in_tenths(high)}; n = {share['n']:,}; {share['method']}{note})."
    )


def _not_valid(name: str, studied: Studied) -> list[str]:
    """Return in which newspapers the machine's readings of a measure are not valid, and why."""
    return [
        f"In {paper} the machine's readings for “{_named(name)}” are not valid: {one.reason}."
        for paper, one in studied.of_newspapers(name)
        if one.state is ValidityState.NOT_VALID
    ]


def _coding(document: dict[str, Any], studied: Studied) -> list[str]:
    samples = document["source"]["samples"]
    sentences = [
        f"For “{_named(name)}” {counted(document['shares'][name]['drawn'], 'photograph')} drawn"
        f" by chance ({_seeds(sample)}) were coded by people."
        for name, sample in samples.items()
        if name in document["shares"] and document["shares"][name]["drawn"]
    ]
    if sentences:
        as_of = document["source"]["reviews_as_of"][: len("YYYY-MM-DD")]
        coders = counted(studied.coders, "coder")
        return [*sentences, f"{coders} answered; reviews as of {as_of}."]
    if document["shares"]:
        return [
            "No photograph was drawn and coded by people: the intervals rest on how far the"
            " program's calibration is off on newspapers that it has not seen."
        ]
    return []


def _seeds(sample: dict[str, Any]) -> str:
    """Return the samples of a measure with their seeds."""
    every = (sample, *sample.get("others", ()))
    return "; ".join(f"sample {one['name']}, seed {one['seed']}" for one in every)


def _drawn(document: dict[str, Any]) -> bool:
    """Return whether drawn and answered photos are behind a share."""
    return any(share["drawn"] for share in document["shares"].values())


def _about(document: dict[str, Any]) -> str:
    if document["inference"] == Inference.PRACTICE.value:
        return "The intervals are about the practice of which these editions are examples."
    return "The intervals are about these very editions."


def _cited(document: dict[str, Any]) -> list[str]:
    lines = [
        f"Presslens {code_version()} [software]. Recipe {document['recipe']}.",
        *(REFERENCES.values() if _drawn(document) else ()),
    ]
    return ["Cite:", *lines]


def _named(name: str) -> str:
    return name_metric(Metric.parse(name))
