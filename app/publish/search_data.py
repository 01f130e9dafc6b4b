"""The data of a publication's filter and search, as scripts: a file of a disk fetches nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

import numpy as np
from sqlalchemy import select

from presslens.app.db.tables import HeadlineRow, OutcomeRow, PageRow
from presslens.app.platform.language import Language, language
from presslens.app.publish.plan import SitePlan
from presslens.app.services.catalogue.facets import FacetCounts, count_facets
from presslens.app.services.catalogue.photo_filter import PhotoFilter, PhotoSort, SizeClass
from presslens.app.services.catalogue.photo_glance import PhotoGlance
from presslens.app.services.catalogue.photo_index import photo_index
from presslens.app.services.labels.labels import label_names
from presslens.app.web.alternatives import photo_in_words
from presslens.models.vocabulary import Focus, Subject
from presslens.pipelines.statistics.measure import Zone

FACETS = ("subject", "figure", "focus", "zone", "size", "label", "reviewed")
"""What photos are filtered by beside newspaper, days, edition and page."""


def gallery_facets(plan: SitePlan) -> FacetCounts:
    """Return what the photos of a publication can be filtered by, with their numbers."""
    return count_facets(plan.home, PhotoFilter(plan.scope))


def gallery_script(plan: SitePlan, facets: FacetCounts, code: str) -> str:
    """Return the photos of the gallery, and which of them each option of its filter selects."""
    spoken = language(code)
    index, every = photo_index(plan.home), PhotoFilter(plan.scope)
    places = index.select(every, PhotoSort.DATE_DOWN)
    options = {
        name: {
            _key(option.value): np.flatnonzero(
                index.matching(_asking(every, name, option.value))[places]
            ).tolist()
            for option in facets.facets[name]
        }
        for name in FACETS
    }
    shown = plan.counted_photos
    papers = sorted({photo.publication for photo in shown})
    photos = [
        [
            photo.id,
            papers.index(photo.publication),
            photo.edition,
            photo.day.isoformat(),
            photo.page_number,
            photo.area_share,
            photo_words(photo, spoken),
            spoken.text(
                "p. %(page)s · %(day)s",
                page=photo.page_number,
                day=spoken.day(photo.day, "medium"),
            ),
        ]
        for photo in shown
    ]
    return _script("photos", {"newspapers": papers, "photos": photos, "options": options})


def photo_words(photo: PhotoGlance, spoken: Language) -> str:
    """Return what a photo shows, in words."""
    return photo_in_words(photo.to_json(), photo.settled, spoken=spoken)


def gallery_conditions(plan: SitePlan) -> Mapping[str, Sequence[str | bool]]:
    """Return the values that photos can be filtered by, whether or not a photo has them."""
    return {
        "subject": [one.value for one in Subject],
        "focus": [one.value for one in Focus],
        "zone": [one.value for one in Zone if one is not Zone.ALL],
        "size": [one.value for one in SizeClass],
        "label": label_names(plan.home),
        "reviewed": [True, False],
    }


def _asking(every: PhotoFilter, name: str, value: Any) -> PhotoFilter:
    """Return a filter that asks for one option of a facet."""
    match name:
        case "subject":
            return replace(every, subjects=(Subject(value),))
        case "figure":
            return replace(every, figures=(value,))
        case "focus":
            return replace(every, focuses=(Focus(value),))
        case "zone":
            return replace(every, zone=Zone(value))
        case "size":
            return replace(every, size=SizeClass(value))
        case "label":
            return replace(every, labels=(value,))
    return replace(every, reviewed=value)


def _key(value: str | int | bool) -> str:
    """Return the value of an option as it stands in addresses."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def search_script(plan: SitePlan, code: str) -> str:
    """Return all that can be searched for: kind, file, heading and text of each."""
    return _script("search", [list(one) for one in _entries(plan, language(code))])


def _entries(plan: SitePlan, spoken: Language) -> Iterator[tuple[str, str, str, str]]:
    for edition in plan.editions:
        day = spoken.day(edition.edition_date)
        yield (
            "edition", f"editions/{edition.id}.html",
            f"{spoken.newspaper(edition.publication)}, {day}", edition.edition_date.isoformat(),
        )  # fmt: skip
    for name in plan.files().figures.values():
        yield "figure", f"gallery.html?{urlencode({'figure': name})}", name, ""
    for claim in plan.claims:
        if claim.latest:
            text = f"{claim.publication} {claim.rule} {claim.source or ''}"
            yield "claim", f"claims/{claim.id}.html", claim.statement, text
    for page, text in _headlines(plan):
        yield "headline", f"pages/{page}.html", text, ""
    for photo in plan.photos:
        if photo.caption:
            yield (
                "photo", f"photos/{photo.id}.html", photo.caption,
                f"{_where(photo.publication, photo.page_number, photo.day, spoken)}:"
                f" {photo_words(photo, spoken)}",
            )  # fmt: skip


def _headlines(plan: SitePlan) -> list[tuple[int, str]]:
    """Return the headlines that are read, each with the id of its page."""
    query = (
        select(PageRow.id, HeadlineRow.text)
        .join(OutcomeRow, OutcomeRow.scan_id == PageRow.scan_id)
        .join(HeadlineRow, HeadlineRow.outcome_id == OutcomeRow.id)
        .where(
            OutcomeRow.observation_id == plan.home.recipe.observation_id,
            PageRow.edition_id.in_(list(plan.pages)),
            HeadlineRow.text.is_not(None),
        )
        .order_by(PageRow.id, HeadlineRow.position)
    )
    with plan.home.database.read() as session:
        return [(page, text) for page, text in session.execute(query) if text]


def _where(publication: str, page: int, day: date, spoken: Language) -> str:
    paper, place = spoken.newspaper(publication), spoken.text("page %(n)s", n=page)
    return f"{paper}, {spoken.day(day)}, {place}"


def _script(name: str, data: Mapping[str, Any] | list[Any]) -> str:
    """Return a script that gives data a name; no text in it ends a script or a line of it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in ("<", "\u2028", "\u2029"):
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'"use strict";\nglobalThis.presslens = {{ ...globalThis.presslens, {name}: {text} }};\n'
