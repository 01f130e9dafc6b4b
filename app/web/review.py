"""Review: the samples, the desk where a coder answers one, and the desk of the adjudicator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from fastapi import Query, Response

from presslens.app.api import links
from presslens.app.api.access import needs
from presslens.app.api.params import Home, Id
from presslens.app.db.samples import SampleKind
from presslens.app.platform.errors import NotFound
from presslens.app.platform.language import Language, language
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST, Name
from presslens.app.services.questions.questions import question_state
from presslens.app.services.reviews.codebook_changes import asked_again
from presslens.app.services.reviews.coder_names import coder_names
from presslens.app.services.reviews.coding_desk import CodingDesk, adjudication_desk, coding_desk
from presslens.app.services.reviews.flags import count_open_flags
from presslens.app.services.reviews.sample_progress import sample_estimates, sample_overviews
from presslens.app.services.reviews.training import open_training
from presslens.app.services.samples.coder_accuracy import list_coders
from presslens.app.services.samples.questions import FOCUS, questions
from presslens.app.services.samples.samples import SampleState, find_sample
from presslens.app.web.page_router import PageRouter, Render, Rows
from presslens.app.web.preferences import coder_of
from presslens.app.web.question_words import question_words

router = PageRouter()

OVERVIEW_COLUMNS = (
    "id", "name", "kind", "measures", "page", "weight", "publication", "from", "to", "items",
    "coded", "open", "disputed", "agreement", "alpha", "recipe",
)  # fmt: skip
DECISION_COLUMNS = ("item", "photo", "publication", "date", "page_number", "question", "answer",
    "note", "review")  # fmt: skip
DISPUTE_COLUMNS = ("item", "photo", "publication", "date", "page_number", "question", "coder",
    "answer", "note")  # fmt: skip

MOST_ESTIMATED = 12
"""Samples whose shares the list shows, the latest ones."""

PICTURE = 1280
"""Width of the pictures of photos and pages, in pixels."""


@router.page("/review")
@needs(Permission.REVIEW)
def show_samples(home: Home, render: Render, coder: Name | None = None) -> Response:
    """Show the samples: what each is for, how far coders have come, and what is next."""
    answering = coder or coder_of(render.request)

    def documents() -> Iterator[dict[str, Any]]:
        overviews = home.database.views.in_request(
            ("samples", answering), lambda: sample_overviews(home, answering), alone=True
        )
        return (one.to_json(answering) for one in overviews)

    def shown() -> Iterator[dict[str, Any]]:
        for i, one in enumerate(documents()):
            estimates = sample_estimates(home, one["id"]).estimates if i < MOST_ESTIMATED else ()
            begun = bool(one["coded"]["coders"] or one["coded"]["coded"])
            yield {
                **one,
                "begun": begun,
                "estimates": [e.to_json() for e in estimates],
            }

    return render(
        "review_list.html",
        document=lambda: {
            "recipe": home.recipe.id,
            "coder": answering,
            "samples": list(documents()),
            "coders": [one.to_json() for one in list_coders(home)],
        },
        table=lambda: Rows(OVERVIEW_COLUMNS, map(_overview_row, documents())),
        section="review",
        samples=shown,
        coders=lambda: [one.to_json() for one in list_coders(home)],
        answering=answering,
        open_flags=lambda: count_open_flags(home),
        training=lambda: open_training(home, answering),
        names=lambda: coder_names(home),
    )


@router.page("/review/{sample_id:id}")
@needs(Permission.REVIEW)
def show_desk(
    home: Home,
    render: Render,
    sample_id: Id,
    coder: Name | None = None,
    question: Annotated[int | None, Query(ge=1, le=MOST)] = None,
) -> Response:
    """Show the desk of a coder; its data are blind, see ``coding_desk``.

    ``question`` is the claim that the photos are to decide: the desk says when it is decided.
    """
    answering = coder or coder_of(render.request)
    sample = find_sample(home, sample_id)

    def desk() -> CodingDesk:
        return coding_desk(home, sample_id, answering)

    return render(
        "review_desk_page.html" if sample.kind is SampleKind.PHOTOS else "review_pages.html",
        document=lambda: desk_document(desk()),
        table=lambda: Rows(DECISION_COLUMNS, _decision_rows(desk())),
        desk=desk,
        **desk_words(sample, language(render.code)),
        answering=answering,
        question=None if question is None else question_state(home, question),
        mode="code",
        again=asked_again(home, sample_id),
        names=lambda: coder_names(home),
        source=f"/review/{sample_id}.json",
    )


@router.page("/review/{sample_id:id}/disagreements")
@needs(Permission.REVIEW)
def show_disagreements(
    home: Home, render: Render, sample_id: Id, coder: Name | None = None
) -> Response:
    """Show what coders disagree on, one photo at a time, to be decided by an adjudicator."""
    answering = coder or coder_of(render.request)
    sample = find_sample(home, sample_id)

    def desk() -> CodingDesk:
        return adjudication_desk(home, sample_id, answering)

    if not sample.measures:
        raise NotFound("there are no disagreements here: pages are counted on the pages themselves")
    return render(
        "review_desk_page.html",
        document=lambda: desk_document(desk()),
        table=lambda: Rows(DISPUTE_COLUMNS, _dispute_rows(desk())),
        **desk_words(sample, language(render.code)),
        answering=answering,
        mode="adjudicate",
        names=lambda: coder_names(home),
        source=f"/review/{sample_id}/disagreements.json",
    )


def desk_words(sample: SampleState, spoken: Language) -> dict[str, Any]:
    """Return what the template of a desk reads of a sample."""
    names = questions(sample.measures)
    return {
        "section": "review",
        "sample": sample.to_json(),
        "asked": question_words(names, spoken),
        "asks_focus": FOCUS in names,
        "asks_else": any(one != FOCUS for one in names),
        "answers_address": f"{links.sample(sample.id)}/answers",
        "estimates_address": f"{links.sample(sample.id)}/estimates",
    }


def desk_document(desk: CodingDesk) -> dict[str, Any]:
    """Return a desk with the addresses of the pictures."""
    document = desk.to_json()
    for name in ("items", "disputes"):
        document[name] = [{**card, **_pictures(card)} for card in document[name]]
    return document


def _pictures(card: Mapping[str, Any]) -> dict[str, str | None]:
    photo, page = card["photo"], card["page"]
    return {
        "image": f"{links.photo_image(photo)}?width={PICTURE}&version={photo}" if photo else None,
        "large": f"{links.photo_image(photo)}?version={photo}" if photo else None,
        "page_image": f"{links.page_image(page)}?width={PICTURE}" if page else None,
    }


def _overview_row(overview: Mapping[str, Any]) -> dict[str, Any]:
    agreed: Mapping[str, Any] = next(iter(overview["agreement"]), {})
    return {
        **overview,
        "measures": "; ".join(overview["measures"]),
        "coded": overview["coded"]["coded"],
        "disputed": overview["coded"]["disputed"],
        "agreement": agreed.get("agreement"),
        "alpha": agreed.get("alpha"),
    }


def _decision_rows(desk: CodingDesk) -> Iterator[dict[str, Any]]:
    for one in desk.before:
        yield {**desk.card(desk.items[one.item_id]), **one.to_json()}


def _dispute_rows(desk: CodingDesk) -> Iterator[dict[str, Any]]:
    for one in desk.disputes:
        document = one.to_json()
        for answer in document["said"]:
            yield {**desk.card(one.item), "question": one.question, **answer}
