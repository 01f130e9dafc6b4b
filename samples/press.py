"""Prints a page: draws everything that its plan names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw

from samples.area import Area
from samples.desk import PictureDesk
from samples.distractor import draw_distractor, paper
from samples.plan import PagePlan, TextPlace
from samples.prose import Writer
from samples.template import FRAME, HEIGHT, WIDTH
from samples.typeset import INK, Typesetter

NAME = "견본일보"
NOTICE = "구성된 견본이며 실제 신문이 아닙니다 · composed sample, not a real newspaper"
RED = (178, 28, 32)


@dataclass(frozen=True, slots=True)
class Press:
    """Prints pages with one picture desk.

    Attributes:
        desk: Where the pictures come from.
        date: What is printed as the day, YYYY-MM-DD.
    """

    desk: PictureDesk
    date: str

    def page(self, plan: PagePlan, number: int) -> tuple[Image.Image, dict[str, Any]]:
        """Print a page and return it with its truth (photos, distractors, captions, headlines)."""
        rng = self.desk.rng
        sheet = paper((WIDTH, HEIGHT), rng)
        setter = Typesetter(sheet, self.desk.sources, Writer(rng))
        self._furniture(setter, plan.masthead, number)
        texts = [(place, self._text(setter, place)) for place in plan.texts]
        for panel in plan.panels:
            draw_distractor(setter, panel.area, panel.kind, rng)
        photos = [self._photo(sheet, p.area, p.role, ruled=p.ruled) for p in plan.photos]
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

    def _photo(self, sheet: Image.Image, area: Area, role: str, *, ruled: bool) -> dict[str, Any]:
        picture = self.desk.picture(role, area.size)
        sheet.paste(picture.image, (area.x0, area.y0))
        if ruled:
            hairline = (area.x0 - 1, area.y0 - 1, area.x1, area.y1)
            ImageDraw.Draw(sheet).rectangle(hairline, outline=INK)
        return {
            "box": area.to_list(),
            "subjects": picture.truth.subjects(),
            "leader": picture.truth.leader,
            "focus": picture.truth.focus,
        }

    def _text(self, setter: Typesetter, place: TextPlace) -> str:
        """Set the text of a place, and return a headline or caption as it is printed."""
        if place.kind == "body":
            setter.body(place.area, count=place.count, rule=place.ruled)
            return ""
        if place.kind == "headline":
            headline = setter.writer.one_of("headlines")
            setter.headline(place.area, headline)
            return headline
        return setter.caption(place.area, setter.writer.one_of("captions"))

    def _furniture(self, setter: Typesetter, masthead: Area | None, number: int) -> None:
        """Draw the folio line, the notice that the page is composed, and the newspaper's name."""
        draw = ImageDraw.Draw(setter.page)
        top = Area(FRAME.x0, 40, FRAME.x1, 64)
        setter.caption(top, f"{self.date}   {NAME}   {number}면")
        draw.line((FRAME.x0, 70, FRAME.x1, 70), fill=INK, width=2)
        bottom = Area(FRAME.x0, HEIGHT - 44, FRAME.x1, HEIGHT - 20)
        setter.caption(bottom, NOTICE)
        if masthead:
            name, line = masthead.top(masthead.height - 34)
            setter.headline(name, NAME, fill=RED)
            draw.line((line.x0, line.y0, line.x1, line.y0), fill=RED, width=4)
            setter.caption(line.top(6)[1], f"{self.date}   견본호   {NOTICE}")


def _printed(texts: list[tuple[TextPlace, str]], kind: str) -> list[dict[str, Any]]:
    return [{"box": p.area.to_list(), "text": text} for p, text in texts if p.kind == kind]
