"""Writes what a model is to be asked: a prompt for each question, the pictures, and the items."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.queries import EditionScope, join_editions
from presslens.app.db.tables import OutcomeRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.catalogue.photo_address import frame_ids
from presslens.app.services.figures.gallery import leaders_in
from presslens.app.services.pictures.pictures import photo_picture, picture_bytes
from presslens.app.services.reviews.coding import HINTS, QUESTIONS
from presslens.app.services.reviews.reviews import check_measure
from presslens.app.services.samples.questions import FOCUS, questions
from presslens.app.services.samples.samples import find_items
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Focus
from presslens.pipelines.progress import OnCount
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.measure import FIGURE, LABEL

PROMPTS, ITEMS, PICTURES = "prompts.json", "items.jsonl", "photos"
"""The files and the folder that are written."""

WIDTH = 1024
"""Width of the pictures, px, of photos that are wider."""

_FORM = (
    'Answer with one JSON object: {{"answer": {answers}, "confidence": how sure you are of it, from'
    ' 0 to 1, "reason": one short sentence}}.'
)


@dataclass(frozen=True, slots=True)
class WrittenPrompts(Served):
    """What was written for a model."""

    questions: tuple[str, ...]
    photos: int
    items: int  # photos times questions


def prompt(question: str, leaders: Sequence[str] = ()) -> str:
    """Return what a model is asked, in the words of the codebook.

    Args:
        question: A subject, ``leader``, ``focus``, ``figure:`` or ``label:`` with a name.
        leaders: Names of the figures that are leaders.
    """
    text = str(QUESTIONS.get(question, ""))
    if question.startswith(FIGURE):
        text = f"Is {question.removeprefix(FIGURE)} in the photo?"
    elif question.startswith(LABEL):
        text = f"Does this fit the photo: {question.removeprefix(LABEL).replace('_', ' ')}?"
    parts = ["This is a photo out of a newspaper.", text, str(HINTS.get(question, ""))]
    if question in ("leader", FOCUS) and leaders:
        parts.append(f"The leader: {', '.join(leaders)}.")
    given = tuple(Focus) if question == FOCUS else ("yes", "no", "?")
    cant_tell = Focus.UNSURE.value if question == FOCUS else "?"
    parts += [
        _FORM.format(answers=" or ".join(f'"{one}"' for one in given)),
        f'"{cant_tell}" means that it can\'t be told from the photo.',
    ]
    return " ".join(filter(None, parts))


def write_prompts(
    home: Installation,
    folder: Path,
    measures: Iterable[str],
    scope: EditionScope,
    *,
    sample: str | None = None,
    progress: OnCount = lambda _done, _of: None,
) -> WrittenPrompts:
    """Write prompts, pictures and items into a new folder.

    Args:
        measures: What the model is asked about.
        scope: The editions whose photos it is asked about.
        sample: The name of a sample: only its photos; None: all photos of the editions.

    Raises:
        InvalidRequest: The folder is there, there are no photos, or a measure can't be asked.
        NotFound: There is no such sample.
    """
    asked = questions(measures)
    with home.database.read() as session:
        for question in asked:
            if question != FOCUS:
                check_measure(session, question, as_question=True)
        photo_ids = _photos(session, home.recipe, scope)
        leaders = sorted(leaders_in(session, scope.publication))
    if sample is not None:
        chosen = {item.photo_id for item in find_items(home, sample)[1]}
        photo_ids = [photo_id for photo_id in photo_ids if photo_id in chosen]
    if not photo_ids:
        raise InvalidRequest("there are no photos to ask about")
    with home.database.read() as session:
        addresses = frame_ids(session, photo_ids)
    try:
        (folder / PICTURES).mkdir(parents=True)
    except OSError as error:
        raise InvalidRequest(f"{folder} can't be made: {error.strerror}") from error
    prompts = {question: prompt(question, leaders) for question in asked}
    _write(folder / PROMPTS, json.dumps(prompts, ensure_ascii=False, indent=1) + "\n")
    written = []
    for done, photo_id in enumerate(photo_ids):
        progress(done, len(photo_ids))
        address = addresses.get(photo_id, photo_id)
        if _picture(home, photo_id, folder / PICTURES / f"{address}.jpg"):
            written.append(address)
    _write(folder / ITEMS, "".join(_items(written, asked)))
    return WrittenPrompts(tuple(asked), len(written), len(written) * len(asked))


def _photos(session: Session, recipe: Recipe, scope: EditionScope) -> list[int]:
    printed = join_editions(select(PhotoRow.id).select_from(PhotoRow)).where(
        *scope.conditions(), OutcomeRow.observation_id == recipe.observation_id
    )
    return list(session.scalars(printed.distinct().order_by(PhotoRow.id)))


def _picture(home: Installation, photo_id: int, path: Path) -> bool:
    """Write the picture of a photo; return whether there is one."""
    try:
        part = photo_picture(home, photo_id)
        wide = part.region[2] - part.region[0] > WIDTH
        content = picture_bytes(home, photo_picture(home, photo_id, WIDTH) if wide else part)
    except NotFound:
        return False
    path.write_bytes(content)
    return True


def _items(addresses: Iterable[int], asked: Sequence[str]) -> Iterator[str]:
    for address in addresses:
        for question in asked:
            item = {"photo": address, "question": question, "picture": f"{PICTURES}/{address}.jpg"}
            yield json.dumps(item, ensure_ascii=False) + "\n"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
