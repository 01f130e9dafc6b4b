"""The methods of a study as a paragraph to paste into a paper, with the figures filled in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from presslens.app.db.reviews import ReviewRow
from presslens.app.db.tables import PageRow
from presslens.app.installation import Installation
from presslens.app.platform.language import Language, language
from presslens.app.services.exports.snapshot.manifest import code_version
from presslens.app.services.shares.selection import EditionCriteria, select_editions
from presslens.app.services.shares.validities import load_validities
from presslens.app.services.statistics.period import period_composition
from presslens.models.message import Message, join_messages, join_notes
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

LEFT_OUT = {
    "superseded": Message("superseded by another upload of its day"),
    "waiting": Message("not yet looked at"),
    "incomplete": Message("without all of its pages"),
}
"""Why an edition is left out, in words."""


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
    def days(self) -> Message:
        """The first and the last day, or the only one."""
        if self.first == self.last:
            return join_messages([f"{self.first}"])
        return Message("%(first)s to %(last)s", first=self.first, last=self.last)

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
    spoken: Language | None = None,
) -> str:
    """Return the methods paragraph of a study of some measures.

    Args:
        criteria: The editions of the study.
        measures: What was asked of each photo.
        estimand: The share that is estimated over several editions.
        inference: What intervals are about.
        spoken: The language of the paragraph; None for English.
    """
    document = period_composition(
        home, criteria, estimand=estimand, inference=inference, measures=measures
    ).to_json()
    return methods_paragraph(document, _studied(home, criteria, measures), home.recipe, spoken)


def methods_paragraph(
    document: dict[str, Any], studied: Studied, recipe: Recipe, spoken: Language | None = None
) -> str:
    """Return a paragraph that a journal takes as it is; below it, notes, and what to cite.

    Args:
        document: As ``PeriodComposition.to_json`` makes it.
        studied: The editions.
        spoken: The language of the paragraph; None for English.
    """
    say = (spoken or language("en")).say
    level = f"{recipe.aggregate.confidence:.0%}"
    sentences = [
        *_material(document, studied, recipe),
        *_photos(document, level),
        *_shares(document["shares"], level),
        *_not_valid(document["shares"], studied),
        *_coding(document, studied),
        _about(document),
    ]
    notes = [f"- {say(note)}" for note in _notes(document["shares"], studied)]
    return "\n\n".join(
        [
            " ".join(map(say, sentences)),
            *([say(Message("Notes on the intervals:")), "\n".join(notes)] if notes else ()),
            say(Message("Cite:")),
            *_cited(document),
        ]
    )


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


def _material(document: dict[str, Any], studied: Studied, recipe: Recipe) -> list[Message]:
    left_out = _left_out(document)
    if not document["editions"]:
        none = Message("No edition of these days is analysed yet.")
        return [Message("No edition of these days counts.") if left_out else none, *left_out]
    source, seen, uploaded = document["source"], document["pages_seen"], studied.uploaded
    missing = document["pages"] - uploaded
    sentences = [
        Message(
            "We measured the photographs in %(editions)s (%(pages)s) of %(newspapers)s, %(days)s,"
            " with Presslens %(version)s (recipe %(recipe)s, estimator %(estimator)s, codebook"
            " %(codebook)s).",
            editions=counted(document["editions"], "edition"),
            pages=counted(document["pages"], "page"),
            newspapers=_listed(studied.publications),
            days=studied.days,
            version=code_version(),
            recipe=document["recipe"][:SHORT],
            estimator=source["estimator"],
            codebook=recipe.codebook,
        ),
        Message(
            "The program found the photographs on the scan of each page, estimated how probable it"
            " was that each showed what the codebook names, and corrected these probabilities for"
            " each newspaper before they were summed."
        ),
        Message("All pages could be looked at.")
        if seen == uploaded
        else Message(
            "Of %(pages)s, %(seen)s could be looked at.",
            pages=counted(uploaded, "page"),
            seen=f"{seen:,}",
        ),
    ]
    if missing > 0:
        pages = counted(missing, "page")
        sentences.append(
            Message("1 page was not uploaded.")
            if missing == 1
            else Message("%(pages)s were not uploaded.", pages=pages)
        )
    return sentences + left_out


def _listed(names: Sequence[str]) -> Message:
    """Return names in words, as "A, B and C"."""
    *others, last = names
    if not others:
        return join_messages([last])
    return Message("%(names)s and %(last)s", names=join_messages(others, ", "), last=last)


def _left_out(document: dict[str, Any]) -> list[Message]:
    """Return how many editions were left out, and why; nothing where none was."""
    reasons = Counter(one["reason"] for one in document["left_out"])
    if not reasons:
        return []
    why = join_messages(
        (
            Message("%(n)s %(reason)s", n=n, reason=LEFT_OUT[name])
            if len(reasons) > 1
            else LEFT_OUT[name]
            for name, n in reasons.items()
        ),
        ", ",
    )
    n = document["left_out_count"]
    return [
        Message("1 edition was left out (%(why)s).", why=why)
        if n == 1
        else Message(
            "%(editions)s were left out (%(why)s).", editions=counted(n, "edition"), why=why
        )
    ]


def _photos(document: dict[str, Any], level: str) -> list[Message]:
    photos = document["metrics"].get("photos", {})
    if photos.get("total") is None:
        return []
    number, interval = counted(round(photos["total"]), "photograph"), photos["total_interval"]
    if not interval:
        return [Message("The program found %(photos)s.", photos=number)]
    return [
        Message(
            "The program found %(photos)s (%(level)s interval %(low)s to %(high)s, which allows"
            " for photographs that it missed or made up).",
            photos=number,
            level=level,
            low=f"{interval[0]:,.0f}",
            high=f"{interval[1]:,.0f}",
        )
    ]


def _shares(shares: Mapping[str, dict[str, Any]], level: str) -> Iterator[Message]:
    """Yield each share, and last of which measures none is stated."""
    stated = {name: share for name, share in shares.items() if share["value"] is not None}
    for name, share in stated.items():
        low, high = share["interval"] or (None, None)
        numbers = Message(
            "%(level)s interval %(low)s to %(high)s, n = %(n)s",
            level=level,
            low=in_tenths(low),
            high=in_tenths(high),
            n=f"{share['n']:,}",
        )
        bare = Message("no interval, n = %(n)s", n=f"{share['n']:,}")
        yield Message(
            "The share of photographs classified as “%(measure)s” was %(share)s (%(numbers)s).",
            measure=_named(name),
            share=in_tenths(share["value"]),
            numbers=numbers if share["interval"] else bare,
        )
    if unstated := [name for name in shares if name not in stated]:
        yield Message("No share is stated for %(measures)s.", measures=_quoted(unstated))


def _quoted(names: Iterable[str]) -> Message:
    return _listed([Message("“%(measure)s”", measure=_named(name)) for name in names])


def _notes(shares: Mapping[str, dict[str, Any]], studied: Studied) -> Iterator[Message]:
    """Yield how each interval was made, or why there is none, and what to know of it."""
    for name, share in shares.items():
        why = share["refused"] or Message("there are no photographs")
        offered = [(paper, one.why_not) for paper, one in studied.of_newspapers(name)]
        of_papers = [_of(paper, text) for paper, text in offered if text]
        if share["value"] is None:
            why = join_messages(of_papers) if offered[1:] and of_papers else why
        elif share["interval"] is None:
            why = share["refused"] or Message("it is counted")
        else:
            why = join_notes(share["method"], share["note"]) or why
        yield _of(_named(name), why)
        for paper, one in studied.of_newspapers(name):
            if one.state is ValidityState.NOT_VALID and share["value"] is not None:
                yield _of(_named(name), _of(paper, one.reason))


def _of(subject: str, text: str) -> Message:
    return join_messages((subject, text), ": ")


def _not_valid(shares: Iterable[str], studied: Studied) -> Iterator[Message]:
    """Yield in which newspapers the machine's readings of a measure are not valid."""
    for name in shares:
        papers = [
            paper
            for paper, one in studied.of_newspapers(name)
            if one.state is ValidityState.NOT_VALID
        ]
        if papers:
            yield Message(
                "The program's readings of “%(measure)s” are not valid in %(papers)s.",
                measure=_named(name),
                papers=_listed(papers),
            )


def _coding(document: dict[str, Any], studied: Studied) -> Iterator[Message]:
    """Yield which photographs people coded, and what the other intervals rest on."""
    shares, samples = document["shares"], document["source"]["samples"]
    stated = {name: one for name, one in shares.items() if one["value"] is not None}
    coded = [name for name in samples if name in stated and stated[name]["drawn"]]
    for name in coded:
        yield Message(
            "For “%(measure)s”, %(photos)s drawn by chance (%(samples)s) were coded by people.",
            measure=_named(name),
            photos=counted(shares[name]["drawn"], "photograph"),
            samples=_seeds(samples[name]),
        )
    if coded:
        yield Message(
            "%(coders)s had answered by %(day)s, and a regression estimator corrected the"
            " program's readings by their answers.",
            coders=counted(studied.coders, "coder"),
            day=document["source"]["reviews_as_of"][: len("YYYY-MM-DD")],
        )
    alone = [name for name, one in stated.items() if one["interval"] and not one["drawn"]]
    if alone and coded:
        yield Message(
            "For %(measures)s, no photograph was drawn by chance and coded by people: there, the"
            " intervals rest on how far the program erred on newspapers that it had not seen.",
            measures=_quoted(alone),
        )
    elif alone:
        yield Message(
            "No photograph was drawn by chance and coded by people: the intervals rest on how far"
            " the program erred on newspapers that it had not seen."
        )


def _seeds(sample: dict[str, Any]) -> Message:
    """Return the samples of a measure with their seeds."""
    every = (sample, *sample.get("others", ()))
    return join_messages(
        # In quotes: a name is no word of the catalogue.
        Message("sample %(name)s, seed %(seed)s", name=f"“{one['name']}”", seed=one["seed"])
        for one in every
    )


def _about(document: dict[str, Any]) -> Message:
    if document["inference"] == Inference.PRACTICE.value:
        return Message("The intervals are about the practice of which these editions are examples.")
    return Message("The intervals are about these very editions.")


def _cited(document: dict[str, Any]) -> list[str]:
    drawn = any(share["drawn"] for share in document["shares"].values())
    return [
        f"Presslens {code_version()} [software]. Recipe {document['recipe']}.",
        *(REFERENCES.values() if drawn else ()),
    ]


def _named(name: str) -> str:
    return name_metric(Metric.parse(name))
