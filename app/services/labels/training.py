"""Trains the labels that researchers add: on folders of photos, and on answers about photos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from presslens.app.db.tables import LabelExampleRow, LabelRow
from presslens.app.db.upsert import insert_new
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.services.labels.labels import LabelState, own_state
from presslens.app.services.labels.teaching import (
    LEAST,
    TaughtPhoto,
    answers_count,
    requested_observation,
    taught_examples,
)
from presslens.app.storage.storage import Storage
from presslens.models.instruments import FeatureExtractor
from presslens.models.labels.classifier import plain
from presslens.models.labels.training import (
    Truth,
    folds_of_pictures,
    label_metrics,
    learn,
    metric_intervals,
    stratified,
)
from presslens.models.labels.vocabulary import name_fault
from presslens.models.loading import load_features
from presslens.models.message import Message
from presslens.models.registry import sha256_of
from presslens.models.reprints.fingerprint import fingerprint
from presslens.models.reprints.pictures import pictures_of
from presslens.models.vocabulary import Vector
from presslens.pipelines.counted import counted
from presslens.pipelines.progress import OnProgress
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import ScanRejected, expand, shown

NOT_MEASURED = Message(
    "how well it recognises photos is not known: its examples are prints of too few pictures; add"
    " photos of other pictures, with it and without it"
)

SIDES = {"yes": True, "no": False}
"""The folders of the examples, and whether their photos show the label."""


@dataclass(frozen=True, slots=True)
class Example:
    """An example photo of a label; ``name`` is for people, "yes/a.jpg" for instance.

    ``storage`` has it; None: it is the file at ``path``.
    """

    path: Path
    name: str
    shows: bool
    sha256: str
    storage: Storage | None = None

    def open(self) -> AbstractContextManager[Path]:
        """Return its file, until the block ends.

        Raises:
            FileNotFoundError: It is not there.
        """
        return (
            nullcontext(self.path) if self.storage is None else self.storage.open_scan(self.sha256)
        )


@dataclass(frozen=True, slots=True)
class PhotoReader:
    """Decodes photos in the sandbox, and returns what labels are learnt from."""

    sandbox: Sandbox
    extractor: FeatureExtractor
    pdf_dpi: int

    def read(self, path: Path, name: str, *, shows: bool) -> TaughtPhoto:
        """Return a photo that shows a label, or doesn't, with features and fingerprint.

        Raises:
            ScanRejected: It can't be read.
        """
        pixels = self.sandbox.decode(path, 0, name, pdf_dpi=self.pdf_dpi)
        vector: Vector = self.extractor.extract(pixels).mean((1, 2))
        return TaughtPhoto(shows, vector, fingerprint(pixels).to_bytes())


def photo_reader(home: Installation, sandbox: Sandbox) -> PhotoReader:
    """Return a reader with the instruments of the recipe.

    Raises:
        ModelUnavailable: The weights of the image features are missing.
    """
    extractor = load_features(home.recipe, home.settings.load_registry())
    return PhotoReader(sandbox, extractor, home.recipe.observe.pdf_dpi)


def prepare(home: Installation, name: str, folder: Path) -> list[Example]:
    """Return the examples of a label that can have this name, before any is decoded.

    Raises:
        InvalidRequest: The name can't be given, or the examples can't be used.
        Conflict: There is such a label already.
    """
    fault = name_fault(name)
    if fault is not None:
        raise InvalidRequest(fault)
    with home.database.read() as session:
        if session.scalars(select(LabelRow.id).filter_by(name=name)).first() is not None:
            raise _name_conflict(name)
    return gather(folder)


def gather(folder: Path) -> list[Example]:
    """Return the examples in the subfolders yes and no; equal photos of one side count once.

    Raises:
        InvalidRequest: A subfolder is missing or holds too few photos, or both hold the same one.
    """
    examples: dict[str, Example] = {}
    for side, shows in SIDES.items():
        if not (folder / side).is_dir():
            raise InvalidRequest(f"{folder.name}/{side} is not there: put example photos into it")
        for path in expand([folder / side]):
            example = Example(path, shown(f"{side}/{path.name}"), shows, sha256_of(path))
            first = examples.setdefault(example.sha256, example)
            if first.shows is not shows:
                raise InvalidRequest(f"{first.name} and {example.name} are the same photo")
    for side, shows in SIDES.items():
        count = sum(example.shows is shows for example in examples.values())
        if count < LEAST:
            raise InvalidRequest(
                f"{side}/ holds {counted(count, 'different photo')}; {LEAST} are needed"
            )
    return list(examples.values())


def add_label(
    home: Installation,
    name: str,
    examples: Sequence[Example],
    reader: PhotoReader,
    *,
    now: datetime,
    progress: OnProgress = lambda _done, _of, _name: None,
) -> LabelState:
    """Train a label, and store it with its examples: everything, or nothing.

    Args:
        name: Name of the label.
        examples: From ``prepare``.
        reader: Reads the photos.
        progress: Receives the progress after each photo.

    Raises:
        Conflict: There is such a label already, or a file changes while it is read.
        InvalidRequest: A photo can't be read; the message names each that can't.
        DiskFull: Too little disk is free.
    """
    photos = _read(examples, reader, progress)
    values = _trained(name, photos)
    for example in examples:
        with example.open() as path, path.open("rb") as file:
            blob = home.storage.put(file, most=home.settings.file_bytes)
        if blob.sha256 != example.sha256:
            raise Conflict(f"{example.name} has changed while it was read")
    observation_id = home.recipe.observation_id
    with home.database.write() as session:
        if not insert_new(
            session, LabelRow, name=name, created_at=now, observation_id=observation_id, **values
        ):
            raise _name_conflict(name)
        label = session.scalars(select(LabelRow).filter_by(name=name)).one()
        label.examples = [
            LabelExampleRow(
                sha256=e.sha256,
                shows=e.shows,
                name=e.name,
                features=photo.features,
                fingerprint=photo.fingerprint,
            )
            for e, photo in zip(examples, photos, strict=True)
        ]
        session.flush()
        return own_state(label, home.recipe)


def _name_conflict(name: str) -> Conflict:
    return Conflict.saying("there is a label %(name)s already; remove it first", name=name)


def _read(
    examples: Sequence[Example], reader: PhotoReader, progress: OnProgress
) -> list[TaughtPhoto]:
    photos, rejections = [], []
    for done, example in enumerate(examples, start=1):
        try:
            with example.open() as path:
                photos.append(reader.read(path, example.name, shows=example.shows))
        except ScanRejected as rejection:
            rejections.append(str(rejection))
        progress(done, len(examples), example.name)
    if rejections:
        raise InvalidRequest("; ".join(rejections))
    return photos


def _trained(
    name: str, own: Sequence[TaughtPhoto], answered: Sequence[TaughtPhoto] = ()
) -> dict[str, Any]:
    """Return the columns of a label that hold its classifier and metrics.

    Args:
        name: The label.
        own: The photos of its folder.
        answered: The photos that people have answered for.

    Raises:
        InvalidRequest: Too few photos show it, or don't.
    """
    y = np.array([photo.shows for photo in (*own, *answered)], np.bool_)
    positive = int(y.sum())
    if min(positive, len(y) - positive) < LEAST:
        raise InvalidRequest(f"{LEAST} photos with it and {LEAST} without it are needed")
    X = np.array([photo.features for photo in (*own, *answered)], np.float64)
    picture = pictures_of([photo.fingerprint for photo in (*own, *answered)])
    fold = folds_of_pictures(y, picture)
    trained = learn(X, y, stratified(y) if fold is None else fold)
    classifier = plain(name, trained.model)
    values: dict[str, Any] = {
        "version": classifier.version,
        "failure": None,
        "coefficients": classifier.coefficients,
        "intercept": classifier.intercept,
    }
    metrics = None
    if fold is not None:
        how = _how(y, own, answered, picture, folds=len(set(fold)))
        how += _spread(y, trained.probability, picture)
        metrics = label_metrics(y, trained.probability, how)
    keys = ("ap", "f1", "calibration_error", "method")
    if metrics is None:
        return values | dict.fromkeys(keys) | {"method": NOT_MEASURED}
    figures = asdict(metrics)
    return values | {key: figures[key] for key in keys}


def _how(
    y: Truth,
    own: Sequence[TaughtPhoto],
    answered: Sequence[TaughtPhoto],
    picture: NDArray[np.int64],
    *,
    folds: int,
) -> str:
    """Return how the metrics are measured, in words."""
    sources = [
        f"{counted(len(photos), 'photo')} {whence}"
        for photos, whence in ((own, "of a folder"), (answered, "that people have answered for"))
        if photos
    ]
    return (
        f"cross-validated on {' and '.join(sources)}, {y.sum()} of which show it, in {folds} folds;"
        f" prints of one picture are in one fold: {counted(len(set(picture)), 'picture')}; "
        "F1 at 0.5"
    )


def _spread(y: Truth, probability: NDArray[np.float64], picture: NDArray[np.int64]) -> str:
    """Return the intervals of the metrics in words."""
    (ap_low, ap_high), (f1_low, f1_high) = metric_intervals(y, probability, picture)
    return (
        f"; 95 % by bootstrap of pictures: AP {ap_low:.2f}–{ap_high:.2f}, "
        f"F1 {f1_low:.2f}–{f1_high:.2f}"
    )


def relearn(home: Installation, label_id: int, reader: PhotoReader) -> None:
    """Train a label again, on the photos of its folder and on people's answers if these count.

    The photos of a folder are read again unless their stored features are of the instruments of
    the recipe. A label that can't be trained again is not used any more; its row stores the reason.

    Raises:
        ReadingFailed: The readers were ended from outside.
    """
    with home.database.read() as session:
        label = session.scalars(_with_examples(label_id)).one_or_none()
        if label is None:
            return
        name, requested = label.name, label.observation_id == requested_observation(home.recipe)
        counts = session.scalar(select(LabelRow.id).filter_by(id=label_id).where(answers_count()))
        answered = [] if counts is None else taught_examples(session, home.recipe, name)
        examples = [
            Example(home.storage.scan(e.sha256), e.name, e.shows, e.sha256, home.storage)
            for e in label.examples
        ]
        photos = [TaughtPhoto(e.shows, e.features, e.fingerprint or b"") for e in label.examples]
    try:
        if not requested:
            photos = _read(examples, reader, lambda _done, _of, _name: None)
        values = _trained(name, photos, [photo for _, photo in answered])
    except (InvalidRequest, FileNotFoundError) as error:
        gone = isinstance(error, FileNotFoundError)
        reason = "an example is missing from the store" if gone else str(error)
        values, photos = _unusable(reason), []
    read = {e.sha256: photo for e, photo in zip(examples, photos, strict=bool(photos))}
    _store_learnt(home, label_id, values, read)


def give_up_label(home: Installation, label_id: int, reason: str) -> None:
    """Store why a label can't be trained again; the label is not used any more."""
    _store_learnt(home, label_id, _unusable(reason), {})


def _with_examples(label_id: int) -> Select[LabelRow]:
    return select(LabelRow).filter_by(id=label_id).options(selectinload(LabelRow.examples))


def _unusable(reason: str) -> dict[str, Any]:
    values: dict[str, Any] = dict.fromkeys(
        ("coefficients", "intercept", "ap", "f1", "calibration_error")
    )
    return values | {"version": "", "failure": reason}


def _store_learnt(
    home: Installation, label_id: int, values: Mapping[str, Any], read: Mapping[str, TaughtPhoto]
) -> None:
    """Store what was learnt of a label, and what was read of its examples, by their sha256."""
    with home.database.write() as session:
        label = session.scalars(_with_examples(label_id)).one_or_none()
        if label is None or label.observation_id == home.recipe.observation_id:
            return  # it was removed, or another worker was faster
        label.observation_id = home.recipe.observation_id
        for column, value in values.items():
            setattr(label, column, value)
        for example in label.examples:
            if (photo := read.get(example.sha256)) is not None:
                example.features, example.fingerprint = photo.features, photo.fingerprint
