"""Training of the whitening and of the matcher of enrolled figures.

The leader is enrolled from photos in which his face is large, on other days than the photo that is
scored. The other faces of the same photos, and those of photos without him, are impostors. Other
statesmen are enrolled from some of their portraits: their other portraits are theirs, and those of
all others impostors, as an unknown statesman is in a newspaper.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.lab.training.faces.specimens import OTHER, Specimen, strangers
from presslens.lab.training.showing import AS_IS, PRINTED
from presslens.models.faces.cohort import Cohort
from presslens.models.faces.embedding import FACERES
from presslens.models.faces.evidence import LIKENESS, setting
from presslens.models.faces.gallery import LEADER, EnrolledFigure
from presslens.models.faces.matcher import GROUP, Matcher, compared
from presslens.models.faces.whitening import Whitening
from presslens.models.vocabulary import Face, Vector

AXES = 512
"""Dimensions of whitened embeddings."""

LEAST = 8.0
"""Faces lower than this, in pixels, are too poor to fit the whitening."""

ENROLLED = (1, 2, 3, 5, 8)
"""Reference photos of a figure: training draws from these, since people enrol few or many."""

MEASURED = 5
"""Reference photos of the leader when the matcher is measured."""

FOLDS = 5

PARTS = 3
"""Parts of the photos, of which each teaches the matcher as the others show it."""

PRINT_WEIGHT = 0.5
"""What a face in print weighs in the matcher's training, beside 1 of a face as it is. The more it
weighs, the more faces of 85 lines an inch are recognised, and the more strangers are taken for him
everywhere."""

TAUGHT = (AS_IS, PRINTED)
"""The ways in which photos teach the whitening and the matcher."""

STATESMEN_WEIGHT = 1.0
"""What a face weighs that is compared with a statesman beside the leader."""

PLACED_WEIGHT = 0.02
"""The same where the place counts: all fifty statesmen together weigh as much as the leader there.
They are in no group that they were photographed in, so that the place speaks against them."""

IMPOSTORS = 60
"""Photos of others that a statesman is compared with in training, drawn anew for each enrolment."""

STRANGER_KINDS = 8
"""Clusters of strangers whose averages are the cohort."""

_AVERAGED = 5
"""Fewer persons make no average."""

_CLEAR = 20.0
"""Faces lower than this, in pixels, are in no average."""

_COPY = 0.985
"""Two portraits whose raw answers of faceres have this cosine are one picture."""

_Seen: TypeAlias = tuple[Specimen, tuple[Face, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A photo and a figure as enrolled from other photos.

    Attributes:
        specimen: The photo.
        faces: Its faces, embedded.
        figure: The figure.
        weight: How many such photos it stands for.
    """

    specimen: Specimen
    faces: tuple[Face, ...]
    figure: EnrolledFigure
    weight: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class OutOfFoldMatching:
    """The out-of-fold probability of each face of a photo.

    ``by_face`` marks the faces that their likeness alone identifies.
    """

    specimen: Specimen
    probability: NDArray[np.float64]
    by_face: NDArray[np.bool_]
    figure: str = LEADER


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """A matcher, the photos that it was fitted on, and those of other days, events and persons."""

    matcher: Matcher
    training: list[_Seen]
    testing: list[_Seen]


def train_whitening(specimens: Sequence[Specimen], out: Path) -> dict[str, float | int]:
    """Fit the whitening on the strangers of all photos, write it, and return their number.

    Args:
        specimens: From ``FaceReader.read``.
        out: The skops file to write.
    """
    whitened(specimens).save(out)
    return {"n_strangers": sum(1 for _ in strangers(specimens, least=LEAST))}


def train_matching(
    specimens: Sequence[Specimen], out: Path, *, whitening: Whitening
) -> dict[str, float | int]:
    """Fit the matcher on all photos, write it, and return the number of training faces.

    ``models.training.faces.evaluate`` measures its accuracy.

    Args:
        specimens: From ``FaceReader.read``.
        out: The skops file to write.
        whitening: Whitens the embeddings.
    """
    fit(specimens, whitening).save(out)
    sizes = [s.sizes[i] for s in specimens for i in s.embedded]
    own = sum(size != OTHER for size in sizes)
    return {"n_photos": len(specimens), "n_leader": own, "n_others": len(sizes) - own}


def whitened(specimens: Sequence[Specimen]) -> Whitening:
    """Return the whitening fitted on the strangers of some photos."""
    return Whitening.fit(np.array(list(strangers(specimens, least=LEAST))), axes=AXES)


def fit(specimens: Sequence[Specimen], whitening: Whitening, *, seed: int = 0) -> Matcher:
    """Return a matcher fitted on some photos.

    It learns from each part of them as a whitening and a cohort of the other parts show it:
    strangers whom a whitening was fitted on are further from everybody than those of an archive.

    Args:
        specimens: The photos.
        whitening: The whitening that the matcher will meet.
        seed: Seed of the draws.

    Raises:
        ValueError: The leader's face is large on no two days.
    """
    if len({group for group, _ in references(_seen(specimens, whitening))}) < 2:
        raise ValueError("the leader's face is large on no two days: he can't be enrolled")
    rng = np.random.default_rng(seed)
    groups = [specimen.group for specimen in specimens]
    parts: list[_Evidence] = []
    for others, part in GroupKFold(PARTS).split(groups, groups=groups):
        unlike = whitened([specimens[i] for i in others])
        cohort = typical_strangers(_seen([specimens[i] for i in others], unlike))
        seen = _seen([specimens[i] for i in part], unlike)
        drawn = [t for k in ENROLLED for t in trials(seen, seen, rng, enrolled=k)]
        for k in ENROLLED:
            drawn += statesmen(seen, rng, enrolled=k, impostors=IMPOSTORS)
        parts += [_rows(trial, cohort) for trial in drawn if len(trial.figure.embeddings)]
    X, y, weight, placed = (np.concatenate(rows) for rows in zip(*parts, strict=True))
    among = ~np.isnan(X).any(axis=1)
    return Matcher(
        _model(X[:, : len(LIKENESS)], y, weight),
        _model(X[among], y[among], placed[among]),
        typical_strangers(_seen(specimens, whitening)),
    )


def _seen(specimens: Sequence[Specimen], whitening: Whitening) -> list[_Seen]:
    return [(specimen, specimen.seen(whitening)) for specimen in specimens]


def typical_strangers(seen: Sequence[_Seen]) -> Cohort:
    """Return the averages of clusters of strangers, each of several persons.

    Of a person with several portraits the mean counts once.
    """
    persons: dict[str, list[Vector]] = defaultdict(list)
    for specimen, faces in seen:
        for i in specimen.embedded:
            vector = faces[i].embedding
            clear = specimen.shown == AS_IS and faces[i].box.height >= _CLEAR
            if vector is not None and clear and specimen.sizes[i] == OTHER:
                portrait = specimen.person if i == 0 else ""
                persons[portrait or f"{specimen.photo} {i}"].append(vector)
    means = np.array([np.mean(vectors, axis=0) for vectors in persons.values()])
    kinds = min(STRANGER_KINDS, max(1, len(means) // _AVERAGED))
    cluster = KMeans(kinds, n_init=4, random_state=0).fit_predict(means)
    sizes = np.bincount(cluster)
    centres = [means[cluster == c].mean(axis=0) for c in np.flatnonzero(sizes >= _AVERAGED)]
    embeddings = np.array(centres or [means.mean(axis=0)], np.float32)
    embeddings[:, FACERES] /= np.linalg.norm(embeddings[:, FACERES], axis=1, keepdims=True)
    return Cohort(embeddings)


def _model(X: NDArray[np.float64], y: NDArray[np.bool_], weight: NDArray[np.float64]) -> Pipeline:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=3000))
    return model.fit(X, y, logisticregression__sample_weight=weight)


class _Evidence(NamedTuple):
    """The evidence of the faces of a trial; that of the place is NaN where it says nothing."""

    rows: NDArray[np.float64]
    truth: NDArray[np.bool_]
    weight: NDArray[np.float64]
    in_place: NDArray[np.float64]  # their weight where the place counts


def _rows(trial: Trial, cohort: Cohort) -> _Evidence:
    embedded = list(trial.specimen.embedded)
    faces = [trial.faces[i] for i in embedded]
    embeddings = np.array([face.embedding for face in faces])
    likeness = compared(faces, embeddings, trial.figure, cohort)
    place = setting(trial.faces, trial.specimen.frame)[embedded]
    if len(trial.faces) < GROUP:
        place[:] = np.nan
    each = trial.weight * (1.0 if trial.specimen.shown == AS_IS else PRINT_WEIGHT) / len(ENROLLED)
    truth = trial.specimen.shows(trial.figure.name)
    weight = np.full(len(truth), each)
    placed = weight if trial.figure.name == LEADER else weight * PLACED_WEIGHT
    return _Evidence(np.hstack([likeness, place]), truth, weight, placed)


def trials(
    judged: Sequence[_Seen], sources: Sequence[_Seen], rng: np.random.Generator, *, enrolled: int
) -> Iterator[Trial]:
    """Yield a trial of each photo: the leader is enrolled from large faces of other days.

    Args:
        judged: The photos; photos without an embedded face are omitted.
        sources: The photos that references are drawn from.
        rng: Draws the references, separately for each day of state media.
        enrolled: Number of references, if there are so many.
    """
    large = list(references(sources))
    for group in sorted({_day(s): None for s, _ in judged}):
        others = [vector for day, vector in large if day != group]
        chosen = rng.permutation(len(others))[:enrolled]
        figure = EnrolledFigure(LEADER, LEADER, np.array([others[i] for i in chosen]))
        for specimen, faces in judged:
            if _day(specimen) == group and specimen.embedded:
                yield Trial(specimen, faces, figure)


def _day(specimen: Specimen) -> str:
    """Return what the leader's references must not be of; "" for photos that can't show him."""
    return specimen.group if specimen.domain or specimen.leader else ""


def statesmen(
    seen: Sequence[_Seen],
    rng: np.random.Generator,
    *,
    enrolled: int,
    impostors: int | None = None,
) -> Iterator[Trial]:
    """Yield trials of each portrayed person but the leader, enrolled from some of the portraits.

    Args:
        seen: The photos; those in which a face is embedded are judged.
        rng: Draws references and impostors.
        enrolled: Number of references, of which one portrait at least is none.
        impostors: Number of photos of others, which stand for all; None: all.
    """
    judged = [(specimen, faces) for specimen, faces in seen if specimen.embedded]
    persons = {s.person: None for s, _ in judged if s.person and not s.leader}
    for person in persons:
        own = [one for one in judged if one[0].person == person]
        clear = [one for one in own if one[0].shown == AS_IS and one[0].embedded[0] == 0]
        drawn = [clear[i] for i in rng.permutation(len(clear))[: min(enrolled, len(clear) - 1)]]
        if not drawn:
            continue
        figure = EnrolledFigure(
            person, LEADER, np.array([faces[0].embedding for _, faces in drawn])
        )
        of_figure = {specimen.photo for specimen, _ in drawn}
        for specimen, faces in own:
            if specimen.photo not in of_figure and not _copied(specimen, drawn):
                yield Trial(specimen, faces, figure, STATESMEN_WEIGHT)
        others = [one for one in judged if one[0].person != person]
        count = len(others) if impostors is None else min(impostors, len(others))
        for i in rng.permutation(len(others))[:count]:
            specimen, faces = others[i]
            yield Trial(specimen, faces, figure, STATESMEN_WEIGHT * len(others) / count)


def _copied(specimen: Specimen, references: Sequence[_Seen]) -> bool:
    """Return whether a portrait is the same picture as a reference."""
    rows = [specimen.faceres[0], *(reference.faceres[0] for reference, _ in references)]
    unit = np.array([row / np.linalg.norm(row) for row in rows])
    return bool((unit[1:] @ unit[0]).max() >= _COPY)


def references(seen: Sequence[_Seen]) -> Iterator[tuple[str, Vector]]:
    """Yield the day and the embedding of each large face of the leader in photos as they are."""
    for specimen, faces in seen:
        for size, face in zip(specimen.sizes, faces, strict=True):
            if specimen.shown == AS_IS and size == "L" and face.embedding is not None:
                yield specimen.group, face.embedding


def cross_validated(
    specimens: Sequence[Specimen], *, context: float, draws: int = 4, seed: int = 1
) -> list[OutOfFoldMatching]:
    """Return the predictions for each photo by a model and references of other days.

    Every photo is predicted ``draws`` times, each time with other references.

    Args:
        specimens: From ``FaceReader.read``.
        context: Highest probability of a face that its likeness alone would not identify, 0–1.
        draws: Predictions of each photo.
        seed: Seed of the draws.
    """
    return leader_judged(folds(specimens, seed=seed), context=context, draws=draws, seed=seed)


def folds(specimens: Sequence[Specimen], *, seed: int = 1) -> list[Fold]:
    """Return matchers, each fitted without some days, events and persons, and those photos."""
    groups = np.array([s.group for s in specimens])
    made: list[Fold] = []
    for fitted, left_out in GroupKFold(FOLDS).split(groups, groups=groups):
        learned = [specimens[i] for i in fitted if specimens[i].shown in TAUGHT]
        whitening = whitened(learned)
        matcher = fit(learned, whitening, seed=seed)
        testing = _seen([specimens[i] for i in left_out], whitening)
        made.append(Fold(matcher, _seen(learned, whitening), testing))
    return made


def leader_judged(
    made: Sequence[Fold], *, context: float, draws: int, seed: int = 1
) -> list[OutOfFoldMatching]:
    """Return the predictions for the leader, as ``cross_validated`` does."""
    rng = np.random.default_rng(seed)
    judged: list[OutOfFoldMatching] = []
    for fold in made:
        for _ in range(draws):
            drawn = trials(fold.testing, fold.training, rng, enrolled=MEASURED)
            judged += [_judged(fold.matcher, trial, context) for trial in drawn]
            judged += [_unseen(s, LEADER) for s, _ in fold.testing if not s.embedded]
    return judged


def statesmen_judged(
    made: Sequence[Fold], *, context: float, draws: int, seed: int = 1
) -> list[OutOfFoldMatching]:
    """Return the predictions for statesmen whom the matcher has never seen, enrolled as leaders.

    Portraits in which no face was embedded are predicted to be nobody's.
    """
    rng = np.random.default_rng(seed)
    judged: list[OutOfFoldMatching] = []
    for fold in made:
        for _ in range(draws):
            drawn = statesmen(fold.testing, rng, enrolled=MEASURED)
            judged += [_judged(fold.matcher, trial, context) for trial in drawn]
            judged += [_unseen(s, s.person) for s, _ in fold.testing if not s.embedded and s.person]
    return judged


def _judged(matcher: Matcher, trial: Trial, context: float) -> OutOfFoldMatching:
    specimen, figure = trial.specimen, trial.figure
    judgement = matcher.judge(trial.faces, specimen.frame, figure, context=context)
    return OutOfFoldMatching(specimen, judgement.probability, judgement.by_face, figure.name)


def _unseen(specimen: Specimen, figure: str) -> OutOfFoldMatching:
    count = len(specimen.faces)
    return OutOfFoldMatching(specimen, np.zeros(count), np.zeros(count, bool), figure)
