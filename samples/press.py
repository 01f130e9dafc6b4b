"""Printing of a page from its plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from presslens.samples.area import Area
from presslens.samples.desk import PictureDesk
from presslens.samples.distractor import draw_distractor, paper
from presslens.samples.ornament import draw_emblem
from presslens.samples.picture import toned
from presslens.samples.plan import PagePlan, PhotoSlot, TextSlot
from presslens.samples.prose import Writer
from presslens.samples.template import FRAME, HEIGHT, WIDTH
from presslens.samples.typeset import INK, Typesetter

NAME = "견본일보"
NOTICE = "구성된 견본이며 실제 신문이 아닙니다 · composed sample, not a real newspaper"
RED = (178, 28, 32)
RIM = (250, 249, 245)
STRIP = 28
"""Height in pixels of a strip with a caption inside a photo,"""
STRIPS = ((150, 24, 30), (24, 56, 110), (30, 30, 32))
"""and its colours, where it isn't the photo itself, darkened."""


@dataclass(frozen=True, slots=True)
class Press:
    """Prints pages with one picture desk."""

    desk: PictureDesk  # chooses the pictures
    date: str  # the printed day, YYYY-MM-DD
    name: str = NAME  # the newspaper's name, as it is printed

    def page(self, plan: PagePlan, number: int) -> tuple[Image.Image, dict[str, Any]]:
        """Return a printed page and its truth (photos, distractors, captions, headlines)."""
        rng = self.desk.rng
        sheet = paper((WIDTH, HEIGHT), rng)
        setter = Typesetter(sheet, self.desk.sources, Writer(rng))
        self._furniture(setter, plan, number)
        for ground in plan.grounds:
            sheet.paste(ground.colour, ground.area.box)
        texts = [(place, self._text(setter, place)) for place in plan.texts]
        for panel in plan.panels:
            draw_distractor(setter, panel.area, panel.kind, rng)
        photos = [self._photo(setter, place) for place in plan.photos]
        truth = {
            "photos": photos,
            "distractors": [{"box": p.area.to_list(), "kind": p.kind} for p in plan.panels],
            "captions": _printed(texts, "caption"),
            "headlines": _printed(texts, "headline"),
        }
        if plan.masthead:
            head = {"box": plan.masthead.to_list(), "kind": "masthead"}
            truth["distractors"].append(head)
        return sheet, truth

    def _photo(self, setter: Typesetter, place: PhotoSlot) -> dict[str, Any]:
        area, draw = place.area, ImageDraw.Draw(setter.page)
        picture = self.desk.picture(place.role, area.size)
        if place.rim:
            rim = area.inset(-place.rim)
            draw.rectangle((rim.x0, rim.y0, rim.x1 - 1, rim.y1 - 1), fill=RIM)
        setter.page.paste(toned(picture.image, place.tone), (area.x0, area.y0))
        if place.strip:
            self._strip(setter, area)
        if place.ruled:
            draw.rectangle((area.x0 - 1, area.y0 - 1, area.x1, area.y1), outline=INK)
        return {
            "box": area.to_list(),
            "subjects": picture.truth.subjects(),
            "leader": picture.truth.leader,
            "focus": picture.truth.focus,
        }

    def _strip(self, setter: Typesetter, area: Area) -> None:
        """Print a caption over the lower edge of a photo, on a colour or on the darkened photo."""
        strip = Area(area.x0, area.y1 - STRIP, area.x1, area.y1)
        box = strip.box
        colours = (*STRIPS, None)
        colour = colours[int(self.desk.rng.integers(len(colours)))]
        if colour is None:
            below = np.asarray(setter.page.crop(box)) // 3
            setter.page.paste(Image.fromarray(below), box)
        else:
            setter.page.paste(colour, box)
        line = Area(strip.x0 + 8, strip.y0 + 2, strip.x1 - 8, strip.y1)
        setter.caption(line, setter.writer.one_of("captions"), fill=RIM)

    def _text(self, setter: Typesetter, place: TextSlot) -> str:
        """Set the text of a slot, and return a headline or caption as printed."""
        if place.kind == "body":
            setter.body(place.area, count=place.count, rule=place.ruled)
            return ""
        if place.kind == "headline":
            headline = setter.writer.one_of("headlines")
            setter.headline(place.area, headline)
            return headline
        return setter.caption(place.area, setter.writer.one_of("captions"))

    def _furniture(self, setter: Typesetter, plan: PagePlan, number: int) -> None:
        """Draw the folio line, the notice that the page is composed, and the newspaper's name."""
        draw = ImageDraw.Draw(setter.page)
        top = Area(FRAME.x0, 40, FRAME.x1, 64)
        setter.caption(top, f"{self.date}   {self.name}   {number}면")
        draw.line((FRAME.x0, 70, FRAME.x1, 70), fill=INK, width=2)
        bottom = Area(FRAME.x0, HEIGHT - 44, FRAME.x1, HEIGHT - 20)
        setter.caption(bottom, NOTICE)
        if plan.masthead:
            name, line = plan.masthead.top(plan.masthead.height - 34)
            if plan.emblem:
                emblem, name = name.inset(6).left(name.height - 12)
                draw_emblem(draw, emblem, self.desk.rng)
            setter.headline(name, self.name, fill=RED)
            draw.line((line.x0, line.y0, line.x1, line.y0), fill=RED, width=4)
            setter.caption(line.top(6)[1], f"{self.date}   견본호   {NOTICE}")


def _printed(texts: list[tuple[TextSlot, str]], kind: str) -> list[dict[str, Any]]:
    return [{"box": p.area.to_list(), "text": text} for p, text in texts if p.kind == kind]
