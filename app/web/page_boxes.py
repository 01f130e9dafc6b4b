"""Prepares the boxes of a page in layers, each with a name of what was detected there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from presslens.app.platform.language import Language
from presslens.app.web.alternatives import SHOWN, shown_focus, shown_in_words
from presslens.pipelines.statistics.measure import FIGURE

LAYERS = ("photos", "people", "things", "figures", "captions", "headlines")
"""The layers, from the largest boxes to those of text."""

FIRST_LAYERS = ("photos", "figures")
"""The layers that are shown unless the address names others."""

COLUMNS = ("layer", "photo", "name", "probability", "x0", "y0", "x1", "y1", "text", "recipe")
"""Columns of the table of boxes."""

_TEXT = 60
"""Most characters of a text in the name of a box."""


@dataclass(frozen=True, slots=True)
class NamedBox:
    """A box on a page."""

    layer: str  # one of ``LAYERS``
    box: Sequence[float]  # (x0, y0, x1, y1) in pixels of the page
    name: str  # what was detected, in the reader's language
    kind: str  # what its colour tells: the focus of a photo, or else the layer
    # That it is what the name says, 0–1; None for texts, and for what people say.
    probability: float | None
    photo: int | None  # id of the photo that it belongs to; None for a headline
    anchor: str  # name of its place in the list beside the page
    text: str | None = None  # what is printed there; None while it is not read

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """(x, y, width, height) in pixels of the page, with a pixel at least on each side."""
        x0, y0, x1, y1 = self.box
        return x0, y0, max(x1 - x0, 1.0), max(y1 - y0, 1.0)

    def row(self, recipe: str) -> dict[str, Any]:
        """Return the box as a row of the table; see ``COLUMNS``."""
        x0, y0, x1, y1 = self.box
        return {
            "layer": self.layer,
            "photo": self.photo,
            "name": self.name,
            "probability": self.probability,
            "x0": x0,
            "y0": y0,
            "x1": x1,
            "y1": y1,
            "text": self.text,
            "recipe": recipe,
        }


def named_boxes(
    page: Mapping[str, Any], spoken: Language, *, first: int = 1
) -> dict[str, list[NamedBox]]:
    """Return the boxes of a page by layer, in the order of ``LAYERS`` and in reading order.

    Args:
        page: In the JSON contract.
        spoken: The language of the names.
        first: Number of its first photo.
    """
    layers: dict[str, list[NamedBox]] = {layer: [] for layer in LAYERS}
    for number, photo in enumerate(page["photos"], start=first):
        for box in _of_photo(photo, number, spoken):
            layers[box.layer].append(box)
    for i, headline in enumerate(page["headlines"], start=1):
        text = headline["text"]
        name = spoken.text("Headline %(n)s", n=i)
        layers["headlines"].append(
            NamedBox(
                "headlines",
                headline["box"],
                f"{name}: {_short(text, spoken)}",
                "headlines",
                None,
                None,
                f"headline-{i}",
                text,
            )
        )
    return layers


def _of_photo(photo: Mapping[str, Any], number: int, spoken: Language) -> Iterator[NamedBox]:
    title = spoken.text("Photo %(n)s", n=number)
    anchor = f"photo-{photo['id']}"

    def named(
        layer: str,
        box: Sequence[float],
        name: str,
        probability: float | None,
        kind: str = "",
        text: str | None = None,
    ) -> NamedBox:
        return NamedBox(layer, box, name, kind or layer, probability, photo["id"], anchor, text)

    yield named(
        "photos",
        photo["box"],
        f"{title}: {shown_in_words(photo, spoken=spoken)}",
        photo["score"],
        shown_focus(photo),
    )
    for one in photo["detections"]:
        if one["score"] >= SHOWN:
            person = one["label"] == "person"
            yield named(
                "people" if person else "things",
                one["box"],
                f"{title}: {spoken.text(one['label'])}, {spoken.percent(one['score'])}",
                one["score"],
            )
    consensus, places = photo.get("settled") or {}, photo.get("places") or {}
    for figure in photo["figures"]:
        answer = consensus.get(f"{FIGURE}{figure['name']}")
        if answer is False:
            continue
        name = figure["name"]
        if not (answer or figure["answer"] == "yes"):
            name = spoken.text("perhaps %(name)s", name=name)
        yield named(
            "figures",
            figure["box"],
            f"{title}: {name}, {spoken.percent(figure['probability'])}",
            figure["probability"],
            text=figure["name"],
        )
    seen = {f"{FIGURE}{figure['name']}" for figure in photo["figures"]}
    for measure, place in places.items():
        if measure not in seen and measure.startswith(FIGURE):
            name = measure.removeprefix(FIGURE)
            reviewed_name = spoken.text("%(name)s, as people say", name=name)
            yield named("figures", place, f"{title}: {reviewed_name}", None, text=name)
    caption = photo["caption"]
    if caption is not None:
        name = spoken.text("Caption of photo %(n)s", n=number)
        text = caption["text"]
        yield named("captions", caption["box"], f"{name}: {_short(text, spoken)}", None, text=text)


def _short(text: str | None, spoken: Language) -> str:
    if text is None:
        return spoken.text("not read")
    line = " ".join(text.split())
    if not line:
        return spoken.text("empty")
    return line if len(line) <= _TEXT else f"{line[: _TEXT - 1]}…"
