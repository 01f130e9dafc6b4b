"""Pages as tasks for Label Studio, with the photos and what they show as predictions.

https://labelstud.io/guide/task_format . Boxes are in percent of the picture. What is exported
stands in the data of each task too, which Label Studio gives back as it is: by it
``app.services.annotations.label_studio`` knows what a person has changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation
from presslens.app.services.annotations.annotated import (
    CHECKED,
    FOCUS,
    LOOKED_THROUGH,
    AnnotatedPhoto,
    written_answer,
)
from presslens.app.services.exports.batches import ReportProgress, no_progress
from presslens.app.services.exports.export import ExportedFile, page_pictures, write_documents
from presslens.app.services.exports.page_regions import (
    PageRegions,
    PhotoRegion,
    ReadingKind,
    iterate_regions,
)
from presslens.models.geometry import Box
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.measure import SUBJECTS

TASKS, CONFIG = "tasks.json", "labeling-config.xml"

RECTANGLES, PICTURE = "photo", "page"
"""The names of the control and of the picture in the labelling configuration."""

LOCAL = "/data/local-files/?d=presslens/"
"""Where Label Studio serves files of its own machine, in the folder ``presslens``."""


def export_label_studio(
    home: Installation,
    scope: EditionScope,
    folder: Path,
    *,
    picture_address: Callable[[int], str],
    images: bool = False,
    progress: ReportProgress = no_progress,
) -> ExportedFile:
    """Write a ZIP file with tasks and their labelling configuration into an empty folder.

    Args:
        scope: Which editions; superseded ones are left out unless one edition is asked for.
        folder: An empty folder for the file.
        picture_address: Gives the address of a page's picture by the page's id.
        images: The pictures are in the ZIP file, and tasks name them as files of Label Studio's
            machine.
        progress: Called after each page.

    Raises:
        DiskFull: Too little disk is free.
    """
    rows = {"tasks": 0, "photos": 0}
    pages: list[int] = []
    with (folder / TASKS).open("w", encoding="utf-8", newline="\n") as file:
        file.write("[")
        for page in iterate_regions(home, scope):
            home.storage.check_room()
            at = LOCAL + picture_name(page.page_id) if images else picture_address(page.page_id)
            task = json.dumps(page_task(page, at), ensure_ascii=False)
            file.write((",\n" if pages else "\n") + task)
            pages.append(page.page_id)
            rows["photos"] += len(page.photos)
            progress("tasks", len(pages))
        file.write("\n]\n")
    rows["tasks"] = len(pages)
    documents: list[tuple[str, bytes | Path]] = [
        (TASKS, folder / TASKS),
        (CONFIG, labeling_config().encode()),
    ]
    target = folder / "presslens-label-studio.zip"
    names = ((picture_name(page_id), page_id) for page_id in (pages if images else ()))
    write_documents(target, chain(documents, page_pictures(home, names, progress)))
    return ExportedFile(target, rows)


def picture_name(page_id: int) -> str:
    """Return the name of a page's picture in the ZIP file."""
    return f"pictures/page-{page_id}.jpg"


def page_task(page: PageRegions, picture: str) -> dict[str, Any]:
    """Return the task of a page.

    Args:
        picture: The address of its picture.
    """
    width, height = page.size
    exported = [_as_exported(photo) for photo in page.photos]
    return {
        "data": {
            "image": picture,
            "title": f"{page.publication}, {page.day.isoformat()}, page {page.number}",
            "presslens": {
                "page": page.page_id,
                "width": width,
                "height": height,
                "scan_sha256": page.sha256,
                "scan_frame": page.frame,
                "recipe": page.recipe_id,
                "photos": [photo.to_json() for photo in exported],
            },
        },
        "predictions": [
            {
                "model_version": f"presslens-{page.recipe_id[:12]}",
                "result": [
                    result
                    for photo, one in zip(page.photos, exported, strict=True)
                    for result in _results(page, photo, one)
                ],
            }
        ],
    }


def _as_exported(photo: PhotoRegion) -> AnnotatedPhoto:
    answers = {one.name: one.shows for one in photo.readings if one.kind is ReadingKind.SUBJECT}
    focus = next((one.name for one in photo.readings if one.kind is ReadingKind.FOCUS), None)
    return AnnotatedPhoto(photo.row_id, photo.box, answers, Focus(focus) if focus else None)


def _results(
    page: PageRegions, photo: PhotoRegion, exported: AnnotatedPhoto
) -> Iterator[dict[str, Any]]:
    """Yield the box of a photo, and an answer to each question about it."""
    width, height = page.size
    region = {
        "id": f"{page.page_id}-photo-{photo.row_id}",
        "to_name": PICTURE,
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
    }
    place = {**_percent(photo.box, page.size), "rotation": 0}
    yield {
        **region,
        "from_name": RECTANGLES,
        "type": "rectanglelabels",
        "score": round(photo.score, 4),
        "value": {**place, "rectanglelabels": [RECTANGLES]},
    }
    answers = {name: written_answer(shows) for name, shows in exported.answers.items()}
    if exported.focus:
        answers[FOCUS] = exported.focus.value
    for name, answer in answers.items():
        value = {**place, "choices": [answer]}
        yield {**region, "from_name": name, "type": "choices", "value": value}


def _percent(box: Box, size: tuple[int, int]) -> dict[str, float]:
    width, height = size
    return {
        "x": 100 * box.x0 / width,
        "y": 100 * box.y0 / height,
        "width": 100 * box.width / width,
        "height": 100 * box.height / height,
    }


def labeling_config() -> str:
    """Return the labelling configuration: boxes of photos, questions about each, one of a page."""
    written = [written_answer(shows) for shows in (True, False, None)]
    choices_of: dict[str, list[str]] = {**dict.fromkeys(SUBJECTS, written), FOCUS: list(Focus)}
    questions = "".join(
        _QUESTION.format(name=name, page=PICTURE, choices="".join(map(_CHOICE.format, choices)))
        for name, choices in choices_of.items()
    )
    return _CONFIG.format(
        photo=RECTANGLES,
        page=PICTURE,
        questions=questions,
        checked=CHECKED,
        looked_through=LOOKED_THROUGH,
    )


_CONFIG = """<View>
  <Header value="$title" size="4"/>
  <View style="display: flex; gap: 1em; align-items: flex-start">
    <View style="flex: 3">
      <RectangleLabels name="{photo}" toName="{page}" canRotate="false">
        <Label value="{photo}" background="#1f77b4"/>
      </RectangleLabels>
      <Image name="{page}" value="$image" zoom="true" zoomControl="true" rotateControl="false"/>
    </View>
    <View style="flex: 1; min-width: 15em">
      <Choices name="{checked}" toName="{page}" choice="multiple">
        <Choice value="{looked_through}"/>
      </Choices>
      <View visibleWhen="region-selected">{questions}
      </View>
    </View>
  </View>
</View>
"""

_QUESTION = """
        <Header value="{name}" size="5"/>
        <Choices name="{name}" toName="{page}" perRegion="true" choice="single-radio"
                 showInline="true">{choices}
        </Choices>"""

_CHOICE = """
          <Choice value="{}"/>"""
