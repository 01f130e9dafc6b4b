"""The menu of the server's pages: four groups of links."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from presslens.models.message import Message


class MenuLink(NamedTuple):
    """A page of the menu."""

    section: str  # the section that the page, and those below it, are of
    page: str  # the name of the page's function, by which its permission is known
    address: str  # the name of its address in ``Addresses``
    name: Message


class MenuGroup(NamedTuple):
    """Pages that are looked for together."""

    name: Message
    links: tuple[MenuLink, ...]

    def offered(self, may: Callable[[str], bool]) -> list[MenuLink]:
        """Return the links to pages that the reader may open."""
        return [link for link in self.links if may(link.page)]


MENU = (
    MenuGroup(
        Message("Look"),
        (
            MenuLink("start", "show_start", "start", Message("Start")),
            MenuLink("ask", "show_ask", "ask", Message("Ask")),
            MenuLink("timeline", "show_timeline", "timeline", Message("Timeline")),
            MenuLink("gallery", "show_gallery", "gallery", Message("Photos")),
            MenuLink("figures", "show_figures", "figures", Message("Figures")),
        ),
    ),
    MenuGroup(
        Message("Measure"),
        (
            MenuLink("compare", "show_comparison", "compare", Message("Compare")),
            MenuLink("claims", "show_claims", "claims", Message("Claims")),
            MenuLink("method", "show_method", "method", Message("Method")),
        ),
    ),
    MenuGroup(
        Message("Code"),
        (
            MenuLink("review", "show_samples", "review", Message("Review")),
            MenuLink("labels", "show_labels", "labels", Message("Labels")),
            MenuLink("edits", "show_edits", "edits", Message("Changes")),
        ),
    ),
    MenuGroup(
        Message("Keep"),
        (
            MenuLink("upload", "show_upload", "upload", Message("Upload")),
            MenuLink("newspapers", "show_newspapers", "newspapers", Message("Newspapers")),
            MenuLink("runs", "show_runs", "runs", Message("Runs")),
            MenuLink("export", "show_exports", "export", Message("Export")),
            MenuLink("trash", "show_trash", "trash", Message("Deleted editions")),
            MenuLink("docs", "show_docs", "docs", Message("API")),
        ),
    ),
)
"""All pages of the menu, each where its readers look for it."""

BELOW = MenuGroup(
    Message("Code"),
    (
        MenuLink("review", "show_planner", "planner", Message("Plan a sample")),
        MenuLink("review", "show_mine", "mine", Message("My answers")),
        MenuLink("review", "show_flags", "talk", Message("To talk about")),
        MenuLink("night", "show_night", "night", Message("The report of the last night")),
    ),
)
"""Pages that pages of the menu lead to: the search finds these too."""
