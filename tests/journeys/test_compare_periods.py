"""Compare two periods of a newspaper: what differs, how surely, and by which photos."""

from playwright.sync_api import expect

from .conftest import Reader


def test_two_periods_are_compared_and_a_value_leads_to_its_photos(reader: Reader) -> None:
    tab = reader.tab
    reader.open("/compare")
    for side, first, last in [("A", "2025-12-17", "2025-12-31"), ("B", "2025-11-24", "2025-12-16")]:
        fields = tab.get_by_role("group", name=side, exact=False).nth(0 if side == "A" else 1)
        fields = tab.locator(f"fieldset:has(#{side.lower()}_from)")
        reader.choose(fields.get_by_label("Newspaper"), "Sample Daily")
        reader.date(fields.get_by_label("From", exact=True), first)
        reader.date(fields.get_by_label("To", exact=True), last)
    reader.activate(tab.get_by_role("button", name="Compare"))
    tab.wait_for_url("**a_from=2025-12-17**b_to=2025-12-16**")
    expect(tab.locator("h1")).to_contain_text("compared with")
    shares = tab.get_by_role("region", name="Differences of shares")
    row = shares.get_by_role("row").filter(has_text="leader")
    value = row.locator("td.number a").first
    words = row.locator("td[data-head='A minus B']")
    expect(words).to_contain_text("points (")  # a difference with its interval
    assert row.locator("td.verdict").inner_text()
    asked = value.get_attribute("href")
    reader.activate(value)
    tab.wait_for_url(f"**{asked}")
    expect(tab.locator(".chosen")).to_contain_text("17 Dec 2025 – 31 Dec 2025")
    assert tab.locator("a.tile").count() > 0
    tab.go_back()
    reader.activate(row.get_by_role("link", name="Ask whether this difference holds"))
    question = tab.get_by_role("region", name="the mean of the editions from 24 November 2025")
    expect(question.get_by_role("button", name="Ask", exact=True)).to_be_visible()
