"""What people do to editions and pages over HTTP: upload modes, trash, changes, undoing."""

ROOT = "/api/v1"


def test_a_second_upload_of_a_day_asks(client, upload, edition, worker, make):
    asked = upload({"page_4.png": make(tint=9)})
    assert asked.status_code == 409
    problem = asked.json()
    modes = [(choice["mode"], choice["edition"]) for choice in problem["choices"]]
    assert problem["incoming"]["photos"] is None
    assert modes == [("add", edition), ("replace", edition), ("separate", edition)]
    assert problem["editions"][0]["pages"] == 3
    form = {"publication": "Rodong Sinmun", "date": "2019-12-16"}
    files = [("files", ("page_4.png", make(tint=9)))]
    korean = {"accept-language": "ko"}
    said = client.post(f"{ROOT}/editions", data=form, files=files, headers=korean)
    assert said.headers["content-language"] == "ko"
    assert "Accept-Language" in said.headers["vary"].split(", ")
    choices = said.json()["choices"]
    assert choices[2]["detail"] == "둘 다 이날의 호로 셉니다."
    assert [one["mode"] for one in choices] == ["add", "replace", "separate"]
    assert "이미" in said.json()["detail"]
    added = upload({"page_4.png": make(tint=9)}, mode="add", coder="A").json()
    assert (added["id"], added["created"], added["added"]) == (edition, False, 1)
    worker.drain()
    assert client.get(f"{ROOT}/editions/{edition}").json()["pages"] == 4
    edit = client.get(f"{ROOT}/edits/{added['edit']}").json()
    assert (edit["coder"], edit["action"], edit["edition"]) == ("A", "add pages", edition)
    assert edit["text"] == "added 1 file to the edition of 2019-12-16"
    undone = client.post(f"{ROOT}/edits/{added['edit']}/undo", json={"coder": "B"})
    assert undone.json()["undone_by"] == "B"
    assert client.get(f"{ROOT}/editions/{edition}/composition").json()["pages"] == 3
    assert upload({"page_4.png": make(tint=9)}, mode="other").status_code == 422
    assert upload({"page_4.png": make(tint=9)}, publication=" ").status_code == 422


def test_a_deleted_edition_is_gone_until_it_is_restored(client, edition):
    before = client.get(f"{ROOT}/stats?metric=photos&by=none").json()
    deleted = client.delete(f"{ROOT}/editions/{edition}?coder=A")
    assert (deleted.status_code, deleted.content) == (204, b"")
    gone = client.get(f"{ROOT}/editions/{edition}")
    assert gone.status_code == 410
    assert gone.json()["deleted_by"] == "A"
    assert gone.json()["restore"] == f"{ROOT}/editions/{edition}/restore"
    assert client.get(f"{ROOT}/editions").json()["editions"] == []
    assert client.get(f"{ROOT}/photos").json()["photos"] == []
    trash = client.get(f"{ROOT}/editions?deleted=true").json()["editions"]
    assert [(one["id"], one["pages"], one["deleted_by"]) for one in trash] == [(edition, 3, "A")]
    table = client.get(f"{ROOT}/editions.csv?deleted=true").text.splitlines()
    assert table[0].startswith("id,publication,date,issue,pages,deleted_at,deleted_by")
    assert len(table) == 2
    assert client.get(f"{ROOT}/stats?metric=photos&by=none").json() != before
    assert client.delete(f"{ROOT}/editions/{edition}").status_code == 410
    restored = client.post(gone.json()["restore"]).json()
    assert (restored["id"], restored["status"]) == (edition, "done")
    assert client.get(f"{ROOT}/stats?metric=photos&by=none").json() == before
    undone = client.post(f"{ROOT}/edits/{deleted.headers['presslens-edit']}/undo")
    assert undone.status_code == 409, "it was restored meanwhile"
    assert client.post(f"{ROOT}/editions/{edition}/restore").status_code == 404


def test_an_edition_and_its_pages_change(client, upload, edition, make):
    changed = client.patch(
        f"{ROOT}/editions/{edition}", json={"date": "2019-12-18", "pages_expected": 4, "coder": "A"}
    ).json()
    assert (changed["date"], changed["pages_expected"]) == ("2019-12-18", 4)
    assert client.get(f"{ROOT}/editions/{edition}/composition").json()["pages"] == 4
    client.post(f"{ROOT}/edits/{changed['edit']}/undo")
    assert client.get(f"{ROOT}/editions/{edition}").json()["date"] == "2019-12-16"
    other = upload({"page_1.png": make(tint=9)}, day="2019-12-18").json()["id"]
    asked = client.patch(f"{ROOT}/editions/{edition}", json={"date": "2019-12-18"})
    assert asked.status_code == 409
    assert [choice["mode"] for choice in asked.json()["choices"]] == ["replace", "separate"]
    pages = client.get(f"{ROOT}/editions/{edition}").json()["page_list"]
    moved = client.patch(
        f"{ROOT}/pages/{pages[2]['id']}", json={"edition": other, "number": 8}
    ).json()
    assert (moved["edition"], moved["number"]) == (other, 8)
    assert client.patch(f"{ROOT}/pages/{pages[1]['id']}", json={"number": 1}).status_code == 409
    removed = client.delete(f"{ROOT}/pages/{pages[1]['id']}")
    assert (removed.status_code, client.get(pages[1]["address"]).status_code) == (204, 404)
    client.post(f"{ROOT}/edits/{removed.headers['presslens-edit']}/undo")
    assert client.get(pages[1]["address"]).json()["number"] == 2
    page = client.post(
        f"{ROOT}/pages/{pages[0]['id']}/scan",
        files={"file": ("new.png", make(tint=3))},
        data={"coder": "A"},
    )
    assert (page.status_code, page.json()["outcome"], page.json()["number"]) == (202, "queued", 1)
    assert page.json()["source"] == "new.png"
