"""How to cite a page: what it shows, by which recipe, where, and when it was looked at."""

from __future__ import annotations

from presslens.app.platform import clock
from presslens.app.platform.language import Language
from presslens.app.web.page_router import Renderer


def citation(render: Renderer, title: str, recipe_id: str, spoken: Language) -> str:
    """Return the text to cite a page by; its address asks for the same again.

    Args:
        render: Of the page.
        title: What the page shows.
        recipe_id: The recipe that its numbers were made under.
    """
    return spoken.text(
        "Presslens: %(title)s. Recipe %(recipe)s. %(address)s (seen on %(day)s).",
        title=title.rstrip("."),
        recipe=recipe_id[:12],
        address=str(render.request.url),
        day=spoken.day(clock.now()),
    )
