"""The morning report: one HTML file that needs nothing else, and the same as JSON."""

from __future__ import annotations

from functools import cache

from presslens.app.nightly.summary import NightlySummary
from presslens.app.platform.settings import Settings
from presslens.app.services.analysis.workload import by_name
from presslens.app.web.addresses import Addresses
from presslens.app.web.report import FONT_FACE, STYLES
from presslens.app.web.static_files import STATIC
from presslens.app.web.templating import context, environment

TEMPLATE = "nightly_report.html"


def report_html(summary: NightlySummary, settings: Settings) -> str:
    """Return the morning report of a night that ran.

    Args:
        summary: What the night came to.
        settings: The language of the report, and the address of the site that it links to.
    """
    return (
        environment(settings.report_language)
        .get_template(TEMPLATE)
        .render(
            context(
                to=Addresses(""),
                site=settings.site_address,
                styles=_styles(),
                night=summary,
                waiting=list(by_name(summary.work.waiting).items()),
            )
        )
    )


@cache
def _styles() -> str:
    """Return the stylesheet of the site, without the typeface, which is a file of its own."""
    return FONT_FACE.sub("", (STATIC / STYLES).read_text(encoding="utf-8"), count=1)
