"""Addresses of the API, and the documents of results with the addresses that belong to them.

Nothing below ``app.api`` knows an address. The command line adds the same addresses, so that it
prints what the API answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Protocol, TypeVar
from urllib.parse import urlencode

from presslens.app.services.catalogue.publications import PublicationState
from presslens.app.services.catalogue.ruler import EditionRuler
from presslens.app.services.catalogue.sightings import SightingListing
from presslens.app.services.catalogue.trash import TrashedEdition
from presslens.app.services.claims.verdicts import ClaimVerdict
from presslens.app.services.corrections.newspaper_merge import ServedMerge
from presslens.app.services.figures.references import FigureState, ReferenceState, StatedRole
from presslens.models.faces.gallery import Role
from presslens.pipelines.result import OMITTED, Served

ROOT = "/api/v1"

JsonObject = dict[str, Any]

AnswerT = TypeVar("AnswerT", bound=Served)


def edition(edition_id: int) -> str:
    """Return the address of an edition."""
    return f"{ROOT}/editions/{edition_id}"


def restore(edition_id: int) -> str:
    """Return the address that takes an edition out of the trash, by POST."""
    return f"{edition(edition_id)}/restore"


def page(page_id: int) -> str:
    """Return the address of a page."""
    return f"{ROOT}/pages/{page_id}"


def page_image(page_id: int) -> str:
    """Return the address of a page's picture."""
    return f"{page(page_id)}/image"


def photo(photo_id: int) -> str:
    """Return the address of a photo."""
    return f"{ROOT}/photos/{photo_id}"


def photo_image(photo_id: int) -> str:
    """Return the address of a photo's picture."""
    return f"{photo(photo_id)}/image"


def iiif_image(page_id: int) -> str:
    """Return the address of a page's picture as an image service of IIIF."""
    return f"{ROOT}/iiif/{page_id}"


def sample(sample_id: int) -> str:
    """Return the address of a sample."""
    return f"{ROOT}/samples/{sample_id}"


def figure(figure_id: int) -> str:
    """Return the address of a figure."""
    return f"{ROOT}/figures/{figure_id}"


def reference_image(figure_id: int, reference_id: int) -> str:
    """Return the address of the face of a figure's reference."""
    return f"{figure(figure_id)}/references/{reference_id}/image"


def claim(claim_id: int) -> str:
    """Return the address of a claim."""
    return f"{ROOT}/claims/{claim_id}"


def publication(publication_id: int) -> str:
    """Return the address of a newspaper."""
    return f"{ROOT}/publications/{publication_id}"


def masthead(publication_id: int) -> str:
    """Return the address of the picture of a newspaper's masthead."""
    return f"{publication(publication_id)}/masthead.jpg"


def event(event_id: int) -> str:
    """Return the address of an event."""
    return f"{ROOT}/events/{event_id}"


def permalink(path: str, params: Mapping[str, Any]) -> str:
    """Return an address that asks the same again; parameters that are None are left out.

    Args:
        path: Below the API's root, "stats" for instance.
        params: Query parameters; a sequence is repeated, one for each of its values.
    """
    given = {name: value for name, value in params.items() if value is not None}
    return f"{ROOT}/{path}?{urlencode(given, doseq=True)}"


class Repeatable(Protocol):
    """A result that can be asked for again."""

    def to_json(self) -> JsonObject:
        """Return the result as it is served, without addresses."""
        ...

    def params(self) -> Mapping[str, Any]:
        """Return the query parameters that ask for the result again, under the same recipe."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedNewspaper(PublicationState):
    """A newspaper with its address and that of its masthead; None without a masthead."""

    masthead: str | None
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedNewspaper(ServedNewspaper):
    """A newspaper after a change."""

    edit: int | None  # id of the edit by which the change is undone; None: it was like that already
    # What was done, where another newspaper was merged into it.
    merged: Annotated[ServedMerge | None, OMITTED] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedReference(ReferenceState):
    """A reference with the address of its face; None for one not shown."""

    image: str | None


@dataclass(frozen=True, slots=True)
class ServedFigure(Served):
    """A figure with its references."""

    id: int
    name: str
    role: Role  # the first of its roles, in the order of roles; other without any
    roles: Sequence[StatedRole]  # its role in each newspaper in which it has one
    references: Sequence[ServedReference]
    warnings: Sequence[str]  # what is doubtful: too few portraits, or like those of another figure


@dataclass(frozen=True, slots=True)
class ChangedFigure(ServedFigure):
    """A figure after a change; ``edit`` undoes it; None: nothing was new."""

    edit: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorableEdition(TrashedEdition):
    """An edition in the trash with the address that restores it, by POST."""

    restore: str


def cited(answer: type[AnswerT], result: Repeatable, path: str) -> AnswerT:
    """Return a result with its permalink, which the class of the answer adds to its keys."""
    return answer.from_attributes(result, permalink=permalink(path, result.params()))


def repeatable_document(result: Repeatable, path: str) -> JsonObject:
    """Return a result with its permalink.

    Args:
        result: A statistic, a baseline, a comparison, ...
        path: The path that answers with such results, below the API's root.
    """
    return {**result.to_json(), "permalink": permalink(path, result.params())}


def linked_verdict(verdict: ClaimVerdict) -> ClaimVerdict:
    """Return a verdict with the addresses of the photos and pages that it rests on."""
    evidence = [
        replace(
            part,
            photos=tuple(replace(one, **_links(photo(one.id))) for one in part.photos),
            pages=tuple(replace(one, **_links(page(one.id))) for one in part.pages),
        )
        for part in verdict.evidence
    ]
    return replace(verdict, evidence=tuple(evidence))


def linked_ruler(ruler: EditionRuler) -> EditionRuler:
    """Return a ruler with the addresses of its strip, its photos and their pages."""
    places = [
        replace(one, page_image=page_image(one.page), **_links(photo(one.id)))
        for one in ruler.places
    ]
    return replace(ruler, places=places, strip=f"{edition(ruler.edition.id)}/ruler.jpg")


def served_newspaper(state: PublicationState) -> ServedNewspaper:
    """Return a newspaper with its addresses."""
    picture = masthead(state.id) if state.masthead_sha256 else None
    return ServedNewspaper.from_attributes(state, masthead=picture, address=publication(state.id))


def linked_sightings(listing: SightingListing) -> SightingListing:
    """Return a figure's sightings with the addresses of their photos and pages."""
    sightings = [
        replace(
            one,
            photo=replace(one.photo, address=photo(one.photo.id)),
            page=replace(one.page, address=page(one.page.id)),
        )
        for one in listing.sightings
    ]
    return replace(listing, sightings=sightings)


def served_figure(figure: FigureState) -> ServedFigure:
    """Return a figure with the addresses of its references' faces."""
    references = [
        ServedReference.from_attributes(
            one, image=reference_image(figure.id, one.id) if one.pictured else None
        )
        for one in figure.references
    ]
    return ServedFigure(
        figure.id, figure.name, figure.role, figure.roles, references, figure.warnings
    )


def restorable(trashed: TrashedEdition) -> RestorableEdition:
    """Return an edition in the trash with the address that restores it."""
    return RestorableEdition.from_attributes(trashed, restore=restore(trashed.id))


def _links(address: str) -> JsonObject:
    return {"address": address, "image": f"{address}/image"}
