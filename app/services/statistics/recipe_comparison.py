"""Compares the interpretations of the same photos under two recipes: pairs and counts them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Annotated, Any, ClassVar, TypeAlias

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from presslens.app.db.columns import Status
from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow, PhotoRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.catalogue.scores import PhotoScores, read_scores
from presslens.app.services.figures.gallery import roles_in
from presslens.app.services.recipes.recipes import Provenance, StoredRecipe, provenance
from presslens.app.services.shares.decisions import decided_measures, load_decisions
from presslens.models.faces.gallery import Role
from presslens.models.geometry import Box
from presslens.pipelines.result import HIDDEN, Served
from presslens.pipelines.statistics.decision import Decisions
from presslens.pipelines.statistics.measure import decided, is_measure, readings
from presslens.pipelines.statistics.paired import HOLM, KAPPA, MCNEMAR
from presslens.pipelines.statistics.photo_matching import SAME_PHOTO, match_photos
from presslens.pipelines.statistics.recipe_comparison import (
    VERDICTS,
    Move,
    PhotoPair,
    PrintedPage,
    RecipeComparison,
    RecipeComparisonBuilder,
    Scored,
    flips,
)

_Page: TypeAlias = "Row[int, int, int, date, str, int | None]"
"""Id, number, edition, day, publication and scan of a page."""

BATCH = 100
"""Pages that are compared at once; the last edition of a batch may have more."""


@dataclass(frozen=True, slots=True)
class Unmatched(Served):
    """A photo that only one of the recipes observed on a page that both have analysed."""

    SERVED: ClassVar[str] = "*printed photo found_by"

    printed: PrintedPage
    photo: int
    old: bool

    @property
    def found_by(self) -> str:
        """The recipe that has found it: old or new."""
        return "old" if self.old else "new"


@dataclass(slots=True)
class Coverage(Served):
    """Numbers of pages and photos that were compared, and of those that could not be."""

    pages: int = 0  # pages that both recipes have analysed
    pages_only_old: int = 0  # pages that only the old one has analysed
    pages_only_new: int = 0  # pages that only the new one has analysed
    only_old: int = 0  # photos that only the old one observed on pages that both have analysed
    only_new: int = 0  # photos that only the new one observed there
    waiting_old: int = 0  # photos that are not interpreted under the old one
    waiting_new: int = 0  # photos that are not interpreted under the new one
    other_figures: int = 0  # compared photos for which other figures or references were enrolled
    other_labels: int = 0  # compared photos that were read for other labels of the researcher's own
    # The first photos that only one observed.
    unmatched: Annotated[list[Unmatched], HIDDEN] = field(default_factory=list)


_Boxes = Sequence[tuple[int, Box]]
"""The photos of a scan as one recipe observed them: ids, and boxes in shares of the page."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoPairing:
    """Pairs the photos of an archive, some editions at a time."""

    home: Installation
    old: StoredRecipe
    new: StoredRecipe  # another one
    coverage: Coverage  # counts what is compared, and what can't be
    most: int  # longest list of unmatched photos

    def run(self, scope: EditionScope) -> Iterator[list[PhotoPair]]:
        """Yield the pairs of photos that both recipes have interpreted, by date and edition."""
        rules = [_rules(self.home, recipe) for recipe in (self.old, self.new)]
        with self.home.database.read() as session:
            pages = session.execute(_pages(scope)).all()
            roles = {name: roles_in(session, name) for name in {page.name for page in pages}}
        for batch in _batches(pages):
            # A transaction for each: on SQLite a worker can't write while one is open.
            with self.home.database.read() as session:
                pairs = self._pairs(session, batch, roles, rules)
            yield pairs

    def _pairs(
        self,
        session: Session,
        pages: Sequence[_Page],
        roles: Mapping[str, Mapping[str, Role]],
        rules: Sequence[Provenance | None],
    ) -> list[PhotoPair]:
        scans = sorted({page.scan_id for page in pages})
        sides = [_photos(session, scans, r.observation_id) for r in (self.old, self.new)]
        places = [
            (PrintedPage(page.name, page.edition_date, page.edition_id, page.id, page.number), ids)
            for page in pages
            for ids in self._matched(page, sides)
        ]
        scores = [
            read_scores(session, sorted({ids[side] for _, ids in places}), recipe.id)
            for side, recipe in enumerate((self.old, self.new))
        ]
        self._count(scores, [ids for _, ids in places])
        decided = [
            _decisions(session, {page.name for page in pages}, *side)
            for side in zip(scores, (self.old, self.new), rules, strict=True)
        ]
        return [
            PhotoPair(
                printed,
                *(
                    _scored(
                        id_,
                        scores[side][id_],
                        roles[printed.publication],
                        decided[side][printed.publication],
                    )
                    for side, id_ in enumerate(ids)
                ),
            )
            for printed, ids in places
            if all(id_ in of_side for id_, of_side in zip(ids, scores, strict=True))
        ]

    def _matched(self, page: _Page, sides: Sequence[Mapping[int, _Boxes]]) -> list[tuple[int, int]]:
        """Return the (old, new) ids of the page's photos, and count what only one has."""
        old, new = (side.get(page.scan_id) for side in sides)
        self.coverage.pages += old is not None and new is not None
        self.coverage.pages_only_old += old is not None and new is None
        self.coverage.pages_only_new += new is not None and old is None
        if old is None or new is None:
            return []
        if self.old.observation_id == self.new.observation_id:
            return [(photo, photo) for photo, _ in old]
        pairs = match_photos([box for _, box in old], [box for _, box in new])
        printed = PrintedPage(page.name, page.edition_date, page.edition_id, page.id, page.number)
        self._add_unmatched(printed, old, {i for i, _ in pairs}, is_old=True)
        self._add_unmatched(printed, new, {j for _, j in pairs}, is_old=False)
        return [(old[i][0], new[j][0]) for i, j in pairs]

    def _add_unmatched(
        self, printed: PrintedPage, photos: _Boxes, paired: set[int], *, is_old: bool
    ) -> None:
        alone = [photo for i, (photo, _) in enumerate(photos) if i not in paired]
        if is_old:
            self.coverage.only_old += len(alone)
        else:
            self.coverage.only_new += len(alone)
        room = self.most - len(self.coverage.unmatched)
        self.coverage.unmatched += [Unmatched(printed, photo, is_old) for photo in alone[:room]]

    def _count(
        self, scores: Sequence[Mapping[int, PhotoScores]], pairs: Sequence[tuple[int, int]]
    ) -> None:
        old, new = scores
        self.coverage.waiting_old += sum(a not in old for a, _ in pairs)
        self.coverage.waiting_new += sum(b not in new for _, b in pairs)
        both = [(old[a], new[b]) for a, b in pairs if a in old and b in new]
        self.coverage.other_figures += sum(a.gallery != b.gallery for a, b in both)
        self.coverage.other_labels += sum(a.label_set != b.label_set for a, b in both)


def _pages(scope: EditionScope) -> Select[int, int, int, date, str, int | None]:
    return (
        select(
            PageRow.id,
            PageRow.number,
            PageRow.edition_id,
            EditionRow.edition_date,
            PublicationRow.name,
            PageRow.scan_id,
        )
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(PageRow.scan_id.is_not(None), *scope.conditions())
        .order_by(EditionRow.edition_date, EditionRow.id, PageRow.number)
    )


def _batches(pages: Sequence[_Page]) -> Iterator[list[_Page]]:
    """Yield the pages of whole editions, ``BATCH`` or more at a time."""
    batch: list[_Page] = []
    for _, edition in groupby(pages, key=lambda page: page.edition_id):
        batch += edition
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _photos(session: Session, scans: Sequence[int], observation_id: str) -> dict[int, _Boxes]:
    """Return the photos on each analysed scan, in reading order."""
    outcomes = session.execute(
        select(OutcomeRow.id, OutcomeRow.scan_id, OutcomeRow.width, OutcomeRow.height).where(
            OutcomeRow.scan_id.in_(scans),
            OutcomeRow.observation_id == observation_id,
            OutcomeRow.status.in_((Status.DONE, Status.EMPTY)),
        )
    ).all()
    by_outcome: dict[int, list[tuple[int, Box]]] = defaultdict(list)
    sizes = {outcome: (width or 1, height or 1) for outcome, _, width, height in outcomes}
    rows = session.execute(
        select(PhotoRow.id, OutcomeRow.id, PhotoRow.x0, PhotoRow.y0, PhotoRow.x1, PhotoRow.y1)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .where(PhotoRow.outcome_id.in_(sizes))
        .order_by(PhotoRow.outcome_id, PhotoRow.position)
    )
    for photo, outcome, x0, y0, x1, y1 in rows:
        by_outcome[outcome].append((photo, Box(x0, y0, x1, y1).in_shares(sizes[outcome])))
    return {scan: by_outcome[outcome] for outcome, scan, _, _ in outcomes}


def _rules(home: Installation, recipe: StoredRecipe) -> Provenance | None:
    """Return what calibrates newspapers under a recipe; None if it can't be read any more."""
    try:
        return provenance(home, recipe.id)
    except InvalidRequest:
        return None


def _decisions(
    session: Session,
    newspapers: Collection[str],
    scores: Mapping[int, PhotoScores],
    recipe: StoredRecipe,
    rules: Provenance | None,
) -> Mapping[str, Decisions]:
    """Return from where on photos are decided under a recipe, by newspaper."""
    if rules is None:
        return dict.fromkeys(newspapers, Decisions(recipe.decision))
    measures = decided_measures(one.meaning for one in scores.values())
    return {name: load_decisions(session, name, rules, measures) for name in newspapers}


def _scored(
    photo: int, scores: PhotoScores, roles: Mapping[str, Role], decisions: Decisions
) -> Scored:
    by_measure = readings(scores.meaning, roles)
    shows = frozenset(decided(scores.meaning, by_measure, decisions.shows))
    return Scored(photo, by_measure, shows, scores.meaning.focus.verdict)


MATCHING = f"the same row, or boxes on the same scan with an IoU of {SAME_PHOTO:g} or more"


@dataclass(frozen=True, slots=True, eq=False)
class SideBySide(Served):
    """Two recipes, the differences of their interpretations, and the coverage of both."""

    SERVED: ClassVar[str] = """
        recipe publication=scope.publication from=scope.first to=scope.last old=old_recipe
        new=new_recipe same_photos photos=comparison.photos coverage methods
        measures=comparison.measures focus movers=comparison.movers flips=comparison.flips
        editions=comparison.editions unmatched=coverage.unmatched
    """

    recipe: str  # id of the recipe that the installation works under
    scope: EditionScope  # which editions were compared
    old: StoredRecipe
    new: StoredRecipe  # another one
    comparison: RecipeComparison  # the differences
    coverage: Coverage  # numbers of pages and photos that were compared, and that could not be

    @property
    def old_recipe(self) -> dict[str, Any]:
        """The old recipe."""
        return _recipe(self.old)

    @property
    def new_recipe(self) -> dict[str, Any]:
        """The new recipe."""
        return _recipe(self.new)

    @property
    def methods(self) -> dict[str, str]:
        """How the numbers are made."""
        return {"p": MCNEMAR, "p_holm": HOLM, "kappa": KAPPA, "same_photo": MATCHING}

    @property
    def focus(self) -> dict[str, Any]:
        """The photos by both verdicts, and how far these agree."""
        return {
            "verdicts": [verdict.value for verdict in VERDICTS],
            "photos": self.comparison.focus.tolist(),
            "kappa": None
            if self.comparison.focus_kappa is None
            else self.comparison.focus_kappa.to_json(),
        }

    @property
    def same_photos(self) -> bool:
        """Whether both interpret the same observations, so that no photo has to be matched."""
        return self.old.observation_id == self.new.observation_id


def _recipe(recipe: StoredRecipe) -> dict[str, Any]:
    return {
        "id": recipe.id,
        "name": recipe.name,
        "current": recipe.current,
        "observation_id": recipe.observation_id,
        "decision": recipe.decision,
    }


def compare_recipes(
    home: Installation,
    old: StoredRecipe,
    new: StoredRecipe,
    scope: EditionScope,
    measures: frozenset[str] = frozenset(),
    *,
    most: int = 50,
) -> SideBySide:
    """Compare all photos in scope that both recipes have interpreted.

    A photo that is printed on two pages counts twice, as in all shares.

    Args:
        new: Another one.
        measures: Names of measures; none means all.
        most: Longest list of movers, flips, editions and unmatched photos.

    Raises:
        InvalidRequest: Both are the same recipe, or a measure is none.
    """
    check_comparable(old, new, measures)
    rules = home.recipe.aggregate
    builder = RecipeComparisonBuilder(measures, most, rules.confidence)
    coverage = Coverage()
    for pairs in PhotoPairing(home, old, new, coverage, most).run(scope):
        builder.add(pairs)
    return SideBySide(home.recipe.id, scope, old, new, builder.result(), coverage)


def iterate_flips(
    home: Installation,
    old: StoredRecipe,
    new: StoredRecipe,
    scope: EditionScope,
    measures: frozenset[str] = frozenset(),
) -> Iterator[Move]:
    """Yield all changed decisions, by date, edition and page.

    Raises:
        InvalidRequest: See ``compare_recipes``.
    """
    check_comparable(old, new, measures)
    for pairs in PhotoPairing(home, old, new, Coverage(), 0).run(scope):
        yield from flips(pairs, measures)


def check_comparable(old: StoredRecipe, new: StoredRecipe, measures: frozenset[str]) -> None:
    """Check that two recipes can be compared by some measures.

    Raises:
        InvalidRequest: Both are the same recipe, or a measure is none.
    """
    if old.id == new.id:
        raise InvalidRequest("these are one recipe: there is nothing to compare")
    unknown = sorted(name for name in measures if not is_measure(name))
    if unknown:
        raise InvalidRequest(f"there is no measure {unknown[0]!r}")
