"""Agreement of the coders with each other, and of the machine with their consensus."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.queries import EditionScope, join_editions, scans_in
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.tables import EditionRow, PageRow, PhotoRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.catalogue.scores import read_scores
from presslens.app.services.figures.gallery import roles_in
from presslens.app.services.reviews.consensus import (
    answers_by,
    match_reviews,
    photo_answers,
    photo_boxes,
)
from presslens.app.services.samples.coder_accuracy import CoderRecord, coder_records, one_coder
from presslens.app.services.samples.constancy import Constancy, list_constancy, together
from presslens.app.services.samples.sampled_photos import recoding_weights
from presslens.app.services.shares.consensus_photos import load_consensus
from presslens.app.services.shares.decisions import photo_decisions
from presslens.models.recipe import Recipe
from presslens.models.subjects.codebook import entry_version
from presslens.pipelines.result import OfRecipe, Served
from presslens.pipelines.statistics.agreement import (
    ALPHA,
    Agreement,
    Confusion,
    RatedPhoto,
    agreement,
    confusion,
)
from presslens.pipelines.statistics.consensus import (
    DERIVED,
    CoderAnswer,
    consensus_answers,
    derived_answer,
    disputed_measures,
    latest_answers,
)
from presslens.pipelines.statistics.measure import BUILT_IN, decided, is_measure, probabilities
from presslens.pipelines.statistics.recipe_comparison import PrintedPage
from presslens.pipelines.statistics.sample_item import PARTS

BATCH = 500
"""Scans or photos that are queried at a time."""

AGREEMENT_COLUMNS = (
    "measure", "codebook", "photos", "coded_twice", "picked_twice", "coders", "agreement", "alpha",
    "alpha_low", "alpha_high", "kappa", "reason",
    *(f"{side}{name}" for side in ("sensitivity", "specificity") for name in ("", "_low", "_high")),
    "accuracy_n", "accuracy_method",
    *(f"constancy{name}" for name in ("", "_low", "_high", "_n")),
    *(f"machine_{side}_{name}" for side in ("yes", "no", "found")
      for name in ("n", "right", "share", "low", "high")),
    "recipe",
)  # fmt: skip
MACHINE_METHOD = "settled photos only, drawn and picked; Wilson 95 %"


@dataclass(frozen=True, slots=True)
class Disagreement(Served):
    """A measure of a photo that coders disagree on, and the coders of either answer."""

    SERVED: ClassVar[str] = "photo *printed measure yes=coders_yes no=coders_no"

    photo: int
    printed: PrintedPage  # the first page that prints it
    measure: str
    yes: tuple[str, ...]
    no: tuple[str, ...]

    @property
    def coders_yes(self) -> str:
        """Coders who say yes, as one text."""
        return "; ".join(self.yes)

    @property
    def coders_no(self) -> str:
        """Coders who say no, as one text."""
        return "; ".join(self.no)


@dataclass(frozen=True, slots=True)
class Disagreements(OfRecipe):
    """What coders disagree on and nobody has adjudicated, the earliest edition first."""

    total: int  # number of all of them, of which only some may be listed
    disagreements: tuple[Disagreement, ...]


@dataclass(frozen=True, slots=True)
class MeasureAgreement(Served):
    """Agreement on a measure under a codebook; the machine is at its first codebook alone."""

    measure: str
    codebook: str
    coders: Agreement | None
    machine: Confusion | None


@dataclass(frozen=True, slots=True)
class EstimateCodebooks(Served):
    """Under which codebooks the answers are that estimates use."""

    codebooks: Mapping[str, Mapping[str, int]]  # photos by measure and codebook
    words: str


@dataclass(frozen=True, slots=True)
class Reliability(Served):
    """Agreement of coders with each other, and of the machine with their consensus, by measure."""

    SERVED: ClassVar[str] = """
        recipe=recipe_id codebook method machine_method pending estimates measures coders constancy
    """

    recipe_id: str  # the recipe of the machine
    codebook: str  # version of today's codebook
    # One for each measure that a coder was asked, and for each codebook.
    agreements: tuple[Agreement, ...]
    confusions: tuple[Confusion, ...]  # one for each measure with a consensus on some photo
    # Photos with a consensus, by measure and by the codebook that it follows.
    settled: Mapping[str, Mapping[str, int]]
    # Photos with a consensus that are not interpreted yet, and so not in ``confusions``.
    pending: int
    # How often each coder is right, of all drawn photos; coders who shared none are omitted.
    coders: Sequence[CoderRecord]
    # How often each coder answers as before what the coder is shown again.
    constancy: Sequence[Constancy]

    @property
    def method(self) -> str:
        """The method of the coders' agreement."""
        return ALPHA

    @property
    def machine_method(self) -> str:
        """The photos and the method of the machine's accuracy."""
        return MACHINE_METHOD

    @property
    def measures(self) -> list[MeasureAgreement]:
        """A row for each measure and codebook, today's first."""
        agreements = {(row.measure, row.codebook): row for row in self.agreements}
        confusions = {row.measure: row for row in self.confusions}
        rows = []
        for measure in dict.fromkeys([*(name for name, _ in agreements), *confusions]):
            machine = confusions.get(measure)
            codebooks = [book for name, book in agreements if name == measure]
            codebooks = codebooks or [entry_version(self.codebook, measure)]
            for book in codebooks:
                coders = agreements.get((measure, book))
                rows.append(MeasureAgreement(measure, book, coders, machine))
                machine = None
        return rows

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row for each measure and codebook, for tables; see ``AGREEMENT_COLUMNS``."""
        for document in self.to_json()["measures"]:
            coders, machine = document["coders"] or {}, document["machine"] or {}
            low, high = coders.get("interval") or (None, None)
            row = {
                **coders,
                "measure": document["measure"],
                "codebook": document["codebook"],
                "coders": "; ".join(coders.get("names", ())),
                "alpha_low": low,
                "alpha_high": high,
                "recipe": self.recipe_id,
                **_accuracy_cells(coders.get("accuracy") or {}),
                **self._constancy_cells(document["measure"], document["codebook"]),
            }
            for side, accuracy in machine.items():
                low, high = accuracy["interval"] or (None, None)
                cells = {**accuracy, "low": low, "high": high}
                row |= {f"machine_{side}_{name}": value for name, value in cells.items()}
            yield row

    def _constancy_cells(self, measure: str, codebook: str) -> dict[str, Any]:
        """Return how constant all coders are together."""
        asked = measure, codebook
        same = together(one for one in self.constancy if (one.measure, one.codebook) == asked)
        return {} if same is None else constancy_cells(same.to_json())

    @property
    def estimates(self) -> EstimateCodebooks:
        """Under which codebooks the answers are that estimates use."""
        earlier = {
            measure: sum(
                n for book, n in books.items() if book != entry_version(self.codebook, measure)
            )
            for measure, books in self.settled.items()
        }
        mixed = {measure: n for measure, n in earlier.items() if n}
        words = (
            "estimates by a sample use answers under the codebook of its draw, others each photo's"
            " under that of its latest answer"
        )
        if mixed:
            photos = ", ".join(f"{measure} {n}" for measure, n in mixed.items())
            words += (
                f"; photos settled under an earlier codebook than {self.codebook} are among them:"
                f" {photos}; code these again, or withdraw them"
            )
        return EstimateCodebooks(self.settled, words)


def constancy_cells(same: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells of tables that say how constant a coder is, or coders are together."""
    low, high = same["interval"] or (None, None)
    cells = {"": same["share"], "_low": low, "_high": high, "_n": same["n"]}
    return {f"constancy{name}": value for name, value in cells.items()}


def _accuracy_cells(accuracy: Mapping[str, Any]) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for side in ("sensitivity", "specificity"):
        estimate = accuracy.get(side) or {}
        low, high = estimate.get("interval") or (None, None)
        cells |= {side: estimate.get("value"), f"{side}_low": low, f"{side}_high": high}
    return cells | {"accuracy_n": accuracy.get("n"), "accuracy_method": accuracy.get("method")}


def reliability(
    home: Installation, scope: EditionScope, *, measure: str | None = None, seed: int = 0
) -> Reliability:
    """Return the agreement of coders, and the accuracy of the machine, in some editions.

    Args:
        seed: Of the bootstrap.

    Raises:
        InvalidRequest: There is no such measure.
    """
    _check(measure)
    with home.database.read() as session:
        photos = coded_photos(session, home.recipe, scope)
        confusions, pending = _confusions(session, home.recipe, photos, measure)
        weights = recoding_weights(session, home.recipe)
        constant = [
            one for one in list_constancy(session, scope=scope) if measure in (None, one.measure)
        ]
        records = [one for one in coder_records(session) if measure in (None, one.measure)]
        agreements = list(agreements_of(session, photos, weights, home.recipe, measure, seed))
    recipe = home.recipe
    codebooks: dict[str, Counter[str]] = defaultdict(Counter)
    for of_photo in photos.values():
        for name, answer in consensus_answers(of_photo).items():
            if measure in (None, name) and name in _answered(of_photo):
                codebooks[name][answer.codebook] += 1
    return Reliability(
        recipe.id,
        recipe.codebook,
        tuple(agreements),
        tuple(confusions),
        {name: codebooks[name] for name in sorted(codebooks, key=_rank)},
        pending,
        sorted(records, key=lambda one: (_rank(one.measure), one.coder)),
        constant,
    )


def agreements_of(
    session: Session,
    photos: Mapping[int, list[CoderAnswer]],
    weights: Mapping[int, Mapping[str, float]],
    recipe: Recipe,
    measure: str | None = None,
    seed: int = 0,
) -> Iterator[Agreement]:
    """Yield the agreement on each measure under each codebook, today's first, then by version.

    Args:
        weights: 1 / the probability that a photo was drawn to be coded twice, by photo and measure.
        recipe: The recipe, which names today's codebook.
        measure: The only measure; None: all.
        seed: Of the bootstrap.
    """
    rated: dict[tuple[str, str], list[RatedPhoto]] = defaultdict(list)
    for photo_id, of_photo in photos.items():
        for key, photo in _rated(of_photo, weights.get(photo_id, {})).items():
            rated[key].append(photo)
    keys = [key for key in rated if measure in (None, key[0])]
    today = {name: entry_version(recipe.codebook, name) for name, _ in keys}
    for name, book in sorted(
        keys, key=lambda key: (_rank(key[0]), key[1] != today[key[0]], key[1])
    ):
        accuracy = one_coder(session, name, book)
        yield agreement(name, rated[name, book], accuracy, codebook=book, seed=seed)


def disagreements(
    home: Installation, scope: EditionScope, *, measure: str | None = None
) -> Disagreements:
    """Return what coders disagree on and nobody has adjudicated, the earliest edition first.

    Raises:
        InvalidRequest: There is no such measure.
    """
    _check(measure)
    with home.database.read() as session:
        photos = coded_photos(session, home.recipe, scope)
        disputed = {
            photo_id: names
            for photo_id, answers in photos.items()
            if (names := [n for n in disputed_measures(answers) if measure in (None, n)])
        }
        printed = first_pages(session, list(disputed))
    rows = [
        _disagreement(photo_id, printed[photo_id], name, photos[photo_id])
        for photo_id, names in disputed.items()
        for name in names
    ]
    rows.sort(key=_reading_order)
    return Disagreements(recipe=home.recipe.id, total=len(rows), disagreements=tuple(rows))


def _reading_order(row: Disagreement) -> tuple[date, int, int, str]:
    return row.printed.date, row.printed.number, row.photo, row.measure


def coded_photos(
    session: Session, recipe: Recipe, scope: EditionScope
) -> dict[int, list[CoderAnswer]]:
    """Return the coders' answers for each reviewed photo, by its id under a recipe.

    Args:
        recipe: The recipe whose photos the reviews are matched with.
    """
    reviewed = select(ReviewRow.scan_id).where(
        ReviewRow.withdrawn_at.is_(None), ReviewRow.scan_id.in_(scans_in(scope))
    )
    scans = session.scalars(reviewed.distinct().order_by(ReviewRow.scan_id)).all()
    return photo_answers(session, recipe.observation_id, scans)


def reviewed_photo_ids(
    session: Session, recipe: Recipe, reviews: list[ReviewRow]
) -> dict[int, int]:
    """Return the id of each review's photo under a recipe, by the id of the review.

    Reviews without a photo under the recipe are omitted.
    """
    photo_ids: dict[int, int] = {}
    pages = photo_boxes(session, recipe.observation_id, {review.scan_id for review in reviews})
    for scan_id, photos in pages.items():
        of_scan = [review for review in reviews if review.scan_id == scan_id]
        for photo_id, of_photo in match_reviews(of_scan, photos).items():
            photo_ids |= {review.id: photo_id for review in of_photo}
    return photo_ids


def first_pages(session: Session, photo_ids: list[int]) -> dict[int, PrintedPage]:
    """Return the first page that prints each photo, by the photo's id."""
    printed: dict[int, PrintedPage] = {}
    columns: tuple[Any, ...] = (
        PhotoRow.id,
        PublicationRow.name,
        EditionRow.edition_date,
        EditionRow.id,
        PageRow.id,
        PageRow.number,
    )
    query = join_editions(select(*columns).select_from(PhotoRow)).order_by(PageRow.id)
    for i in range(0, len(photo_ids), BATCH):
        for row in session.execute(query.where(PhotoRow.id.in_(photo_ids[i : i + BATCH]))):
            printed.setdefault(row[0], PrintedPage(*row[1:]))
    return printed


def _rated(
    answers: list[CoderAnswer], weights: Mapping[str, float]
) -> dict[tuple[str, str], RatedPhoto]:
    """Return the answers for a photo by measure and codebook, to the derived measure too."""
    given: dict[tuple[str, str], dict[str, bool | None]] = defaultdict(dict)
    by_coder: dict[str, list[CoderAnswer]] = defaultdict(list)
    for answer in sorted(latest_answers(answers), key=lambda answer: answer.review):
        key = answer.measure, answer.codebook
        if answer.measure != DERIVED and not answer.adjudicates:
            given[key][answer.coder] = answer.shows
            by_coder[answer.coder].append(answer)
    for coder, own in by_coder.items():
        for book in dict.fromkeys(answer.book for answer in own):
            parts = {answer.measure: answer.shows for answer in answers_by(book, own)}
            shows = derived_answer(parts)
            if shows is not None:
                given[DERIVED, entry_version(book, DERIVED)][coder] = shows
    return {
        (measure, book): RatedPhoto(by, weights.get(measure))
        for (measure, book), by in given.items()
    }


def _confusions(
    session: Session,
    recipe: Recipe,
    photos: Mapping[int, Sequence[CoderAnswer]],
    measure: str | None,
) -> tuple[list[Confusion], int]:
    """Return the confusion of each measure, and the number of photos not interpreted yet."""
    pairs: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    pending, photo_ids = 0, list(photos)
    for i in range(0, len(photo_ids), BATCH):
        consensus = load_consensus(session, photo_ids[i : i + BATCH])
        scores = read_scores(session, list(consensus), recipe.id)
        pending += len(consensus) - len(scores)
        printed = first_pages(session, list(scores))
        meanings = [score.meaning for score in scores.values()]
        decisions = {
            name: photo_decisions(session, name, recipe, meanings)
            for name in {page.publication for page in printed.values()}
        }
        for photo_id, score in scores.items():
            paper = printed[photo_id].publication
            roles = roles_in(session, paper)
            scored = probabilities(score.meaning, roles)
            newspaper = decisions[paper]
            shown = decided(score.meaning, scored, newspaper.shows)
            answered = _answered(photos[photo_id])
            for name, shows in consensus[photo_id].items():
                if name in scored and name in answered and measure in (None, name):
                    pairs[name].append((name in shown, shows))
    return [confusion(name, pairs[name]) for name in sorted(pairs, key=_rank)], pending


def _answered(answers: Iterable[CoderAnswer]) -> set[str]:
    """Return what coders have answered of a photo, and not what only follows from a denial."""
    names = {answer.measure for answer in answers}
    return names | ({DERIVED} if names & PARTS else set())


def _disagreement(
    photo: int, printed: PrintedPage, measure: str, answers: list[CoderAnswer]
) -> Disagreement:
    sides: dict[bool | None, set[str]] = defaultdict(set)
    for answer in latest_answers(answers):
        if answer.measure == measure and not answer.adjudicates:
            sides[answer.shows].add(answer.coder)
    yes, no = (tuple(sorted(sides[shows])) for shows in (True, False))
    return Disagreement(photo, printed, measure, yes, no)


def _check(measure: str | None) -> None:
    if measure is not None and not is_measure(measure):
        raise InvalidRequest(f"there is no measure {measure!r}")


def _rank(measure: str) -> tuple[int, str]:
    """Return the sort key of a measure: built-in measures come first."""
    return (BUILT_IN.index(measure) if measure in BUILT_IN else len(BUILT_IN), measure)
