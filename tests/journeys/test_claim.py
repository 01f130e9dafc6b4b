"""Test a claim: type its rule, mend it where it can't be read, and open the evidence."""

from playwright.sync_api import expect

from .conftest import Reader


def test_a_rule_is_mended_judged_and_its_evidence_opened(reader: Reader) -> None:
    tab = reader.tab
    reader.open("/claims")
    reader.activate(tab.get_by_role("link", name="Try a rule of your own"))
    rule = tab.get_by_label("Rule", exact=True)
    reader.write(rule, "share(firework) > 5 %")
    expect(tab.locator("#rule-check mark")).to_have_text("firework")
    expect(tab.locator("#rule-check .problem")).to_contain_text("fireworks")
    expect(rule).to_have_attribute("aria-invalid", "true")
    reader.write(rule, "share(fireworks) > 5 %")
    expect(tab.locator("#rule-check .good")).to_be_visible()
    expect(rule).to_have_attribute("aria-invalid", "false")
    reader.choose(tab.locator("#rule-publication"), "Sample Daily")
    reader.date(tab.get_by_label("First day"), "2025-12-16")
    reader.date(tab.get_by_label("Last day"), "2025-12-16")
    reader.activate(tab.get_by_role("button", name="Judge the rule"))
    tab.wait_for_url("**/claims/test?**")
    # The interval of what the machine alone has read reaches over 5 %.
    expect(tab.locator("#verdict-word")).to_have_text("Undecided")
    expect(tab.get_by_role("main")).to_contain_text("more photos of Sample Daily, 16 Dec 2025")
    numbers = tab.get_by_role("region", name="Comparisons").get_by_role("row").nth(1)
    expect(numbers).to_contain_text("16 December 2025")
    reader.activate(tab.locator(".evidence a").first)
    tab.wait_for_url("**/photos/*")
    expect(tab.locator("tr.shown").filter(has_text="fireworks")).to_be_visible()
