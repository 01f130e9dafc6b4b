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
    tab.locator("details.menu > summary").first.click()
    link.focus()
    tab.keyboard.press("?")
    dialog = tab.get_by_role("dialog", name="Keys of this page")
    assert "Timeline" in dialog.inner_text()
    tab.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert tab.evaluate("document.activeElement.textContent") == "Timeline"


def test_the_menus_and_the_search_are_led_through_by_keys(served, tab):
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(f"{served}/?lang=en")
    focused = "document.activeElement.textContent"
    look, measure = (tab.locator("details.menu > summary").nth(i) for i in (0, 1))
    look.focus()
    tab.keyboard.press("ArrowDown")
    assert tab.evaluate(focused) == "Start"
    tab.keyboard.press("ArrowUp")
    assert tab.evaluate(focused) == "Figures"
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate(focused) == "Measure"
    assert tab.locator("details.menu[open]").count() == 1
    tab.keyboard.press("End")
    assert tab.evaluate(focused) == "Method"
    tab.keyboard.press("Escape")
    assert tab.evaluate(focused) == "Measure"
    assert tab.locator("details.menu[open]").count() == 0
    measure.click()
    tab.mouse.click(200, 800)
    assert tab.locator("details.menu[open]").count() == 0
    tab.keyboard.press("/")
    field = tab.get_by_role("combobox", name="Search")
    field.press_sequentially("intervals")
    option = tab.get_by_role("option", name="Intervals")
    option.wait_for()
    tab.keyboard.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == option.get_attribute("id")
    with tab.expect_navigation(url=f"{served}/method#intervals"):
        tab.keyboard.press("Enter")
    tab.get_by_role("link", name="Search").click()
    field.press_sequentially("no such thing")
    tab.get_by_text("Nothing was found.").wait_for()
    tab.keyboard.press("Escape")
    assert not field.is_visible()
    assert tab.evaluate(f"{focused}.trim()") == "Search"


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
