"""The types of answers in the JSON contract, which are put together key by key elsewhere.

Pages, photos, compositions and verdicts are printed by the command line as well; the API describes
here what it adds nothing to.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from presslens.app.services.catalogue.descriptions import PageDescription
from presslens.app.services.catalogue.editions import EditionState
from presslens.app.services.claims.claims import ClaimState
from presslens.app.services.claims.registrations import Look
from presslens.app.services.reviews.documents import Consensus
from presslens.app.services.statistics.selection import ExcludedEdition
from presslens.models.vocabulary import Answer, Focus
from presslens.pipelines.statistics.claim.verdict import EditionVerdict, Step
from presslens.pipelines.statistics.composition import Share
from presslens.pipelines.statistics.figure_use import FigureUse
from presslens.pipelines.statistics.layout import PageType, Quadrant
from presslens.pipelines.statistics.tipping import TippingPoint

Box = list[float]
Object = dict[str, Any]


def built(document: Object, *, status: int = 200) -> JSONResponse:
    """Return an answer that is put together already, and valid as this program made it."""
    return JSONResponse(document, status)


class SubjectShape(BaseModel):
    """A subject in a photo: its calibrated probability, 0–1, and how many there are."""

    probability: float
    count: int | None = None
    count_interval: list[int] | None = None
    where: list[Box] | None = None


class FigureShape(BaseModel):
    """An enrolled figure in a photo; ``box`` is the face, in pixels of the page."""

    name: str
    probability: float | None
    box: Box
    answer: Answer
    told_by: Literal["face", "context", "people"]
    reasons: list[tuple[str, float]]
    reasons_text: list[str]
    appearance: Object | None
    lead: bool | None = None


class FocusShape(BaseModel):
    """What a photo is composed around, with the scores of the leader and the facility, 0–1."""

    verdict: Focus
    leader: float
    facility: float
    reasons: list[tuple[str, float]]
    reasons_text: list[str]


class PhotoContents(BaseModel):
    """What a photo shows by the machine: subjects and labels by name, figures and the focus."""

    subjects: dict[str, SubjectShape]
    labels: dict[str, float]
    figures: list[FigureShape]
    focus: FocusShape | None


class ListedPhoto(PhotoContents):
    """A photo in a list, with the page and the edition that print it."""

    id: int
    publication: str
    date: date
    edition: int
    page: int
    page_number: int
    box: Box
    score: float
    area_share: float = Field(description="share of the page, 0–1")
    above_fold: bool
    quadrant: Quadrant
    lead: bool
    by_hand: bool
    label_set: str | None
    caption: Object | None


class PhotoList(BaseModel):
    """Photos under a recipe; ``next`` is the cursor of those that follow."""

    recipe: str
    label_set: str
    photos: list[ListedPhoto]
    next: str | None


class PagePhoto(PhotoContents):
    """A photo of a page; boxes are in pixels of the page."""

    id: int
    box: Box
    score: float
    area_share: float = Field(description="share of the page, 0–1")
    place: Object
    detections: list[Object]
    faces: int
    caption: Object | None
    by_hand: bool
    label_set: str | None
    settled: dict[str, bool] | None = None
    places: dict[str, Box] | None = None


class PhotoAnswer(PagePhoto):
    """A photo, the pages that print it, and what people have settled about it."""

    recipe: str
    pages: list[dict[str, int]]
    page_width: int | None
    page_height: int | None
    reprint_of: int | None
    reviews: Consensus


class PageAnswer(BaseModel):
    """A page with its photos."""

    id: int
    edition: int
    recipe: str
    number: int
    source: str
    width: int | None
    height: int | None
    outcome: str
    reason: str | None = None
    type: PageType | None = None
    traits: Object | None = None
    warnings: list[str] | None = None
    photos: list[PagePhoto]
    headlines: list[Object]
    folio: Object | None
    removed: list[Object]
    description: PageDescription | None = None
    edit: int | None = None


class CompositionShape(BaseModel, extra="allow"):
    """Plain metrics by their names, each with an ``…_interval`` where it is estimated; shares."""

    schema_: int = Field(alias="schema")
    recipe: str
    label_set: str
    pages: int
    pages_seen: int
    coverage: float | None
    page_types: dict[str, int]
    counts_method: str
    machine: Object
    not_known: Object
    shares: dict[str, Share]
    area_shares: dict[str, Share]
    labels: dict[str, Share]
    zones: Object
    figures: list[FigureUse]
    figures_not_known: Object | list[Any]


class EditionCompositionAnswer(CompositionShape):
    """The composition of an edition."""

    edition: EditionState
    reprints: int | None
    photos_without_reprints: float | None


class PageCompositionAnswer(CompositionShape):
    """The composition of a page."""

    page: int
    number: int


class VerdictAnswer(BaseModel):
    """The verdict on a rule, with what it rests on; of a stored claim, with the claim."""

    claim: ClaimState | None = None
    registered: Object | None = None
    looks: list[Look] | None = None
    looks_count: int | None = None
    recipe: str
    publication: str
    from_: date = Field(alias="from")
    to: date
    verdict: str
    rule: str
    rule_version: int
    level: float
    simultaneous: bool
    tests: int
    correction: str | None
    estimand: str
    reasons: list[str]
    n: int
    baseline_editions: int | None
    editions: list[EditionVerdict]
    comparisons: list[Step]
    comparisons_left_out: int
    metrics: list[str]
    tipping: list[TippingPoint]
    pages: int
    pages_seen: int
    coverage: float | None
    left_out: list[ExcludedEdition]
    evidence: list[Object]


class RulerAnswer(BaseModel):
    """An edition's photos from most leader-centred to most facility-centred."""

    schema_: int = Field(alias="schema")
    recipe: str
    edition: int
    publication: str
    date: date
    pages: int
    pages_seen: int
    leaders: list[str]
    n: int
    places: list[Object]
    strip: str


class AgreementAnswer(BaseModel):
    """How far coders agree on each measure, and how often the machine is right."""

    recipe: str
    codebook: str
    method: str
    machine_method: str
    pending: int
    estimates: Object
    measures: list[Object]


class DisagreementList(BaseModel):
    """What coders disagree on; ``total`` counts what is left out, too."""

    recipe: str
    total: int
    disagreements: list[Object]


class NextItemsAnswer(BaseModel):
    """The items that a coder is to code next."""

    sample: str
    kind: str
    measures: list[str]
    coder: str | None
    open: int
    items: list[Object]


class SampleItemsAnswer(BaseModel):
    """A sample and its items in their order."""

    sample: Object
    items: list[Object]


class SampleEstimatesAnswer(BaseModel):
    """The shares that a sample is to tell."""

    sample: int
    recipe: str
    estimates: list[Object]


class SightingList(BaseModel):
    """The photos that show a figure; ``next`` is the cursor of those that follow."""

    recipe: str
    figure: Object
    sightings: list[Object]
    next: str | None


class ExportsAnswer(BaseModel):
    """The formats and filters of exports, and every column of every table."""

    recipe: str
    formats: dict[str, str]
    filters: list[str]
    tables: list[Object]


class ImportedAnnotations(BaseModel, extra="allow"):
    """What was taken in of an annotation tool, or would be: a number for each kind of change."""

    tool: str
    coders: list[str]
    applied: bool
    edit: int | None
    pages: int
    unchanged: int
    imported_before: int
    left: int
    skipped: int
    not_read: int
    problems: list[str]
