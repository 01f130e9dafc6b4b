"""Analyses one edition without a database: scans in, the JSON document out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar

from presslens.models.errors import NoFace
from presslens.models.faces.enrol import MAJORITY_OF, SPLIT, Assessment, Portrait, assess, portrait
from presslens.models.faces.gallery import EnrolledFigure, Gallery, Role
from presslens.models.labels.classifier import NO_LABELS
from presslens.models.recipe import Recipe
from presslens.models.registry import Registry, sha256_of
from presslens.pipelines.document import PageDocument, PhotoContents, PhotoDocument
from presslens.pipelines.engine import OnRay, open_engine
from presslens.pipelines.interpret import Interpreter
from presslens.pipelines.progress import OnProgress
from presslens.pipelines.result import OMITTED, Served, digits
from presslens.pipelines.scans.page_numbers import number_pages
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import PageSource, ScanRejected, expand
from presslens.pipelines.statistics.availability import LookedFor
from presslens.pipelines.statistics.composition import Composition, compose
from presslens.pipelines.statistics.figure_use import FigureUse, figure_uses
from presslens.pipelines.statistics.folio_checks import UploadedPage, mismatches, read_together
from presslens.pipelines.statistics.layout import PageLayout
from presslens.pipelines.statistics.newspaper_names import folded
from presslens.pipelines.statistics.page import PageRecord, with_missing
from presslens.pipelines.statistics.ruler import Ruler, rule
from presslens.pipelines.task import Engine, PageResult, PageTask


@dataclass(frozen=True, slots=True)
class Request:
    """An edition to analyse."""

    scans: Sequence[Path]  # files in page order, or folders of them
    publication: str | None = None  # the newspaper, or None
    date: str | None = None  # the edition's day as YYYY-MM-DD, or None
    # Folders of reference photos by the leader's name.
    leaders: Mapping[str, Path] = field(default_factory=dict)
    as_photos: bool = False  # each image is itself one photo
    # Number of pages that the edition had, scanned or not; None: not known.
    pages_expected: int | None = None
    # Number of each page, in page order; empty: the names of the files tell them, or their order.
    page_numbers: Sequence[int] = ()
    # Folder for the re-encoded pictures of the pages, ``view_name`` says which; None: there are
    # none.
    views: Path | None = None
    # All names of the newspapers that are known, by name: pages are checked for them.
    newspapers: Mapping[str, Sequence[str]] = field(default_factory=dict)

    languages: Sequence[str] = ()  # its newspaper's (BCP 47); empty: not known, and not read

    def uploaded(self, number: int) -> UploadedPage:
        """Return what is said of the page with a number."""
        day = date.fromisoformat(self.date) if self.date else None
        key = folded(self.publication or "")
        spellings = (n for n, names in self.newspapers.items() if key in map(folded, names))
        newspaper = next(spellings, None)
        names = self.newspapers.get(newspaper or "", [self.publication] if self.publication else [])
        others = {name: own for name, own in self.newspapers.items() if name != newspaper}
        return UploadedPage(number, day, names, others)


@dataclass(frozen=True, slots=True)
class LeaderReference(Served):
    """A reference photo of a leader."""

    name: str
    weight: Annotated[float, digits(3)]  # how much it counts, 0–1; 0: it is not used
    note: str | None  # what is doubtful about it, or why it is not used


@dataclass(frozen=True, slots=True)
class EnrolledLeader(Served):
    """A leader, and the reference photos."""

    name: str
    role: Role
    references: Sequence[LeaderReference]


@dataclass(frozen=True, slots=True)
class EditionGiven(Served):
    """What is said of an edition."""

    publication: str | None
    date: str | None  # YYYY-MM-DD
    pages: int  # number of pages that were given
    as_photos: Annotated[bool | None, OMITTED] = None  # each image was itself one photo


@dataclass(frozen=True, slots=True, eq=False)
class AnalysedComposition(Served):
    """The statistics of an edition, and of the leaders in it."""

    SERVED: ClassVar[str] = "*composition figures"

    composition: Composition
    figures: Sequence[FigureUse]  # the use of each leader


@dataclass(frozen=True, slots=True, eq=False)
class AnalysedEdition(Served):
    """An edition, analysed without an archive: its pages, their photos, and their statistics."""

    SERVED: ClassVar[str] = """
        schema recipe label_set edition figures?=leaders pages composition ruler
    """

    recipe: str  # id of the recipe
    edition: EditionGiven
    leaders: tuple[EnrolledLeader, ...]
    pages: Sequence[PageDocument]  # in the order given
    composition: AnalysedComposition
    ruler: Ruler
    label_set: str = NO_LABELS.version  # version of the labels that photos are read for


FIRST_PORTRAITS = 12
"""About how many portraits of a folder are looked at before the others."""


def view_name(place: int) -> str:
    """Return the name of a page's picture, given its place in the document, from 1."""
    return f"{place}.jpg"


def analyze(
    request: Request,
    recipe: Recipe,
    registry: Registry,
    *,
    processes: int,
    on_ray: OnRay | None = None,
    progress: OnProgress = lambda _done, _of, _name: None,
) -> dict[str, Any]:
    """Return the document of an edition, its pages in the order given.

    Args:
        request: The edition.
        recipe: The rules of observation, interpretation and composition.
        processes: At most so many processes observe pages; 0 observes in this process.
        on_ray: The Ray cluster that observes them in their place.
        progress: Called with the count of pages done, of all pages, and the name of the last.

    Raises:
        ModelUnavailable: A weight file is missing.
        ModelMismatch: A weight file is not the one that the manifest names.
        NoFace: No reference photo of a leader can be used.
    """
    for name in Interpreter.WEIGHTS:
        registry.path(name)
    with (
        ThreadPoolExecutor(1) as thread,
        tempfile.TemporaryDirectory(prefix="presslens-") as folder,
    ):
        # Seconds of imports, for which nothing waits while pages are decoded and observed.
        loading = thread.submit(Interpreter, recipe, registry)
        _check_apart(request.leaders)
        with Sandbox() as sandbox:
            sources = list(_unpack(request.scans, sandbox, Path(folder)))
        images = sum(len(expand([path])) for path in request.leaders.values()) + len(sources)
        # One image is observed sooner here than in a process that is started for it.
        processes = min(processes, images) if images > 1 else 0
        with open_engine(recipe, registry, processes=processes, on_ray=on_ray) as engine:
            enrolled = [_enrol(n, f, engine, recipe) for n, f in request.leaders.items()]
            results = _observe(sources, engine, request, progress=progress)
        interpreter = loading.result()
    gallery = Gallery([leader.figure for leader in enrolled])
    in_turn = range(1, len(sources) + 1) if request.as_photos else ()
    numbers = number_pages([source.name for source in sources], request.page_numbers or in_turn)
    in_order = [results.get(str(place)) for place in range(1, len(sources) + 1)]
    folios = read_together([r.observation.folio if r and r.observation else None for r in in_order])
    pages = [
        _page(
            source,
            result,
            mismatches(folio, request.uploaded(number)),
            number=number,
            interpreter=interpreter,
            gallery=gallery,
            recipe=recipe,
        )
        for number, source, result, folio in zip(numbers, sources, in_order, folios, strict=True)
    ]
    seen = [replace(page.record, is_photo=request.as_photos) for page in pages]
    records = with_missing(seen, request.pages_expected)
    given = EditionGiven(request.publication, request.date, len(pages), request.as_photos or None)
    return AnalysedEdition(
        recipe.id,
        given,
        tuple(leader.document for leader in enrolled),
        [page.document for page in pages],
        _composition(records, recipe, gallery, interpreter.built_in),
        rule(records, leaders=gallery.leaders),
    ).to_json()


def _composition(
    records: Sequence[PageRecord], recipe: Recipe, gallery: Gallery, labels: Sequence[str]
) -> AnalysedComposition:
    rules = recipe.aggregate
    roles = {figure.name: Role(figure.role) for figure in gallery.figures}
    composition = compose(records, rules, looked_for=LookedFor(roles), labels=labels)
    uses = figure_uses(records, composition.share, figures=roles)
    return AnalysedComposition(composition, uses)


@dataclass(frozen=True, slots=True, eq=False)
class _Enrolled:
    figure: EnrolledFigure
    document: EnrolledLeader


def _enrol(name: str, folder: Path, engine: Engine, recipe: Recipe) -> _Enrolled:
    """Enrol a leader from all usable reference photos: poor ones have a lower weight.

    A few from all over the folder are looked at first: they tell a folder of several persons.
    """
    tasks = [PageTask(p.name, p, sha256_of(p), 0, p.name, as_photo=True) for p in expand([folder])]
    rules, child = recipe.interpret.enrol, recipe.observe.faces.child
    first = tasks[:: max(1, len(tasks) // FIRST_PORTRAITS)]
    results: dict[str, PageResult] = {}
    for some in (first, [task for task in tasks if task not in first]):
        results |= {result.key: result for result in engine.run(some)}
        portraits = {one.key: _portrait(results[one.key]) for one in tasks if one.key in results}
        assessments = assess(list(portraits.values()), rules, child=child, lenient=True)
        _check_one_person(name, folder, dict(zip(portraits, assessments, strict=True)))
    notes = [
        LeaderReference(
            key, assessment.weight, _error(results[key]) or assessment.reason or assessment.doubt
        )
        for key, assessment in zip(portraits, assessments, strict=True)
    ]
    used = [
        (p.face.embedding, assessment.weight)
        for p, assessment in zip(portraits.values(), assessments, strict=True)
        if assessment.weight > 0 and p.face is not None and p.face.embedding is not None
    ]
    if not used:
        reasons = " ".join(f"{note.name}: {note.note}." for note in notes)
        raise NoFace(f"no photo in {folder.name}/ can enrol {name}. {reasons}")
    figure = EnrolledFigure.of(name, Role.LEADER, used)
    return _Enrolled(figure, EnrolledLeader(name, Role.LEADER, notes))


def _check_one_person(name: str, folder: Path, assessments: Mapping[str, Assessment]) -> None:
    """Check that portraits show one person.

    Two that differ may be one person in two lights.

    Raises:
        NoFace: There are three or more, and no majority of them is alike.
    """
    alike = {key: one.agreement or 0.0 for key, one in assessments.items() if one.doubt == SPLIT}
    if len(alike) < MAJORITY_OF:
        return
    strangers = sorted(alike, key=alike.__getitem__)[:2]
    raise NoFace(
        f"{folder.name}/ shows several persons, so that nobody is enrolled as {name}:"
        f" {strangers[0]} and {strangers[1]}, for instance, look like few of the others; leave"
        f" portraits of {name} alone in it"
    )


def _check_apart(leaders: Mapping[str, Path]) -> None:
    """Check that no picture is a portrait of two leaders.

    Raises:
        NoFace: One is.
    """
    shown: dict[str, str] = {}
    for name, folder in leaders.items():
        for path in expand([folder]):
            other = shown.setdefault(_hash(path) or str(path), name)
            if other != name:
                raise NoFace(f"{path.name} is given as a portrait of {other} and of {name}")


def _hash(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError:  # the page fails when it is decoded
        return ""


def _portrait(result: PageResult) -> Portrait:
    return portrait(result.observation.photos[0]) if result.observation else Portrait(None)


def _error(result: PageResult) -> str | None:
    """Return why a reference was not observed; None if it was."""
    if result.rejection is not None:
        return _sentence(result.rejection)
    return None if result.failure is None else result.failure.message


def _unpack(
    scans: Sequence[Path], sandbox: Sandbox, folder: Path
) -> Iterator[PageSource | ScanRejected]:
    for i, path in enumerate(expand(scans)):
        into = folder / str(i)
        into.mkdir()
        yield from sandbox.unpack(path, path.name, into)


def _observe(
    sources: Sequence[PageSource | ScanRejected],
    engine: Engine,
    request: Request,
    *,
    progress: OnProgress,
) -> dict[str, PageResult]:
    hashes = cache(_hash)  # the pages of a PDF share a file
    tasks = {
        str(number): PageTask(
            str(number),
            source.path,
            hashes(source.path),
            source.frame,
            source.name,
            view=request.views / view_name(number) if request.views else None,
            as_photo=request.as_photos,
            languages=tuple(request.languages),
        )
        for number, source in enumerate(sources, start=1)
        if isinstance(source, PageSource)
    }
    results: dict[str, PageResult] = {}
    progress(0, len(tasks), "")
    for result in engine.run(tasks.values()):
        results[result.key] = result
        progress(len(results), len(tasks), tasks[result.key].name)
    return results


@dataclass(frozen=True, slots=True)
class _Page:
    document: PageDocument
    record: PageRecord


def _page(
    source: PageSource | ScanRejected,
    result: PageResult | None,
    doubts: Sequence[str],
    *,
    number: int,
    interpreter: Interpreter,
    gallery: Gallery,
    recipe: Recipe,
) -> _Page:
    rejection = source if isinstance(source, ScanRejected) else result.rejection if result else None
    observation = result.observation if result else None
    if observation is None:
        outcome = "rejected" if rejection else "failed"
        reason = _sentence(rejection) if rejection else _error(result) if result else None
        page = PageDocument(number=number, source=source.name, outcome=outcome, reason=reason)
        return _Page(page, PageRecord.not_seen(number))
    interpretations = interpreter.interpret(observation, gallery)
    pairs = list(zip(observation.photos, interpretations, strict=True))
    size = observation.width, observation.height
    area = float(size[0] * size[1])
    boxes = [photo.frame.box for photo in observation.photos]
    layout = PageLayout.of(boxes, size, observation.traits, recipe.aggregate)
    page = PageDocument(
        number=number,
        source=source.name,
        outcome="done" if pairs else "empty",
        size=size,
        layout=layout,
        shown=tuple(
            PhotoDocument(
                photo, place, area, PhotoContents(m, place.lead, recipe.interpret.context)
            )
            for (photo, m), place in zip(pairs, layout.places, strict=True)
        ),
        headlines=observation.headlines,
        folio=observation.folio,
        mismatches=tuple(doubts),
    )
    photos = [(photo.frame, m) for photo, m in pairs]
    record = PageRecord.analysed(number, size, photos, layout.type, traits=observation.traits)
    return _Page(page, record)


def _sentence(rejection: ScanRejected) -> str:
    return f"{rejection.reason.value}: {rejection.detail}"
