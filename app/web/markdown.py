"""Markdown documents of the project as parts of pages: no raw HTML, headings with anchors."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

TEXTS = Path(__file__).with_name("texts")

PAGES: Mapping[str, str] = {
    "accuracy.md": "/method#accuracy",
    "codebook.md": "/method#codebook",
    "method.md": "/method#in-full",
    "claims.md": "/method#claims",
    "data-protection.md": "/privacy",
}
"""Where what a document links to is shown; of other documents the name alone is."""

_DEEPEST = 6


def document(name: str, code: str, *, below: int = 2) -> Markup:
    """Return a document in a language, in English where it is not translated.

    Args:
        name: Its name without ``.md``.
        code: The language.
        below: See ``rendered``.
    """
    is_translated = (TEXTS / f"{name}.{code}.md").is_file()
    text = rendered(f"{name}.{code}" if is_translated else name, below=below)
    whole = Markup('<div class="document" lang="{}">\n{}</div>')
    return whole.format(code if is_translated else "en", text)


@cache
def rendered(name: str, *, below: int = 2) -> Markup:
    """Return a document of ``TEXTS`` as HTML, without its title.

    Args:
        name: Its name without ``.md``.
        below: Level of the page's heading that it stands below.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse((TEXTS / f"{name}.md").read_text(encoding="utf-8"))
    tokens = _without_title(tokens)
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(_DEEPEST, int(token.tag[1]) + below - 1)}"
        if token.type == "th_open":
            token.attrSet("scope", "col")
        if before is not None and before.type == "heading_open":
            before.attrSet("id", f"{name}-{anchor(token.content)}")
        _lead_links(token.children or [])
    html = parser.renderer.render(tokens, parser.options, {})
    html = html.replace("<pre>", '<pre tabindex="0">')
    html = html.replace("<table>", '<div class="scroll" tabindex="0"><table>')
    # The parser escapes all text and checks all links; raw HTML is off.
    return Markup(html.replace("</table>", "</table></div>"))  # noqa: S704


def inline(text: str) -> Markup:
    """Return a line of Markdown as HTML: code, emphasis and links; no raw HTML."""
    return Markup(_inline_parser().renderInline(text))  # noqa: S704


@cache
def _inline_parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


def anchor(heading: str) -> str:
    """Return the anchor of a heading: "How a figure is shown" gives "how-a-figure-is-shown"."""
    return re.sub(r"[^\w]+", "-", heading.lower()).strip("-")


def _without_title(tokens: Sequence[Token]) -> list[Token]:
    if tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        return list(tokens[3:])
    return list(tokens)


def _lead_links(tokens: Sequence[Token]) -> None:
    """Let links to other documents lead to where these are shown; pictures become their words."""
    shown = True
    for token in tokens:
        if token.type == "image":  # pictures of the documentation are not served
            token.type, token.tag = "text", ""
        if token.type == "link_open":
            target = str(token.attrGet("href") or "")
            name = target.split("#")[0].rpartition("/")[2]
            shown = "://" in target or name in PAGES
            if name in PAGES:
                token.attrSet("href", PAGES[name])
        if token.type in ("link_open", "link_close") and not shown:
            token.tag, token.attrs = "span", {}
