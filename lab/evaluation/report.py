"""Evaluation of the stations on labelled photographs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from PIL import Image as Pillow

from presslens.lab.evaluation.accuracy_tables import store_reliability
from presslens.lab.evaluation.components import BOTH, CalibrationEvidence
from presslens.lab.evaluation.compositions import (
    COMPOSED,
    measure_counts,
    measure_coverage,
    read_editions,
)
from presslens.lab.evaluation.folios import COMPOSED as COMPOSED_HEADS
from presslens.lab.evaluation.folios import (
    KOREAN,
    READ_BY_EYE,
    composed_trials,
    folio_measures,
    real_trials,
)
from presslens.lab.evaluation.front_pages import measure_fronts, read_fronts
from presslens.lab.evaluation.left_out_shares import (
    AS_OTHER,
    LEARNED,
    RECIPE,
    Rules,
    learned_as_other,
    learned_without,
    left_out_shares,
    measure_left_out,
)
from presslens.lab.evaluation.phone_pages import photographed_pages
from presslens.lab.evaluation.photo_releases import found_on, store_releases
from presslens.lab.train import focus_reader
from presslens.lab.training.faces import evaluate as faces
from presslens.lab.training.faces.specimens import load_face_reader
from presslens.lab.training.focus import evaluate as focus
from presslens.lab.training.labels import evaluation as labels
from presslens.lab.training.labels.built_in import judge
from presslens.lab.training.labels.scenes import (
    SCENES,
    SECOND,
    extractor_version,
    observe_scenes,
    read_scenes,
)
from presslens.lab.training.photos.errors import contact_sheet
from presslens.lab.training.photos.evaluate import (
    DISTRACTED,
    FALSE,
    Detector,
    EvaluatedPage,
    evaluate_pages,
    measures,
)
from presslens.lab.training.photos.pages import PHOTOGRAPHED, REAL, composed_pages, labelled_pages
from presslens.lab.training.reprints import evaluate as reprints
from presslens.lab.training.restoration import evaluate as restoration
from presslens.lab.training.showing import AS_IS, PRINTED
from presslens.lab.training.subjects import boxed
from presslens.lab.training.subjects import evaluate as subjects
from presslens.lab.training.subjects.count_accuracy import evaluate_counts
from presslens.lab.training.subjects.examples import SubjectObserver
from presslens.lab.training.subjects.left_out import left_out, observe_collections
from presslens.lab.training.subjects.readers import OutOfFoldReading
from presslens.lab.training.subjects.reliability import draw, reliability
from presslens.models.accuracy import Measure
from presslens.models.folios.reader import folio_reader
from presslens.models.instruments import Restorer
from presslens.models.loading import (
    load_features,
    load_finder,
    load_objects,
    load_persons,
    load_restorer,
)
from presslens.models.recipe import Aggregate, Recipe
from presslens.models.registry import Registry
from presslens.models.restoration.restorer import OnnxRestorer
from presslens.models.vocabulary import Detection, Frame, Image

THREADS = 2

CONTEXT = (
    "For orientation only, since the data differ: Newspaper Navigator reports 61.6 AP for "
    "photographs on its own historic pages, and models trained on DocLayNet reach 77 AP for "
    "pictures."
)

REAL_PAGES = "pages kept out of the segmenter's training; other pages of their editions were in it"
TOTAL = ", all"
"""Ends the name of all pages of a condition together."""

COMPOSED_PAGES = (
    "composed for measuring; their errors led to hatched drawings in training and to the look at "
    "large photos on a smaller page"
)


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """The inputs and outputs of an evaluation.

    Attributes:
        data: The folder of labelled sets.
        recipe: Names the instruments and their rules.
        registry: Gives the weight files.
        pages: The folder of composed editions with their truth; None: none are measured.
        errors: The folder of contact sheets of the errors; None: none are drawn.
        found: The file of the photos found on each page; None: it is not written.
        diagram: The file of the reliability diagram of the subjects; None: it is not drawn.
        reliability: The file of the reliability of the decisions; None: it is not written.
        progress: Receives the name of each set of pages before it is evaluated.
    """

    data: Path
    recipe: Recipe
    registry: Registry
    pages: Path | None = None
    errors: Path | None = None
    found: Path | None = None
    diagram: Path | None = None
    reliability: Path | None = None
    progress: Callable[[str], None] = lambda _what: None


Measurer = Callable[[Bench], list[Measure]]


def evaluate(stations: Sequence[str], bench: Bench) -> list[Measure]:
    """Return the metrics of some of ``pipelines.evaluation.stations.STATIONS``."""
    return [measure for name in stations for measure in _MEASURERS[name](bench)]


def photo_finding(recipe: Recipe, registry: Registry) -> Detector:
    """Return the photo detector of a recipe, as ``Observer`` uses it."""
    finder = load_finder(recipe, registry, threads=THREADS)

    def find(page: Image) -> list[Frame]:
        return list(finder.find(page).frames)

    return find


def in_total(measures: Sequence[Measure]) -> list[Measure]:
    """Return the photo metrics of all pages of each condition, without those of its sets."""
    return [m for m in measures if m.station == "photos" and f"{TOTAL}, " in m.data]


def side_by_side(measures: Sequence[Measure]) -> tuple[list[str], list[list[str]]]:
    """Return the column names and the lines of a table of measures, one line a set of data."""
    columns = list(dict.fromkeys(m.what for m in measures))
    lines = []
    for (data, method), rows in groupby(measures, key=lambda m: (m.data, m.method)):
        by_name = {m.what: m for m in rows}
        n = max(m.n for m in by_name.values() if m.what != DISTRACTED)
        cells = [_cell(by_name[name]) if name in by_name else "–" for name in columns]
        lines.append([data, str(n), *cells, method])
    return ["data", "n", *columns, "how"], lines


def _cell(m: Measure) -> str:
    if m.what == DISTRACTED:
        return f"{m.value:.0f} of {m.n}"
    value = f"{m.value:.0f}" if m.what == FALSE else f"{m.value:.3f}"
    return f"{value} ({m.interval[0]:.2f}–{m.interval[1]:.2f})" if m.interval else value


def _photos(bench: Bench) -> list[Measure]:
    """Return the metrics of photo detection, and write a contact sheet of each condition."""
    find = photo_finding(bench.recipe, bench.registry)
    pages = (
        [page for page in labelled_pages(bench.data) if page.held_out]
        if bench.data.is_dir()
        else []
    )
    if bench.pages is not None:
        composed = list(composed_pages(bench.pages))
        clean = [page for page in composed if page.condition == "clean"]
        folder = bench.pages.with_name(PHOTOGRAPHED)
        pages += [*composed, *photographed_pages(clean, folder)]
    evaluated = []
    for group in dict.fromkeys(page.group for page in pages):
        bench.progress(f"looking at pages: {group}")
        evaluated += evaluate_pages((page for page in pages if page.group == group), find)
    if bench.found is not None:
        store_releases([found_on(evaluated, bench.recipe.observation_id[:12])], bench.found)
    return _photo_measures(evaluated, bench.errors)


def _photo_measures(evaluated: Sequence[EvaluatedPage], errors: Path | None) -> list[Measure]:
    """Return the metrics of each condition and of each set in it, and draw its errors."""
    rows = []
    for condition, pages in _by(evaluated, lambda scored: scored.page.condition):
        real = condition == REAL
        method = REAL_PAGES if real else COMPOSED_PAGES
        rows += measures(f"{condition}{TOTAL}", pages, method=method)
        for group, some in _by(pages, lambda scored: scored.page.group):
            rows += measures(group, some, method=method)
        if errors is not None:
            _write_sheet(pages, errors / f"{condition}.jpg")
    return rows


def _by(
    pages: Sequence[EvaluatedPage], key: Callable[[EvaluatedPage], str]
) -> Iterator[tuple[str, list[EvaluatedPage]]]:
    """Yield pages in groups, in the order in which the groups come up first."""
    for name in dict.fromkeys(map(key, pages)):
        yield name, [page for page in pages if key(page) == name]


def _write_sheet(pages: Sequence[EvaluatedPage], path: Path) -> None:
    """Write the contact sheet of a condition, whole or not at all; delete an outdated one."""
    sheet = contact_sheet(pages)
    if sheet is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    Pillow.fromarray(sheet).save(part, format="JPEG", quality=85)
    part.replace(path)


def _restoration(bench: Bench) -> list[Measure]:
    shipped = load_restorer(bench.recipe, bench.registry, threads=THREADS)
    network = OnnxRestorer(bench.registry.path("restoration"), threads=THREADS)
    ways = restoration.ways(shipped, network)
    observer = _subject_observer(bench)

    def restoring(restorer: Restorer, way: str) -> SubjectObserver:
        return observer if way == restoration.SHIPPED else observer.restoring(restorer, way)

    score = bench.recipe.interpret.person_score
    return [
        *restoration.evaluate_likeness(restoration.measured_photos(bench.data), ways),
        *restoration.evaluate_subjects(bench.data, ways, restoring, person_score=score),
    ]


def _persons(bench: Bench) -> list[Measure]:
    objects = load_objects(bench.recipe, bench.registry, threads=THREADS)
    persons = load_persons(bench.recipe, bench.registry, threads=THREADS)
    restorer = load_restorer(bench.recipe, bench.registry, threads=THREADS)

    def detect(photo: Image) -> list[Detection]:
        restored = restorer.restore(photo).picture
        return persons.detect(restored, objects.detect(restored))

    return boxed.evaluate_persons(bench.data, detect)


def _subject_observer(bench: Bench) -> SubjectObserver:
    return SubjectObserver.load(bench.recipe, bench.registry, threads=THREADS)


def _subjects(bench: Bench) -> list[Measure]:
    score = bench.recipe.interpret.person_score
    judged = subjects.judge_all(bench.data, _subject_observer(bench), person_score=score)
    if bench.diagram is not None:
        draw(judged, bench.diagram)
    return subjects.evaluate_left_out(_left_out(bench)) + subjects.evaluate(judged)


def _decisions(bench: Bench) -> list[Measure]:
    score = bench.recipe.interpret.person_score
    ways = (AS_IS, PRINTED)
    observer = _subject_observer(bench)
    judged = subjects.judge_all(bench.data, observer, person_score=score, shown=ways)
    if bench.reliability is not None:
        store_reliability(reliability(judged), bench.recipe.id, bench.reliability)
    return subjects.evaluate_decisions(judged)


def _learning(bench: Bench) -> list[Measure]:
    score = bench.recipe.interpret.person_score
    return subjects.learning_curve(bench.data, _subject_observer(bench), person_score=score)


def _counts(bench: Bench) -> list[Measure]:
    score = bench.recipe.interpret.person_score
    return evaluate_counts(bench.data, _subject_observer(bench), person_score=score)


def _children(bench: Bench) -> list[Measure]:
    return subjects.evaluate_children(bench.data, _subject_observer(bench))


def _faces(bench: Bench) -> list[Measure]:
    return faces.evaluate(
        bench.data,
        bench.recipe,
        reader=load_face_reader(bench.recipe, bench.registry, threads=THREADS),
        observer=_subject_observer(bench),
    )


def _focus(bench: Bench) -> list[Measure]:
    reader = focus_reader(bench.data, bench.recipe, bench.registry, threads=THREADS)
    margin = bench.recipe.interpret.focus_margin
    rows = focus.evaluate(bench.data, reader.read(bench.data), margin=margin)
    if bench.pages is not None:
        fronts = read_fronts(bench.pages, bench.recipe, bench.registry, progress=bench.progress)
        rows += measure_fronts(fronts)
    return rows


def _labels(bench: Bench) -> list[Measure]:
    extractor = load_features(bench.recipe, bench.registry, threads=THREADS)
    scenes = read_scenes(SCENES)
    version = extractor_version(bench.recipe)
    judged = judge(observe_scenes(bench.data, scenes, extractor, version=version))
    return labels.evaluate(judged) + labels.compare_readers(scenes, read_scenes(SECOND))


def _reprints(bench: Bench) -> list[Measure]:
    extractor = load_features(bench.recipe, bench.registry, threads=THREADS)
    return reprints.evaluate(bench.data, extractor, bench.progress)


def _composition(bench: Bench) -> list[Measure]:
    """Return how exact composed editions are, and the coverage of their intervals."""
    if bench.pages is None:
        return []
    read_cache = bench.pages.parent / "read"
    args = bench.pages, bench.recipe, bench.registry
    editions = read_editions(*args, progress=bench.progress, cache=read_cache)
    shares = [share for each in editions for share in each.shares(bench.recipe.aggregate)]
    return measure_counts(editions) + measure_coverage("composed editions", shares, COMPOSED)


@cache
def _left_out(bench: Bench) -> list[OutOfFoldReading]:
    """Return the readings of subjects on sources that no reader saw, which take half an hour."""
    examples = observe_collections(bench.data, _subject_observer(bench))

    def leaving(collection: str) -> None:
        bench.progress(f"leaving out a collection: {collection}")

    score = bench.recipe.interpret.person_score
    return left_out(examples, person_score=score, progress=leaving)


def _calibration(bench: Bench) -> list[Measure]:
    """Return the components of calibration on left-out sources, and the coverage of intervals."""
    judged = _left_out(bench)
    evidence = CalibrationEvidence.of(judged)
    bench.progress(f"for the recipe:\n{evidence.toml()}")
    return evidence.measures() + measure_calibration(judged, evidence, bench.recipe.aggregate)


def _folios(bench: Bench) -> list[Measure]:
    """Return how well the heads of pages are read, where Tesseract reads Korean."""
    rules = bench.recipe.observe.folios
    if (why_not := folio_reader(rules).why_not(KOREAN)) is not None:
        bench.progress(f"the heads of pages are not measured: {why_not}")
        return []
    composed = composed_trials(rules, progress=bench.progress)
    return [
        *folio_measures(composed, COMPOSED_HEADS, total=True),
        *folio_measures(real_trials(bench.data, rules), READ_BY_EYE, total=False),
    ]


def measure_calibration(
    judged: Sequence[OutOfFoldReading], evidence: CalibrationEvidence, rules: Aggregate
) -> list[Measure]:
    """Return the coverage on left-out sources, by the recipe's components and by learned ones.

    Args:
        judged: Readings by readers that never saw the photos' collections.
        evidence: What each collection tells of the components.
        rules: Of the recipe.
    """
    rows: list[Measure] = []
    ways: tuple[tuple[Rules, str], ...] = (
        (lambda _collection, measure: rules.calibration_of(measure), RECIPE),
        (learned_without(evidence), LEARNED),
        (learned_as_other(evidence), AS_OTHER),
    )
    for components, method in ways:
        shares = left_out_shares(judged, components, shown=BOTH, confidence=rules.confidence)
        rows += measure_left_out(shares, method)
    return rows


_MEASURERS: Mapping[str, Measurer] = {
    "restoration": _restoration,
    "photos": _photos,
    "persons": _persons,
    "subjects": _subjects,
    "decisions": _decisions,
    "learning": _learning,
    "counts": _counts,
    "children": _children,
    "faces": _faces,
    "focus": _focus,
    "labels": _labels,
    "reprints": _reprints,
    "composition": _composition,
    "calibration": _calibration,
    "folios": _folios,
}
