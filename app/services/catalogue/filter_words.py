"""A filter of photos in words, as readers, citations and exported files say it."""

from __future__ import annotations

from collections.abc import Iterator

from presslens.app.services.catalogue.photo_filter import PhotoFilter
from presslens.models.message import Message, join_messages
from presslens.models.vocabulary import Answer
from presslens.pipelines.statistics.measure import Zone

ZONES = {
    Zone.FRONT: Message("on the front page"),
    Zone.INSIDE: Message("on inside pages"),
    Zone.ABOVE_FOLD: Message("above the fold"),
    Zone.LEAD: Message("the lead photos of their pages"),
}

ANSWERS = {
    Answer.YES: Message("the figure is surely seen"),
    Answer.UNSURE: Message("the figure is perhaps seen"),
}


def filter_in_words(photo_filter: PhotoFilter, *, decision: float) -> Message:
    """Return what a filter selects: "photos; of Rodong Sinmun; showing children (…)".

    Args:
        decision: Lowest probability of a label, 0–1, in the recipe.
    """
    parts = [*_places(photo_filter), *_contents(photo_filter, decision)]
    return join_messages(parts) if parts else Message("all photos")


def _places(chosen: PhotoFilter) -> Iterator[str]:
    scope = chosen.scope
    if scope.publication is not None:
        yield Message("of %(publication)s", publication=scope.publication)
    if scope.first is not None and scope.first == scope.last:
        yield Message("of %(day)s", day=str(scope.first))
    else:
        if scope.first is not None:
            yield Message("from %(day)s on", day=str(scope.first))
        if scope.last is not None:
            yield Message("up to %(day)s", day=str(scope.last))
    if scope.edition is not None:
        yield Message("of edition %(edition)s", edition=scope.edition)
    yield from _parts_of_pages(chosen)
    if chosen.superseded:
        yield Message("superseded uploads too")


def _parts_of_pages(chosen: PhotoFilter) -> Iterator[str]:
    if chosen.page is not None:
        yield Message("on page %(page)s", page=chosen.page)
    if chosen.zone is not Zone.ALL:
        yield ZONES[chosen.zone]
    if chosen.min_size is not None:
        yield Message(
            "taking %(percent)s%% of the page or more", percent=f"{100 * chosen.min_size:g}"
        )
    if chosen.size is not None:
        yield Message("%(size)s on their page", size=Message(chosen.size.value.replace("_", " ")))


def _contents(chosen: PhotoFilter, decision: float) -> Iterator[str]:
    at_least = f"{100 * chosen.min_probability:g}"
    for subject in chosen.subjects:
        yield Message(
            "showing %(subject)s with a probability of %(percent)s%% or more",
            subject=Message(subject.value),
            percent=at_least,
        )
    for name in chosen.figures:
        yield Message(
            "showing %(figure)s with a probability of %(percent)s%% or more",
            figure=name,
            percent=at_least,
        )
    for label in chosen.labels:
        yield Message(
            "labelled %(label)s with a probability of %(percent)s%% or more",
            label=label,
            percent=f"{100 * decision:g}",
        )
    if chosen.focuses:
        verdicts = join_messages([Message(one.value) for one in chosen.focuses], ", ")
        yield Message("with a focus on: %(verdicts)s", verdicts=verdicts)
    yield from _appearance(chosen)
    if chosen.text is not None:
        yield Message("with “%(text)s” in the caption or headline", text=chosen.text)
    if chosen.reviewed is not None:
        reviewed, not_reviewed = Message("reviewed by people"), Message("not reviewed by people")
        yield reviewed if chosen.reviewed else not_reviewed


def _appearance(chosen: PhotoFilter) -> Iterator[str]:
    shown = chosen.appearance
    if shown.shot_size is not None:
        yield Message("the figure in a %(size)s shot", size=Message(shown.shot_size.value))
    if shown.facing is not None:
        yield Message("the figure facing: %(facing)s", facing=Message(shown.facing.value))
    if shown.alone is not None:
        alone, accompanied = Message("the figure alone"), Message("the figure with others")
        yield alone if shown.alone else accompanied
    if shown.answer is not None:
        yield ANSWERS[shown.answer]
