"""More photos like one, and a contact sheet of a choice for print."""

import re

from playwright.sync_api import expect

from .conftest import Reader


def test_photos_alike_are_found_and_a_sheet_is_printed(
    reader: Reader, addresses: dict[str, str]
) -> None:
    tab = reader.tab
    reader.open(addresses["photo"])
    reader.activate(tab.get_by_role("link", name="More like this"))
    expect(tab.get_by_role("heading", level=1)).to_have_text("More like this photo")
    captions = tab.locator(".captioned figcaption").all_inner_texts()
    alike = [float(re.search(r"\b[01]\.?\d*\b", text)[0]) for text in captions]
    assert alike == sorted(alike, reverse=True)
    assert len(alike) >= 12
    reader.open("/gallery?subject=fireworks")
    shown = tab.locator(".lede").inner_text()
    reader.activate(tab.get_by_role("link", name="Contact sheet to print"))
    expect(tab.get_by_role("heading", level=1)).to_have_text("Contact sheet")
    expect(tab.locator("main")).to_contain_text(f"/ {shown.split()[0]}")
    tab.evaluate("window.print = () => { document.body.dataset.printed = 'yes'; }")
    reader.activate(tab.get_by_role("button", name="Print"))
    assert tab.evaluate("document.body.dataset.printed") == "yes"
    tab.emulate_media(media="print")
    expect(tab.locator(".sheet img").first).to_be_visible()
    for outside in ("header.top nav", "footer.bottom form", "main form"):
        expect(tab.locator(outside).first).to_be_hidden()
    ground = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
    assert tab.pdf()[:5] == b"%PDF-"
