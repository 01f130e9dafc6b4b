"""What the words of a rule mean, in the language of the page: for those who read or write one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from presslens.app.platform.language import Language
from presslens.app.web.metric_words import metric_name
from presslens.models.subjects.codebook import CODEBOOK
from presslens.pipelines.statistics.claim.tree import (
    LEAD_FOCUS,
    FocusIs,
    Node,
    OnPage,
    OverEditions,
    Usual,
    UsualPages,
    is_of_editions,
    metric_text,
    metrics_of,
    pages_of,
    walk,
    written,
)
from presslens.pipelines.statistics.measure import BUILT_IN, FIGURE, LABEL, Weight
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain import PLAIN


def N_(text: str) -> str:  # noqa: N802 - the name that catalogues are made by
    """Mark a text for the catalogues; it is translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Word:
    """A word of rules."""

    text: str  # what can be written into a rule
    meaning: str  # what it stands for


@dataclass(frozen=True, slots=True)
class WordGroup:
    """Words that belong together, under a heading."""

    heading: str
    words: tuple[Word, ...]


FUNCTIONS = {
    "mean": N_("the mean over the editions of the days"),
    "min": N_("the smallest among the editions of the days"),
    "max": N_("the largest among the editions of the days"),
    "sum": N_("the sum over the editions of the days"),
    "count": N_("how many editions of the days it holds for"),
    "per_week": N_("the sum for each seven days"),
    "any": N_("it holds for at least one edition of the days"),
    "all": N_("it holds for every edition of the days"),
}

EARLIER = {
    "mean": N_("the mean of the editions before the first day, 60 of them where there are so many"),
    "median": N_("the middle of the 60 editions before: half have more, half have less"),
    "min": N_("the smallest of the 60 editions before"),
    "max": N_("the largest of the 60 editions before"),
    "rank": N_("the edition's place among the 60 before; 1 is the highest"),
}

SHOWN = {
    **{subject.value: entry.meaning for subject, entry in CODEBOOK.items()},
    "leader": N_("an enrolled leader is seen"),
    "leader_and_facility": N_("the leader together with a facility or a building"),
    "focus_leader": N_("composed around the leader"),
    "focus_facility": N_("composed around a building, plant, machine or product"),
    "focus_neither": N_("composed around neither: a group, an event, anything else"),
}
"""What a photo shows; the codebook says it at length."""

USUAL_PAGES = N_(
    "pages that are entered as usual for the newspaper, else the middle of the 60 editions before"
)
LEAD = N_("what the largest photo of the front page is composed around")

EXAMPLES = (
    (N_("More than 100 photos"), "photos > 100"),
    (N_("Eight pages, where six are usual"), "pages = 8 and usual_pages = 6"),
    (N_("The lead photo of the front page shows the factory"), "front.lead.focus = facility"),
    (
        N_("More children than in nine of ten editions before"),
        "share(children) > baseline.p90(children)",
    ),
    (
        N_("The leader is in part of the photos, not in all"),
        "leader_photos > 0 and share(leader) < 1",
    ),
    (
        N_("Some edition shows fireworks in a twentieth of its photos"),
        "any(share(fireworks) >= 5 %)",
    ),
)
"""Claims in words, each with its rule."""


def words_of(rule: Node, spoken: Language) -> list[Word]:
    """Return the words of a rule with what they mean, each once, in their order by kind."""
    return list(dict.fromkeys(_meanings(rule, spoken)))


def scope_of(rule: Node, spoken: Language) -> str:
    """Return which editions a rule is about, in a sentence."""
    if is_of_editions(rule):
        return spoken.text(
            "The rule is judged for each edition of the days; it is true if it holds for all."
        )
    return spoken.text("The rule is judged once, over all editions of the days together.")


def _meanings(rule: Node, spoken: Language) -> Iterator[Word]:
    for metric in sorted(metrics_of(rule), key=str):
        yield Word(metric_text(metric), _metric_meaning(metric, spoken))
    for number, metrics in sorted(pages_of(rule).items()):
        for metric in sorted(metrics, key=str):
            meaning = spoken.text(
                "of page %(page)s: %(meaning)s",
                page=number,
                meaning=_metric_meaning(metric, spoken),
            )
            yield Word(written(OnPage(number, metric)), meaning)
    for part in walk(rule):
        if isinstance(part, Usual):
            name = metric_name(str(part.metric), spoken)
            yield Word(written(part), f"{name}: {_earlier(part, spoken)}")
        elif isinstance(part, UsualPages):
            yield Word("usual_pages", spoken.text(USUAL_PAGES))
        elif isinstance(part, OverEditions):
            yield Word(f"{part.function}(…)", spoken.text(FUNCTIONS[part.function]))
        elif isinstance(part, FocusIs):
            yield Word(LEAD_FOCUS, spoken.text(LEAD))


def _earlier(part: Usual, spoken: Language) -> str:
    if part.days is not None:
        return mean_of_days(part.days, spoken)
    if part.function in EARLIER:
        return spoken.text(EARLIER[part.function])
    return spoken.text(
        "the value that %(percent)s %% of the editions before don't exceed",
        percent=part.function.removeprefix("p"),
    )


def mean_of_days(days: tuple[date, date], spoken: Language) -> str:
    """Return in words what the mean of named days is."""
    first, last = map(spoken.day, days)
    if first == last:
        return spoken.text("what the edition of %(day)s has", day=first)
    return spoken.text(
        "the mean of the editions from %(first)s to %(last)s", first=first, last=last
    )


def _metric_meaning(metric: Metric, spoken: Language) -> str:
    if not metric.is_share:
        return spoken.text(PLAIN[metric.name].meaning)
    name = metric.name.removeprefix(FIGURE).removeprefix(LABEL)
    shown = spoken.text(SHOWN[name]) if name in SHOWN else name
    weight = (
        spoken.text("by their printed area")
        if metric.weight is Weight.AREA
        else spoken.text("by their number")
    )
    plain = Metric(metric.name, metric.zone)
    return spoken.text(
        "%(name)s: share of the photos, %(weight)s, that show it (%(shown)s)",
        name=metric_name(str(plain), spoken),
        weight=weight,
        shown=shown,
    )


def vocabulary(figures: Sequence[str], labels: Sequence[str], spoken: Language) -> list[WordGroup]:
    """Return the words that a rule can be written with.

    Args:
        figures: Names of the enrolled figures.
        labels: Names of the labels that photos are read for.
    """

    def words(pairs: Sequence[tuple[str, str]]) -> tuple[Word, ...]:
        return tuple(Word(text, spoken.text(meaning)) for text, meaning in pairs)

    named = [(f'share(figure "{name}")', N_("an enrolled figure is seen")) for name in figures]
    labelled = [(f'share(label "{name}")', N_("a label of photos")) for name in labels]
    return [
        WordGroup(
            spoken.text("Numbers of an edition"),
            words([(name, metric.meaning) for name, metric in PLAIN.items()]),
        ),
        WordGroup(
            spoken.text("Shares of its photos"),
            words([*((f"share({name})", SHOWN[name]) for name in BUILT_IN), *named, *labelled]),
        ),
        WordGroup(spoken.text("Parts of an edition"), words(_PARTS)),
        WordGroup(spoken.text("What is usual"), words(_USUAL)),
        WordGroup(
            spoken.text("Several editions"),
            words([(f"{name}(…)", meaning) for name, meaning in FUNCTIONS.items()]),
        ),
        WordGroup(spoken.text("Joining and comparing"), words(_SIGNS)),
    ]


_PARTS = (
    ("front.share(children)", N_("on the front page; inside, above_fold and lead alike")),
    ("share(children, area)", N_("photos weigh by their printed area")),
    ("page(2).photos", N_("a number of one page")),
    ("page(2).share(children)", N_("a share of the photos of one page")),
    ("front.lead.focus = facility", N_("leader, facility, neither or unsure")),
)
_USUAL = (
    ("usual_pages", USUAL_PAGES),
    ("baseline.median(photos)", EARLIER["median"]),
    ("baseline.p90(children)", N_("what nine in ten of the editions before don't exceed")),
    ("baseline.rank(photos)", EARLIER["rank"]),
)
_SIGNS = (
    ("and", N_("both hold")),
    ("or", N_("at least one of the two holds")),
    ("not", N_("it does not hold")),
    ("> >= < <= = !=", N_("more, at least, less, at most, exactly, other than")),
    ("12 %", N_("the same as 0.12")),
)
