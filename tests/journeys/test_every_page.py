"""Every page: without barriers in each look, by the Tab key, of little script, and in Korean."""

import gzip
import itertools
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from playwright.sync_api import Page, expect

from presslens.app.drill.site_map import page_addresses
from presslens.app.platform.settings import Settings

from ..app.conftest import sandbox as sandbox
from ..app.filled_archive import filled as filled
from ..app.web.conftest import serving
from ..tabs import Tabs
from .conftest import RECIPE, Reader
from .pages import PAGES, PAGES_ON_COMMIT

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = {
    "light": {"type": "tag", "values": RULES},
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
"""What is run in each look; only these two rules look at colours."""
WIDTHS = {1280: 860, 390: 844}
MODES = [(1280, "light"), (390, "dark"), (1280, "dark"), (390, "light")]
LANGUAGES = ("en-GB", "ko-KR")
WALKED_ON_COMMIT = PAGES_ON_COMMIT[:7]
ALLOW = """() => window.trustedTypes && !trustedTypes.defaultPolicy && trustedTypes.createPolicy(
  "default", {createHTML: (text) => text, createScript: (text) => text})"""

MOST_BYTES = 60_000
"""Bytes of script of a page, each file compressed with gzip."""
LARGE = {"timeline", "page", "correct"}
"""Pages with charts, and with zoom."""

MARK = """() => {
  const fields = "input:not([type=hidden]), select, textarea";
  const pressed = `a[href], button, ${fields}, summary, [tabindex]`;
  let number = 0;
  for (const one of document.querySelectorAll(pressed)) {
    const radio = one.type === "radio" && !one.checked;
    const shown = one.checkVisibility({visibilityProperty: true}) && one.getClientRects().length;
    if (one.tabIndex < 0 || one.disabled || radio || !shown) continue;
    if (one.tagName === "SUMMARY" && one.parentElement.tagName !== "DETAILS") continue;
    one.dataset.stop = number++;
  }
  return number;
}"""
WATCH = """() => {
  window.seen = [];
  document.addEventListener("keyup", () => {
    const one = document.activeElement;
    if (!one || one === document.body) return seen.push(null);
    const html = one.outerHTML.slice(0, 90);
    seen.push({stop: one.dataset.stop ?? null, html, focused: one.matches(":focus-visible")});
  }, true);
}"""
"""Notes in the page what has the focus after each key: to ask after each takes as long again."""
MISSED = """stops => [...document.querySelectorAll("[data-stop]")]
  .filter((one) => !stops.includes(one.dataset.stop)).map((one) => one.outerHTML.slice(0, 120))"""
AT_ONCE = 25
MOST = 700
"""More tab stops than any page may have."""

CONTENT = {
    "start": ".fronts img", "timeline": "table.month a, .chart img", "edition": ".pages img",
    "page": ".photo-list img", "photo": ".crop img", "gallery": "a.tile img",
    "compare": "table.compared td", "claims": "table.claims a", "claim": "#verdict .lede",
    "newspapers": ".newspapers h2", "newspaper": "#newspaper", "figures": ".people a",
    "figure": ".sightings img", "correct": "h1", "labels": "table td", "review": "main a",
    "planner": "main form button", "upload": "input[type=file]", "trash": "main p",
    "edits": "main form", "runs": "table td", "night": "main p",
    "export": ".files a", "method": ".said li",
    "docs": "section", "login": "#password", "account": "#key-name", "accounts": "#role",
    "audit": "main p", "share": "main p",
    "sheet": ".sheet img", "similar": ".captioned img", "rule": "#verdict .lede",
    "privacy": "table td", "search": ".hits a", "ask": "#about", "asked": ".verdict",
    "unusual": "main section h2", "question": ".verdict", "claim_new": "#rule",
    "mine": "main p", "talk": "main p",
}  # fmt: skip
"""What each page is there for."""
HANGUL = re.compile("[\uac00-\ud7a3]")
NAMES = re.compile(
    r"^(API|IIIF|n|A|B|English|Python|R|curl|AP|F1|Zebedee[\W\d]*|[\W\d_]*|"
    r"(GET|POST|PUT|PATCH|DELETE|Sample|Rodong) [\w\W]*)$"
)
"""What is the same in both languages."""
OTHERS = "[lang=en] *, .vocabulary *, .example *, option, [lang=en]"
SAID = ", ".join(
    f"{kind}:not({OTHERS})" for kind in ("h2", "h3", "th[scope=col]", "button", "label", "legend")
)
"""What the program says; words of rules, names and what stands in English on purpose are not."""


@pytest.fixture(scope="session")
def small_site(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve an archive of one edition, which is made in a moment."""
    data = tmp_path_factory.mktemp("small") / "data"
    shutil.copytree(filled / "data", data)
    with serving(Settings(data_dir=data, recipe=RECIPE, processes=0, min_free_bytes=0)) as address:
        yield address


@pytest.fixture(scope="session")
def address_of(request: pytest.FixtureRequest) -> Callable[[str, str], str]:
    """Return a function that gives the address of a page of an archive."""

    @cache
    def addresses(site: str) -> dict[str, str]:
        served = "small_site" if site == "small" else "month_server"
        return page_addresses(request.getfixturevalue(served))

    return lambda site, name: addresses(site)[name]


def places(on_commit: Iterable[str]) -> list[ParameterSet]:
    """Return some pages of the small archive, and all of the month, at length."""
    return [
        *(pytest.param("small", name, id=name) for name in on_commit),
        *(pytest.param("month", n, marks=pytest.mark.long, id=f"month-{n}") for n in PAGES),
    ]


def barriers(tab: Page, axe: str, views: Iterable[tuple[int, str]] = MODES) -> list[str]:
    """Return what axe finds on the page of a tab in some widths and looks, and what is too wide.

    The tab is opened with ``bypass_csp`` and reduced motion.
    """
    found: list[str] = []
    tab.evaluate(ALLOW)
    tab.evaluate(axe)
    for width, look in views:
        tab.set_viewport_size({"width": width, "height": WIDTHS[width]})
        tab.emulate_media(color_scheme=look)
        tab.wait_for_timeout(150)  # charts are drawn anew in the other look
        wide = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            found.append(f"{width}: {wide} pixels wider than its window")
        told = tab.evaluate(
            "(rules) => axe.run(document, {runOnly: rules, resultTypes: ['violations']})",
            LOOKS[look],
        )
        assert told["passes"]
        found += [
            f"{width} {look} {one['id']}: {node['html'][:160]}"
            for one in told["violations"]
            for node in one["nodes"][:2]
        ]
    return found


@pytest.mark.parametrize(("site", "name"), places(PAGES_ON_COMMIT))
def test_a_page_is_accessible(
    site: str, name: str, address_of: Callable[[str, str], str], open_tab: Tabs, axe: str
) -> None:
    """On commit in one language, light in one width and dark in the other: pages take turns."""
    found: list[str] = []
    turn = PAGES.index(name)
    in_turn = {LANGUAGES[turn // 2 % 2]: MODES[turn % 2 * 2 :][:2]}
    seen = in_turn if site == "small" else dict.fromkeys(LANGUAGES, MODES)
    for language, views in seen.items():
        tab = open_tab(locale=language, bypass_csp=True, reduced_motion="reduce")
        tab.goto(address_of(site, name), wait_until="load")
        found += [f"{language} {one}" for one in barriers(tab, axe, views)]
        tab.close()
    assert not found


@pytest.mark.parametrize(("site", "name"), places(WALKED_ON_COMMIT))
def test_each_link_and_button_is_one_tab_stop_and_scripts_are_small(
    site: str, name: str, address_of: Callable[[str, str], str], open_tab: Tabs
) -> None:
    tab = open_tab()
    scripts: dict[str, int] = {}
    tab.on(
        "requestfinished",
        lambda request: (
            scripts.update({request.url: len(gzip.compress(request.response().body()))})
            if request.resource_type == "script"
            else None
        ),
    )
    tab.goto(address_of(site, name), wait_until="networkidle")  # charts and tiles have their places
    assert scripts
    assert name in LARGE or sum(scripts.values()) <= MOST_BYTES, scripts
    seen = _walk(tab)
    # A field of a day has a stop for each of its parts; the last of them has a ring of its own.
    turns = [(stop, list(same)) for stop, same in itertools.groupby(seen, lambda one: one["stop"])]
    stops = [stop for stop, _ in turns if stop is not None]
    expected = tab.evaluate("document.querySelectorAll('[data-stop]').length")
    twice = {stop for stop in stops if stops.count(stop) > 1}
    assert not twice
    missed = tab.evaluate(MISSED, stops)
    assert not missed, f"{len(missed)} of {expected}"
    plain = [same[0]["html"] for _, same in turns if not any(one["focused"] for one in same)]
    assert plain == []
    first = seen[0]["html"]
    assert "skip" in first  # the way past the menu comes first


def _walk(tab: Page) -> list[dict[str, str | None]]:
    """Press Tab through a page, and return what had the focus in turn."""
    tab.evaluate(MARK)
    tab.evaluate("document.activeElement?.blur?.()")
    tab.evaluate(WATCH)
    while True:
        for _ in range(AT_ONCE):
            tab.keyboard.press("Tab")
        seen: list[dict[str, str | None] | None] = tab.evaluate("seen")
        first = seen[0]
        assert first is not None
        turn: list[dict[str, str | None]] = []
        for now in seen:
            if now is None or (turn and now["html"] == first["html"]):
                return turn
            turn.append(now)
        if len(seen) > MOST:
            break
    raise AssertionError(f"after {MOST} tab stops the page has not ended")


@pytest.mark.parametrize(
    "scripts", [False, pytest.param(True, marks=pytest.mark.long)], ids=["no script", "scripts"]
)
@pytest.mark.parametrize(("site", "name"), places(WALKED_ON_COMMIT))
def test_a_page_is_korean_and_shows_its_content_without_a_script(
    site: str, name: str, scripts: bool, address_of: Callable[[str, str], str], open_tab: Tabs
) -> None:
    tab = open_tab(locale="ko-KR", java_script_enabled=scripts)
    answer = tab.goto(address_of(site, name))
    assert answer is not None
    assert answer.ok
    expect(tab.locator("html")).to_have_attribute("lang", "ko")
    expect(tab.locator("h1")).to_have_count(1)
    menu = tab.locator(".top nav :is(summary, a)").all_text_contents()
    said = [text.strip() for text in [*menu, *tab.locator(SAID).all_inner_texts()]]
    assert [text for text in said if not HANGUL.search(text) and not NAMES.match(text)] == []
    if scripts:
        return
    shown = tab.locator(CONTENT[name]).first
    expect(shown).to_be_visible()
    if CONTENT[name].endswith("img"):
        shown.scroll_into_view_if_needed()
        expect(shown).to_have_js_property("complete", True)
        assert shown.evaluate("image => image.naturalWidth") > 0


def test_a_reader_changes_to_korean_and_stays(reader: Reader) -> None:
    tab = reader.tab
    reader.open("/")
    reader.activate(tab.locator(".own summary"))
    reader.activate(tab.get_by_role("button", name="한국어"))
    expect(tab.locator("html")).to_have_attribute("lang", "ko")
    reader.menu("타임라인")
    expect(tab.locator("html")).to_have_attribute("lang", "ko")
    expect(tab.locator("h1")).to_have_text(HANGUL)
