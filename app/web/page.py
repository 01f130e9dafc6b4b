"""The page of a page: its scan with deep zoom, boxes by layer, its photos and texts as a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Query, Response
from fastapi.responses import JSONResponse

from presslens.app.api import links
from presslens.app.api.access import check_permission, identity_of, needs
from presslens.app.api.params import Home, Id
from presslens.app.installation import Installation
from presslens.app.platform.language import Language, language
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST
from presslens.app.services.catalogue.editions import find_edition
from presslens.app.services.catalogue.pages import AnalysedPage, find_page, page_ids
from presslens.app.services.edits.listing import EditFilter, count_edits
from presslens.app.services.reviews.page_reviews import PageReviews, PageReviewState, page_reviews
from presslens.app.services.samples.samples import find_sample
from presslens.app.services.shares.decisions import photo_decisions
from presslens.app.services.statistics.edition_composition import (
    edition_composition_document,
    page_composition_document,
    page_numbers,
)
from presslens.app.web.alternatives import with_decisions
from presslens.app.web.metric_words import metric_interval, metric_number
from presslens.app.web.page_boxes import COLUMNS, FIRST_LAYERS, LAYERS, named_boxes
from presslens.app.web.page_router import PageRouter, Render, Renderer, Rows
from presslens.models.geometry import Box
from presslens.pipelines.statistics.measure import SUBJECTS

SAME_PLACE = 0.5
"""Boxes that share so much of what both cover are about one place, as for page reviews."""

SAME_SIDE = 1.0
"""Sides of boxes that differ by less, in pixels, are the same."""

router = PageRouter()

Layers = Annotated[list[str] | None, Query(max_length=20)]


@router.page("/pages/{page_id:id}")
@needs(Permission.READ)
def show_page(
    home: Home,
    render: Render,
    page_id: Id,
    layer: Layers = None,
    mode: Literal["correct"] | None = None,
    sample: Annotated[int | None, Query(ge=1, le=MOST)] = None,
    part: Literal["counts"] | None = None,
) -> Response:
    """Show a page; ``layer`` names the layers of boxes that are drawn.

    With ``mode``, its photos can be corrected; as a drawn page of a ``sample``, only what the
    machine has found is shown for that. The JSON of the ``part`` counts has the numbers of photos.
    """
    page = find_page(home, page_id)
    if mode is not None and page.size is not None:
        check_permission(identity_of(render.request), Permission.REVIEW)
        correcting = Correcting(home, page, language(render.code), blind=sample is not None)
        if part is not None and render.format == "json":
            return JSONResponse({"counts": correcting.counts()})
        return _correct(correcting, render, sample)

    def read_pages(ids: Sequence[int]) -> dict[int, tuple[dict[str, Any], dict[str, Any]]]:
        """Read the page, and those that are made with it."""
        return {
            id_: _documents(home, page if id_ == page_id else find_page(home, id_)) for id_ in ids
        }

    document, edition = render.read(page_id, read_pages)
    boxes = named_boxes(document, language(render.code))
    rows = (box.row(page.recipe_id) for layer in boxes.values() for box in layer)
    return render(
        "page.html",
        document=lambda: page_document(home, page, document, edition),
        table=lambda: Rows(COLUMNS, rows),
        page=document,
        edition=edition,
        boxes=boxes,
        shown=shown_layers(layer),
        tiles=f"{links.iiif_image(page_id)}/info.json",
        beside=neighbours(page_ids(home, page.edition_id), page.number),
        composition=lambda: None if page.size is None else page_numbers(home, page),
        subjects=SUBJECTS,
        edit_count=lambda: count_edits(home, EditFilter(target="page", target_id=page_id)),
        section="start",
    )


def _documents(home: Installation, page: AnalysedPage) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a page with what its photos are decided to show, and its edition, as JSON."""
    document = page.to_json()
    edition = find_edition(home, page.edition_id).to_json()
    with home.database.read() as session:
        meanings = [meaning for _, meaning in page.record.photos]
        decided = photo_decisions(session, edition["publication"], home.recipe, meanings)
    document["photos"] = [with_decisions(photo, decided) for photo in document["photos"]]
    return document, edition


def _correct(
    correcting: Correcting,
    render: Renderer,
    sample: int | None,
) -> Response:
    """Show a page so that its photos can be corrected."""
    home, page, spoken = correcting.home, correcting.page, correcting.spoken
    document = page.to_json()
    boxes = named_boxes(document, spoken)
    shown = correcting.to_json()
    return render(
        "page_correct.html",
        document={**document, "correcting": shown},
        table=lambda: Rows(COLUMNS, (b.row(page.recipe_id) for one in boxes.values() for b in one)),
        page=document,
        edition=find_edition(home, page.edition_id).to_json(),
        correcting=shown,
        words=correcting_words(spoken),
        sample=None if sample is None else find_sample(home, sample),
        tiles=f"{links.iiif_image(page.id)}/info.json",
        beside=neighbours(page_ids(home, page.edition_id), page.number),
        section="start",
    )


def page_document(
    home: Installation, page: AnalysedPage, document: dict[str, Any], edition: dict[str, Any]
) -> dict[str, Any]:
    """Return what the page of a page shows: the page, its edition and its composition.

    Args:
        document: The page in the JSON contract.
        edition: Its edition in the JSON contract.
    """
    return {
        **document,
        "publication": edition["publication"],
        "date": edition["date"],
        "image": links.page_image(page.id),
        "iiif": links.iiif_image(page.id),
        "composition": _composition(home, page),
    }


def shown_layers(chosen: Sequence[str] | None) -> tuple[str, ...]:
    """Return the layers that are drawn, in the order of ``LAYERS``.

    Args:
        chosen: Layers of the address; None means those that are shown at first. Other words count
            as nothing: "none" asks for no layer.
    """
    layers = FIRST_LAYERS if chosen is None else chosen
    return tuple(layer for layer in LAYERS if layer in layers)


def neighbours(pages: Sequence[tuple[int, int]], number: int) -> dict[str, tuple[int, int] | None]:
    """Return the uploaded pages before and after a page, as (number, id).

    Args:
        pages: (number, id) of the pages of an edition.
        number: The page's own number.
    """
    return {
        "before": max((one for one in pages if one[0] < number), default=None),
        "after": min((one for one in pages if one[0] > number), default=None),
    }


def _composition(home: Installation, page: AnalysedPage) -> dict[str, Any] | None:
    """Return the numbers of a page; None for one that was not analysed."""
    return None if page.size is None else page_composition_document(home, page)


@dataclass(frozen=True)
class Correcting:
    """What is shown while the photos of a page are corrected."""

    home: Installation
    page: AnalysedPage  # the page, which was analysed
    spoken: Language  # the language of the sentences
    # Only what the machine has found is shown, and nothing that people have said.
    blind: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return photos, removed ones, disputes and what was said; boxes in page pixels."""
        page = self.page
        width, height = page.size or (1, 1)
        shown: dict[str, Any] = {
            "page": page.id,
            "edition": page.edition_id,
            "width": width,
            "height": height,
            "removed": [],
            "disputed": [],
            "said": [],
        }
        if self.blind:
            return {**shown, "photos": self._detected()}
        reviews = page_reviews(self.home, page.id)
        active = [one for one in reviews.reviews if one.withdrawn_at is None]
        return {
            **shown,
            "photos": [
                {
                    "id": photo.id,
                    "box": photo.observation.frame.box.to_list(),
                    "by_hand": photo.by_hand,
                    "coder": self._drawn_by(photo.observation.frame.box, active)
                    if photo.by_hand
                    else None,
                }
                for photo in page.photos
            ],
            "removed": [removal.to_json() for removal in page.removed],
            "disputed": [self._dispute(box, active) for box in reviews.disputed],
            "said": list(self._statements(reviews, active)),
        }

    def _detected(self) -> list[dict[str, Any]]:
        """Return the photos that the machine has found, those that people have removed too."""
        photos = [
            (photo.row_id, photo.observation.frame.box)
            for photo in self.page.photos
            if not photo.by_hand
        ]
        photos += [(removal.photo_id, removal.box) for removal in self.page.removed]
        return [
            {"id": id_, "box": box.to_list(), "by_hand": False, "coder": None}
            for id_, box in sorted(photos)
        ]

    def _pixels(self, box: Box) -> Box:
        return box.scaled(*(self.page.size or (1, 1)))

    def _drawn_by(self, drawn: Box, reviews: Sequence[PageReviewState]) -> str | None:
        """Return who has drawn a box; None if nobody's review has it."""
        for review in reversed(reviews):
            for mark in review.marks:
                if any(_alike(self._pixels(box), drawn) for box in mark.boxes or ()):
                    return review.coder
        return None

    def _dispute(self, box: Box, reviews: Sequence[PageReviewState]) -> dict[str, Any]:
        """Return a place at which coders disagree, and the mark that each has made of it."""
        answers: dict[str, dict[str, Any]] = {}
        for review in reviews:
            marks = [mark for mark in review.marks if mark.box.iou(box) >= SAME_PLACE]
            if not marks and not review.checked:
                continue
            if marks:
                number, boxes = marks[-1].photos, marks[-1].boxes
            elif review.coder in answers:
                continue  # what the coder has said of the place before still holds
            else:
                number, boxes = int(self._was_detected(box)), None
            answers[review.coder] = {
                "coder": review.coder,
                "words": self.spoken.plural("one photo", "%(n)s photos", number)
                if number
                else self.spoken.text("no photo"),
                "mark": {
                    "box": _corners(box),
                    "photos": number,
                    "boxes": None if boxes is None else [_corners(one) for one in boxes],
                },
            }
        return {"box": self._pixels(box).to_list(), "said": list(answers.values())}

    def _was_detected(self, box: Box) -> bool:
        return any(
            self._pixels(box).iou(Box(*one["box"])) >= SAME_PLACE for one in self._detected()
        )

    def counts(self) -> list[dict[str, str]]:
        """Return the number of photos of the page and of its edition, with its interval in words.

        It takes longer than what ``to_json`` returns, as all that is known of the photos of the
        edition is added up.
        """
        if self.blind:
            return []
        page = page_composition_document(self.home, self.page)
        edition = edition_composition_document(self.home, self.page.edition_id)
        return [
            self._count(self.spoken.text("photos of this page"), page),
            self._count(self.spoken.text("photos of the edition"), edition),
        ]

    def _count(self, what: str, numbers: Mapping[str, Any]) -> dict[str, str]:
        interval = numbers.get("photos_interval")
        exact = self.spoken.text("exact: looked through by people")
        return {
            "what": what,
            "number": metric_number(numbers["photos"], "photos", self.spoken),
            "how": metric_interval(interval, "photos", self.spoken) if interval else exact,
        }

    def _statements(
        self, reviews: PageReviews, active: Sequence[PageReviewState]
    ) -> Iterator[dict[str, Any]]:
        """Yield what people have said of the whole page, with the edits that undo it."""
        for review in active:
            if review.two_editions:
                text = self.spoken.text(
                    "%(name)s says that this page is of two editions: none of its photos count.",
                    name=review.coder,
                )
            elif review.checked:
                text = self.spoken.text("%(name)s has looked through this page.", name=review.coder)
            else:
                continue
            yield {"text": text, "edit": review.edit_id}
        if reviews.disputed:
            yield {
                "text": self.spoken.text("People disagree on this page: it is not counted yet."),
                "edit": None,
            }


def correcting_words(spoken: Language) -> dict[str, Any]:
    """Return what the scripts of the page say, with places in braces that they fill in."""
    n, name, photo = "{n}", "{name}", "{photo}"
    text = spoken.text
    return {
        "photo": text("Photo %(n)s", n=n),
        "photos": text("%(n)s photos", n=n),
        "one_photo": text("1 photo"),
        "by_machine": text("found by the machine"),
        "by_hand": text("drawn by hand"),
        "drawn_by": text("drawn by %(name)s", name=name),
        "to_be_joined": text("marked to be joined"),
        "choose": text("Change its box"),
        "no_photo": text("No photo"),
        "split": text("Split"),
        "removed_by": text("removed by %(name)s", name="{}"),
        "back": text("Bring back"),
        "decide": text("Decide"),
        "undo": text("Undo"),
        "save": text("Save"),
        "leave": text("leave the change, or the photo"),
        "mark_to_join": text("mark the photo to be joined, or not"),
        "arrows": text("move what is chosen: the box, one side of it, the cut, or the view"),
        "choose_one": text("Choose a photo: press it, or Tab. Draw the ones that were missed."),
        "drawing": text("Draw with the pointer, or move this box by the arrows; Enter saves it."),
        "cutting": text("Move the cut by the pointer or the arrows; Enter splits the photo there."),
        "moving": text("Arrows move %(side)s by %(step)s pixels.", side="{side}", step="{step}"),
        "sides": {
            "0 0": text("the whole box"),
            "-1 0": text("the left side"),
            "0 -1": text("the upper side"),
            "1 0": text("the right side"),
            "0 1": text("the lower side"),
        },
        "drawn": text("A photo is drawn"),
        "was_changed": text("%(photo)s has another box", photo=photo),
        "was_removed": text("%(photo)s is no photo", photo=photo),
        "was_split": text("%(photo)s is split into two", photo=photo),
        "were_joined": text("%(n)s photos are joined", n=n),
        "gone": text("The photo that you were changing is not there any more."),
        "join_first": text("Mark two photos or more first: by their boxes in the list, or Space."),
        "checked": text("The page is checked"),
        "all_right": text("All right: the page is checked, and nothing was to correct"),
        "not_as_found": text(
            "You have corrected something here: undo that, or say that the page is checked (c)."
        ),
        "two_editions": text("The page is of two editions: none of its photos count"),
        "decided": text("It is decided"),
        "page_has": text("the page has %(photos)s.", photos="{photos}"),
        "sample_done": text("No other page of the sample waits for you."),
    }


def _alike(a: Box, b: Box) -> bool:
    sides = zip(a.to_list(), b.to_list(), strict=True)
    return all(abs(x - y) < SAME_SIDE for x, y in sides)


def _corners(box: Box) -> list[float]:
    return [box.x0, box.y0, box.x1, box.y1]
