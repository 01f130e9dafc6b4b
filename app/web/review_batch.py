"""A batch of a sample in one file: pictures, questions and the desk, answered without a server.

The file has a policy of its own, by which it can load and send nothing; its one script is named in
it by its hash. The answers come back as a file.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import Query, Response

from presslens.app.api.access import needs
from presslens.app.api.params import Home, Id
from presslens.app.db.samples import SampleKind
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.language import language
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import Name
from presslens.app.services.pictures.pictures import (
    PagePart,
    page_picture,
    photo_picture,
    picture_bytes,
)
from presslens.app.services.reviews.coding_desk import coding_desk
from presslens.app.services.samples.samples import find_sample
from presslens.app.web.addresses import Addresses
from presslens.app.web.page_router import PageRouter, Render
from presslens.app.web.preferences import coder_of
from presslens.app.web.review import desk_words
from presslens.app.web.static_files import build
from presslens.app.web.templating import context, environment

SCRIPTS_AT = Path(__file__).parent / "static" / "js"

_IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"\./(\w+)\.js";\n', re.MULTILINE)

_EXPORT = re.compile(r"^export ((?:async )?(?:class|function|const)) (\w+)", re.MULTILINE)

router = PageRouter()

MOST = 500
"""Photos of a batch."""

PHOTO_WIDTH = 1280
"""Width of the photos, in pixels."""

PAGE_WIDTH = 640
"""Width of the pages around them, in pixels."""

STYLES_AT = SCRIPTS_AT.parent / "css"

STYLES = ("base.css", "review.css")

_FONT = re.compile(r"@font-face \{[^}]*\}")


@router.page("/review/{sample_id:id}/batch", twins=())
@needs(Permission.REVIEW)
def download_batch(
    home: Home,
    render: Render,
    sample_id: Id,
    coder: Name | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 60,
) -> Response:
    """Return the next photos of a coder as a file that is opened without a server."""
    who = coder or coder_of(render.request)
    if who is None:
        raise InvalidRequest(
            "say in the account menu who codes before you get a batch: each is for one coder"
        )
    sample = find_sample(home, sample_id)
    if sample.kind is SampleKind.PAGES:
        raise InvalidRequest("photos are counted on the pages themselves: a batch has none")
    spoken = language(render.code)
    script, styles = bundle("review_batch"), _styles()
    page = environment(render.code).get_template("review_batch.html")
    text = page.render(
        context(
            to=Addresses(build()),
            **desk_words(sample, spoken),
            coder=who,
            mode="code",
            batch=True,
            source="",
            data=_data_block(_batch(home, sample_id, who, limit)),
            script=script,
            styles=styles,
            policy=policy(script, styles),
        )
    )
    name = f"presslens-{sample_id}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.html"
    return Response(
        text,
        media_type="text/html; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            "Content-Security-Policy": "sandbox",
        },
    )


def policy(script: str, styles: str) -> str:
    """Return the content security policy of a batch: its own script and styles, and no network."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(styles)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _styles() -> str:
    """Return the styles of the desk, without the font, which is a file of its own."""
    texts = ((STYLES_AT / name).read_text(encoding="utf-8") for name in STYLES)
    return _FONT.sub("", "\n".join(texts))


def _batch(home: Installation, sample_id: int, coder: str, limit: int) -> dict[str, Any]:
    document = coding_desk(home, sample_id, coder, limit=limit).to_json()
    unanswered = set(document["open"])
    cards = [card for card in document["items"] if card["item"] in unanswered]
    document["items"] = [
        {
            **card,
            "image": _picture(home, photo_picture(home, card["photo"], PHOTO_WIDTH)),
            "large": None,
            "page_image": _picture(home, page_picture(home, card["page"], PAGE_WIDTH))
            if card["page"]
            else None,
        }
        for card in cards
    ]
    document["left"], document["before"] = len(cards), []
    return document


def _picture(home: Installation, part: PagePart) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(picture_bytes(home, part)).decode()


def _data_block(document: dict[str, Any]) -> str:
    """Return a document as JSON that may stand in a page: no text of it ends the block."""
    return json.dumps(document, ensure_ascii=True).replace("<", "\\u003c")


def bundle(entry: str) -> str:
    """Return a module and all that it imports, in one script of functions.

    Only what the project's own modules do is understood: named imports of files beside them, and
    exported classes, functions and constants.

    Args:
        entry: The name of a file in ``static/js``, without its suffix.
    """
    parts: dict[str, str] = {}
    _add(entry, parts)
    return '"use strict";\n' + "\n".join(parts.values())


def _add(name: str, parts: dict[str, str]) -> None:
    if name in parts:
        return
    text = (SCRIPTS_AT / f"{name}.js").read_text(encoding="utf-8")
    for imported in _IMPORT.finditer(text):
        _add(imported[2], parts)
    exported = [one[2] for one in _EXPORT.finditer(text)]
    body = _EXPORT.sub(r"\1 \2", _IMPORT.sub(_taken, text))
    given = ", ".join(exported)
    parts[name] = f"const module_{name} = (() => {{\n{body}\nreturn {{ {given} }};\n}})();\n"


def _taken(match: re.Match[str]) -> str:
    names, module = match[1], match[2]
    return f"const {{{names}}} = module_{module};\n" if names else ""
