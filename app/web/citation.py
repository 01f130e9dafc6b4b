"""How to cite a page: what it shows, by which recipe, where, and when it was looked at."""

from __future__ import annotations

from urllib.parse import unquote_plus

from presslens.app.citations.citation import Citation
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.language import Language
from presslens.app.web.page_router import Renderer
from presslens.models.message import Message


def citation(
    home: Installation,
    render: Renderer,
    title: str,
    recipe_id: str,
    spoken: Language,
    *,
    thing: str = "",
    facts: tuple[Message, ...] = (),
) -> Citation:
    """Return the citation of a page; its address asks for the same again.

    Only a lasting address is cited, ``PRESSLENS_PUBLIC_URL``, and never that of a request, which
    may be one that only its own machine knows.

    Args:
        render: Of the page.
        title: What the page shows.
        recipe_id: The recipe that its numbers were made under.
        thing: What tells the page from others, for the key of its reference; "": its address.
        facts: What the note of its reference says.
    """
    return Citation(
        title=title,
        recipe_id=recipe_id,
        address=home.settings.public_address(render.address),
        doi=home.settings.doi,
        day=clock.now().date(),
        language=spoken.code,
        thing=thing or unquote_plus(render.address),
        facts=facts,
    )
