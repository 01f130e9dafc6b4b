"""Keys of every page, in Chromium."""


def test_two_keys_lead_to_another_page_and_none_while_somebody_types(served, tab):
    tab.goto(f"{served}/?lang=en")
    tab.keyboard.press("g")
    with tab.expect_navigation(url=f"{served}/"):
        tab.keyboard.press("s")
    tab.evaluate("document.querySelector('main').append(document.createElement('input'))")
    tab.locator("main input").focus()
    tab.keyboard.type("?gs")
    assert tab.locator("main input").input_value() == "?gs"
    assert tab.locator("dialog[open]").count() == 0


def test_the_keys_are_listed_and_the_focus_comes_back(served, tab):
    tab.goto(f"{served}/")
    link = tab.get_by_role("link", name="Timeline")
    link.focus()
    tab.keyboard.press("?")
    dialog = tab.get_by_role("dialog", name="Keys of this page")
    assert "Timeline" in dialog.inner_text()
    tab.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert tab.evaluate("document.activeElement.textContent") == "Timeline"


def test_text_with_a_script_can_not_become_part_of_a_page(served, tab):
    tab.goto(f"{served}/")
    tab.wait_for_function("window.trustedTypes.defaultPolicy !== null")
    attempts = {
        "<b>bold</b>": "ok",
        "<img src=x onerror=alert(1)>": "refused",
        "<template><script>alert(1)</script></template>": "refused",
        "<a href='javascript:alert(1)'>x</a>": "refused",
        "<p style='color:red'>x</p>": "refused",
    }
    attempt = """text => { try { document.createElement('div').innerHTML = text; return 'ok'; }
                 catch { return 'refused'; } }"""
    assert {text: tab.evaluate(attempt, text) for text in attempts} == attempts
