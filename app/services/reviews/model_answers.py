"""Models as coders: their answers are stored apart from people's, and settle nothing.

A model has a name and a version, and its coder's name is ``model:NAME@VERSION``. What it has said
once stays: other answers are of another version. People's reviews, the consensus, samples and all
statistics read other tables.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, aliased

from presslens.app.db.model_answers import MODEL, ModelAnswerRow
from presslens.app.db.tables import EditionRow, OutcomeRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest, NotFound, Replaced
from presslens.app.platform.text import LONGEST_NAME
from presslens.app.services.catalogue.photo_address import find_address, photo_there
from presslens.app.services.reviews.csv_import import ANSWERS, MOST_FAULTS, MOST_ROWS, read_id
from presslens.app.services.reviews.reviews import check_measure
from presslens.app.services.samples.answers import SampleAnswers, load_answers
from presslens.app.services.samples.questions import FOCUS
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Focus
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.consensus import focus_answers
from presslens.pipelines.statistics.peer_agreement import AnswerPair, PeerAgreement, peer_agreement

COLUMNS = ("photo", "question", "answer")
"""Columns of a table of answers; ``confidence`` and ``reason`` may be there, too."""

LONGEST_REASON = 2000
"""Characters of a reason that are kept."""

_NAME = re.compile(r"[^\s@:]+@[^\s@:]+")


@dataclass(frozen=True, slots=True)
class TakenAnswers(Served):
    """What came of taking a model's answers in."""

    coder: str  # model:NAME@VERSION
    photos: int  # photos that it has answered about, in this file
    answers: int  # answers that are new
    repeated: int  # answers that were there already


@dataclass(frozen=True, slots=True)
class ModelCoder(Served):
    """A model that has answered, and for how many photos, by measure."""

    coder: str
    photos: dict[str, int]


@dataclass(frozen=True, slots=True)
class ModelAgreement(Served):
    """How far a model agrees with people; it settles nothing itself."""

    coder: str
    measure: str
    drawn: PeerAgreement  # of photos that samples drew, weighed as drawn: about others too
    picked: PeerAgreement  # of photos that somebody picked: about these alone


@dataclass(frozen=True, slots=True)
class ModelAnswer(Served):
    """What a model says about a photo."""

    coder: str  # model:NAME@VERSION
    measure: str
    shows: bool | None  # None: it can't tell
    confidence: float | None  # how sure it says it is, 0–1
    reason: str | None  # why, in its words


@dataclass(frozen=True, slots=True)
class PhotoModelAnswers(Served):
    """What models say about a photo: in no number, and settling nothing."""

    photo: int
    answers: tuple[ModelAnswer, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer of a file."""

    photo_id: int
    measure: str
    shows: bool | None
    confidence: float | None
    reason: str | None


def model_coder(name: str) -> str:
    """Return the coder's name of a model that is called NAME@VERSION.

    Raises:
        InvalidRequest: It has no version, or can't be a name.
    """
    plain = name.removeprefix(MODEL)
    if not _NAME.fullmatch(plain) or not plain.isprintable() or len(plain) > LONGEST_NAME - 10:
        raise InvalidRequest(
            f"{name!r} is no model: write NAME@VERSION, as qwen2.5-vl@2026-05, without spaces"
        )
    return MODEL + plain


def take_answers(
    home: Installation,
    model: str,
    lines: Iterable[str],
    *,
    as_json: bool,
    now: datetime,
    most: int = MOST_ROWS,
) -> TakenAnswers:
    """Store a model's answers, all of them or none.

    Args:
        model: NAME@VERSION.
        lines: A CSV table, or JSON objects, one a line: photo, question, answer (yes, no or ?; for
            the focus leader, facility, neither or unsure), and maybe confidence and reason.
        as_json: They are JSON objects.
        most: Largest number of lines.

    Raises:
        InvalidRequest: A line is not valid, or says otherwise than before; the message names it.
    """
    coder = model_coder(model)
    rows = _json_rows(lines, most) if as_json else _csv_rows(lines, most)
    faults: list[str] = []
    new = repeated = 0
    photos: dict[int, int] = {}
    with home.database.write() as session:
        for line, row in rows:
            try:
                for answer in _answers(session, home.recipe, row, photos):
                    added = _add(session, home.recipe, coder, answer, now)
                    new, repeated = new + added, repeated + (not added)
            except (InvalidRequest, NotFound, Replaced, ValueError) as error:
                faults.append(f"line {line}: {error}")
                if len(faults) > MOST_FAULTS:
                    break
        if faults:  # leaving the transaction by an error takes all back
            raise InvalidRequest("nothing was taken in: " + "; ".join(faults[:MOST_FAULTS]))
    return TakenAnswers(coder, len(photos), new, repeated)


def _csv_rows(lines: Iterable[str], most: int) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(lines, restkey="", strict=True)
    try:
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise InvalidRequest(f"line 1: the table has no column {', '.join(missing)}")
        for count, row in enumerate(reader):
            _check_count(count, most)
            yield reader.line_num, row
    except (csv.Error, UnicodeDecodeError) as error:
        raise InvalidRequest(f"line {reader.line_num + 1}: {error}") from error


def _json_rows(lines: Iterable[str], most: int) -> Iterator[tuple[int, Mapping[str, Any]]]:
    number = 0
    try:
        for number, line in enumerate(lines, start=1):
            _check_count(number - 1, most)
            if line.strip():
                row = json.loads(line)
                if not isinstance(row, dict) or any(name not in row for name in COLUMNS):
                    raise InvalidRequest(f"line {number}: no object with {', '.join(COLUMNS)}")
                yield number, row
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"line {number or 1} is no JSON: {error}") from error


def _check_count(count: int, most: int) -> None:
    if count >= most:
        raise InvalidRequest(f"a file has at most {most} answers here")


def _answers(
    session: Session, recipe: Recipe, row: Mapping[str, Any], photos: dict[int, int]
) -> list[_Answer]:
    """Return the answers of a line, one a measure: the focus is one question about three.

    Args:
        photos: The photo under the recipe of each address that was seen; more are added.
    """
    number, question, said, text = (_text(row.get(name)) for name in (*COLUMNS, "reason"))
    address = read_id(number)
    if address is None:
        raise ValueError(f"{number[:40]!r} is no number of a photo")
    if address not in photos:
        photos[address] = photo_there(session, recipe, address).photo_id
    confidence, reason = _confidence(row.get("confidence")), text[:LONGEST_REASON] or None
    said = said.lower()
    if question == FOCUS:
        if said not in tuple(Focus):
            raise ValueError(f"the answer to focus is one of {', '.join(Focus)}")
        given: Mapping[str, bool | None] = focus_answers(Focus(said))
    else:
        if len(question) > LONGEST_NAME:
            raise ValueError(f"there is no measure of {len(question)} characters")
        check_measure(session, question, as_question=True)
        if said not in ANSWERS:
            raise ValueError(f"{said[:40]!r} is no answer: yes, no or ? (can't tell)")
        given = {question: ANSWERS[said]}
    photo_id = photos[address]
    return [_Answer(photo_id, name, shows, confidence, reason) for name, shows in given.items()]


def _text(value: Any) -> str:
    """Return a cell, or a value of JSON, as a text that any database stores.

    Raises:
        InvalidRequest: It is no text and no number, or has characters that are none of any text.
    """
    if isinstance(value, list | dict):
        raise InvalidRequest("an object or a list is no answer")
    text = "" if value is None else str(value).strip()
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidRequest("NUL and halves of characters are no text")
    return text


def _confidence(value: Any) -> float | None:
    if value in (None, ""):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(value, bool) or not 0 <= number <= 1:
        raise ValueError(f"{str(value)[:40]!r} is no confidence from 0 to 1")
    return number


def _add(session: Session, recipe: Recipe, coder: str, answer: _Answer, now: datetime) -> bool:
    """Store an answer; return whether it is new.

    Raises:
        ValueError: The model has said otherwise before.
    """
    row = session.get(ModelAnswerRow, (answer.photo_id, answer.measure, coder))
    if row is not None:
        if (row.shows, row.confidence) != (answer.shows, answer.confidence):
            raise ValueError(
                f"{coder} has said otherwise about {answer.measure} before: other answers are of"
                " another version"
            )
        return False
    session.add(
        ModelAnswerRow(
            photo_id=answer.photo_id,
            measure=answer.measure,
            coder=coder,
            shows=answer.shows,
            confidence=answer.confidence,
            reason=answer.reason,
            codebook=recipe.codebook,
            added_at=now,
        )
    )
    return True


def photo_model_answers(home: Installation, photo_id: int) -> PhotoModelAnswers:
    """Return what models say about a photo, under whatever recipe its frame was found.

    Raises:
        NotFound: There is no such photo under the recipe.
    """
    address = find_address(home, photo_id)
    row, of_frame = ModelAnswerRow, PhotoRow.frame_id == address.frame_id
    query = select(row).join(PhotoRow, PhotoRow.id == row.photo_id).where(of_frame)
    with home.database.read() as session:
        rows = session.scalars(query.order_by(row.coder, row.measure))
        return PhotoModelAnswers(address.frame_id, tuple(map(ModelAnswer.from_attributes, rows)))


def list_models(home: Installation) -> list[ModelCoder]:
    """Return the models that have answered, by name."""
    row = ModelAnswerRow
    query = select(row.coder, row.measure, func.count()).group_by(row.coder, row.measure)
    photos: dict[str, dict[str, int]] = defaultdict(dict)
    with home.database.read() as session:
        for coder, measure, count in session.execute(query.order_by(row.coder, row.measure)):
            photos[coder][measure] = count
    return [ModelCoder(coder, of_coder) for coder, of_coder in photos.items()]


def remove_model(home: Installation, model: str) -> int:
    """Delete all answers of a model, and return how many there were.

    Raises:
        NotFound: There are none.
    """
    coder = model_coder(model)
    of = ModelAnswerRow.coder == coder
    with home.database.write() as session:
        count = session.scalar(select(func.count()).where(of)) or 0
        session.execute(delete(ModelAnswerRow).where(of))
    if not count:
        raise NotFound(f"{coder} has answered nothing")
    return count


def answers_of_model(
    session: Session, recipe: Recipe, measure: str | None = None
) -> dict[tuple[str, str], dict[int, tuple[bool | None, float | None]]]:
    """Return models' answers about photos under a recipe, by coder and measure, and photo.

    An answer is of a frame: it holds when the page is observed again under another recipe.
    """
    row, asked = ModelAnswerRow, aliased(PhotoRow)
    query = (
        select(row.coder, row.measure, PhotoRow.id, row.shows, row.confidence)
        .join(asked, asked.id == row.photo_id)
        .join(PhotoRow, PhotoRow.frame_id == asked.frame_id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .where(OutcomeRow.observation_id == recipe.observation_id)
        .order_by(row.added_at, row.photo_id)
    )
    if measure is not None:
        query = query.where(row.measure == measure)
    answers: dict[tuple[str, str], dict[int, tuple[bool | None, float | None]]] = defaultdict(dict)
    for coder, name, photo_id, shows, confidence in session.execute(query):
        answers[coder, name][photo_id] = shows, confidence
    return dict(answers)


def model_agreement(home: Installation, measure: str | None = None) -> list[ModelAgreement]:
    """Return how far models agree with people, by coder and measure."""
    with home.database.read() as session:
        answers = answers_of_model(session, home.recipe, measure)
        editions = session.scalars(select(EditionRow.id)).all()
        measures = sorted({name for _, name in answers})
        people = load_answers(session, home.recipe, measures, editions)
    return [
        _agreement(coder, name, {i: shows for i, (shows, _) in said.items()}, people[name])
        for (coder, name), said in sorted(answers.items())
    ]


def _agreement(
    coder: str, measure: str, said: Mapping[int, bool | None], people: SampleAnswers
) -> ModelAgreement:
    """Return the agreement of a model on one measure; each photo is one, whoever prints it."""
    pairs: dict[int, AnswerPair] = {}
    for photo, label, inclusion in zip(
        people.photo.tolist(), people.label.tolist(), people.inclusion.tolist(), strict=True
    ):
        if photo in said and not math.isnan(label):
            chance = None if math.isnan(inclusion) else inclusion
            pairs[photo] = AnswerPair(said[photo], bool(label), chance)
    drawn, picked = (
        peer_agreement(one for one in pairs.values() if (one.inclusion is None) is is_picked)
        for is_picked in (False, True)
    )
    return ModelAgreement(coder, measure, drawn, picked)
