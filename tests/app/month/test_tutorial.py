"""The tutorial prints what it says on the month, and the documents cite one recorded run of it."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from presslens.lab.month_figures import CITED, FIGURES, ROOT, plain, run_tutorial, undated

RECORDED = json.loads(FIGURES.read_text(encoding="utf-8"))
SENTENCES = {
    "README.md": (
        "no share of photos about a facility is offered before anybody has looked; after a hundred"
        " reviews it is {reviewed}, and the truth is {truth}.",
    ),
    "docs/tutorial/month.md": (
        "{editions} editions, {pages} pages, about {photos} photos",
        "*false*, {children_high} % at most, and truly none does",
        "{photos_16} photos were found, and {photos_16_low} to {photos_16_high} may have been",
        "{photos_19} were found, and {photos_19_low} to {photos_19_high} may have been printed",
        "move the number to {reviewed_value} %, and the truth, {truth}, lies in its interval",
    ),
    "docs/howto/operation.md": ("`presslens demo month`: {editions} editions",),
    "docs/howto/publish.md": ("The sample month ({editions} editions",),
}


def percent(share: float) -> str:
    """Return a share in percent, with as many digits as the documents give."""
    number = 100 * share
    return "0" if not number else f"{number:.1f}" if number < 9.95 else f"{number:.0f}"


def interval(share: dict[str, float], between: str) -> str:
    if share["value"] is None:
        return "not offered"
    if share["low"] is None:
        return f"{percent(share['value'])} % (no interval)"
    low, high = percent(share["low"]), percent(share["high"])
    return f"{percent(share['value'])} % ({low}{between}{high} %)"


def rows() -> Iterator[str]:
    """Yield the rows of the tutorial's table of what was right and what was wrong."""
    for measure, share in RECORDED["alone"].items():
        name = "focus on the facility" if measure == CITED else measure
        truth = f"{percent(share['truth'])} %" if share["truth"] else "none"
        yield f"| {name} | {interval(share, '–')} | {truth} |"


def test_documents_cite_the_recorded_run() -> None:
    alone, reviewed = RECORDED["alone"][CITED], RECORDED["reviewed"]
    cited = {
        "reviewed": interval(reviewed, " to "),
        "truth": f"{percent(alone['truth'])} %",
        "reviewed_value": percent(reviewed["value"]),
        "children_high": percent(RECORDED["alone"]["children"]["high"]),
        **RECORDED["month"],
        "photos": f"{round(RECORDED['month']['photos'], -2):,}",
    }
    for day, photos in RECORDED["counted"].items():
        name = f"photos_{day[-2:]}"
        cited[name] = f"{photos['value']:.0f}"
        cited |= {f"{name}_{end}": f"{photos[end]:.0f}" for end in ("low", "high")}
    texts = {name: plain((ROOT / name).read_text("utf-8")) for name in SENTENCES}
    for name, sentences in SENTENCES.items():
        for sentence in sentences:
            assert sentence.format(**cited) in texts[name], name
    tutorial = (ROOT / "docs/tutorial/month.md").read_text("utf-8")
    assert [row for row in rows() if row not in tutorial] == []
    paragraph = (ROOT / "docs/howto/methods-paragraph.md").read_text("utf-8")
    quoted = " ".join(re.findall(r"^> (.*)$", paragraph, re.MULTILINE))
    assert RECORDED["methods"].startswith(undated(quoted))
    assert len(quoted) > 500


@pytest.mark.timeout(1800)
def test_the_tutorial_prints_what_it_says_and_what_was_recorded(own_month: Path) -> None:
    folder = own_month.parent
    (folder / "var").mkdir()
    shutil.move(str(own_month), folder / "var" / "month")
    run = run_tutorial(folder)
    lines = [(line, output) for body, output in run.printed for line in body.splitlines()]
    assert [line for line, output in lines if plain(line) not in plain(output)] == []
    assert len(lines) >= 10
    assert run.figures == RECORDED
