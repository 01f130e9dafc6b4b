"""The page that takes in an edition, in a real browser: what is no scan is never sent."""

from playwright.sync_api import expect


def choose(tab, *files):
    given = [{"name": name, "mimeType": "", "buffer": data} for name, data in files]
    tab.locator("#files").set_input_files(given)


def test_files_that_are_no_scans_are_named_and_the_others_sent(served, client, tab, make):
    tab.goto(f"{served}/upload")
    tab.locator(".live").wait_for()
    choose(tab, ("note.txt", b"nothing but text"), ("none.png", b""), ("page_1.png", make()))
    expect(tab.locator("#sheets > li")).to_have_count(1)
    refused = tab.locator("#not-taken li")
    expect(refused).to_have_count(2)
    expect(refused.first).to_contain_text("none.png is empty.")
    expect(refused.last).to_contain_text("note.txt is not a JPEG, PNG")
    tab.locator("#publication").fill("Weekly Herald")
    tab.locator("#date").fill("2019-12-16")
    tab.locator("#profile summary").click()
    tab.locator("#languages").fill("fa, English")
    tab.locator("#kind").select_option("state")
    tab.locator("#send").click()
    dialog = tab.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("Ann")
    dialog.get_by_role("button", name="Continue").click()
    expect(tab.locator("#following .said")).to_contain_text("Stored")
    expect(tab.locator("#following .notes")).to_contain_text(
        "Weekly Herald: written in Persian, English"
    )
    [edition] = client.get("/api/v1/editions").json()["editions"]
    assert edition["publication"] == "Weekly Herald"
    asked = {"publication": "Weekly Herald"}
    [paper] = client.get("/api/v1/publications", params=asked).json()["publications"]
    assert (paper["languages"], paper["kind"], paper["country"]) == (["fa", "en"], "state", None)
    tab.goto(f"{served}/upload")
    tab.locator("#publication").fill("Weekly Herald")
    expect(tab.locator("#profile")).to_be_hidden()  # it is no new one any more
    expect(tab.locator("#known")).to_contain_text("stand on its page")


def test_an_upload_of_which_nothing_can_be_read_is_deleted_where_it_is_followed(
    served, home, client, tab, worker
):
    tab.goto(f"{served}/upload")
    tab.locator(".live").wait_for()
    choose(tab, ("fake.jpg", b"\xff\xd8\xff\xe0 broken"))
    expect(tab.locator("#sheets > li")).to_have_count(1)
    tab.locator("#publication").fill("Weekly Herald")
    tab.locator("#date").fill("2019-12-16")
    tab.locator("#send").click()
    dialog = tab.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("Ann")
    dialog.get_by_role("button", name="Continue").click()
    expect(tab.locator("#following .said")).to_contain_text("Stored")
    expect(tab.locator("#following .nobody")).to_contain_text("No worker runs")
    worker.drain()
    remove = tab.get_by_role("button", name="Delete this edition")
    expect(remove).to_be_visible()
    expect(tab.locator("#following .nobody")).to_be_hidden()
    remove.click()
    expect(tab.locator("#messages")).to_contain_text("The edition is in the trash.")
    expect(tab.locator("#upload")).to_be_visible()
    assert client.get("/api/v1/editions").json()["editions"] == []
    papers = client.get("/api/v1/publications").json()["publications"]
    assert "Weekly Herald" not in [one["name"] for one in papers]


def test_a_folder_of_editions_is_shown_corrected_and_sent_one_by_one(
    served, client, tab, make, tmp_path
):
    folder = tmp_path / "scans"
    for place in ("Herald_2019-12-16/page_1.png", "Herald/2019-12-17/1.png", "other/1.png"):
        scan = folder / place
        scan.parent.mkdir(parents=True)
        scan.write_bytes(make(tint=len(place)))
    (folder / "notes.txt").write_text("nothing but text")
    tab.goto(f"{served}/upload")
    tab.locator(".live").wait_for()
    tab.locator("#folder").set_input_files(folder)
    rows = tab.locator("#many tbody tr")
    expect(rows).to_have_count(3)
    expect(tab.locator("#many .passed")).to_contain_text("no scans, and are not sent: 1")
    send, last = tab.locator("#send-many"), rows.last
    expect(send).to_have_text("Upload 3 editions")
    send.click()  # the last one has no newspaper: nothing is sent
    expect(last.get_by_label("Newspaper")).to_be_focused()
    last.get_by_label("Newspaper").fill("Weekly")
    last.locator("input[type=date]").fill("2019-12-18")
    rows.nth(1).get_by_label("Take").uncheck()
    send.click()
    dialog = tab.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("Ann")
    dialog.get_by_role("button", name="Continue").click()
    expect(tab.locator("#many .said")).to_contain_text("All are stored")
    stored = client.get("/api/v1/editions").json()["editions"]
    assert len(stored) == 2
    assert {one["publication"] for one in stored} > {"Weekly"}
    last.get_by_role("link", name="stored, waiting").click()
    expect(tab.locator("#progress")).to_contain_text("Waiting to be analysed")
    tab.goto(f"{served}/upload")
    tab.locator(".live").wait_for()
    tab.locator("#folder").set_input_files(folder)
    there = tab.locator("#many tbody tr", has=tab.locator("select:not([hidden])"))
    expect(there).to_have_count(1)
    expect(there.get_by_label("Take")).not_to_be_checked()
    expect(there).to_contain_text("the day has an edition")
