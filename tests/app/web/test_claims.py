"""The pages of claims: the list, one claim, and rules that are tried out."""

from ..answers import csv_rows
from .conftest import shown

API = "/api/v1/claims"
CLAIM = {
    "statement": "Three pages with many photos.", "rule": "pages = 3 and photos > 2",
    "publication": "Rodong Sinmun", "from": "2019-12-16", "to": "2019-12-16",
    "source": "a reader", "key": "three-pages",
}  # fmt: skip
TEST = {name: CLAIM[name] for name in ("rule", "publication", "from", "to")}


def kept(client, **changes) -> int:
    return client.post(API, json={**CLAIM, **changes}).json()["id"]


def test_a_claim_shows_its_verdict_and_what_it_rests_on(client, edition):
    claim = kept(client, rule="share(people) > 0")
    page = shown(client, f"/claims/{claim}")
    verdict = client.get(f"{API}/{claim}/verdict").json()
    assert "Measured on 16 December 2019, people: " in page
    assert "Three pages with many photos (Rodong Sinmun, 16 December 2019)" in page
    (evidence,) = verdict["evidence"]
    for photo in evidence["photos"]:
        assert f'href="/photos/{photo["id"]}"' in page
    assert client.get(f"/claims/{claim}.json").json()["verdict"] == verdict["verdict"]
    row = csv_rows(client.get(f"/claims/{claim}.csv"))[0]
    assert row["comparison"] == "share(people) > 0"
    assert float(row["left_low"]) <= float(row["left"]) <= float(row["left_high"])


def test_opening_a_frozen_claim_logs_no_look_and_tells_nothing_new(client, worker, upload, scans):
    claim = kept(client)
    client.post(f"{API}/{claim}/freeze")
    nothing = "No edition of Rodong Sinmun of these days is at hand"
    assert nothing in shown(client, f"/claims/{claim}")
    upload(scans)
    worker.drain()
    for _ in range(2):
        page = shown(client, f"/claims/{claim}")
        assert "Nobody has looked at the verdict since it was frozen" in page
        assert "Measured on" not in page
        assert client.get(f"/claims/{claim}.json").json()["verdict"] is None
        assert "Open it to look" in shown(client, "/claims")
    assert client.get(f"/claims/{claim}.json").json()["looks_count"] == 0

    assert client.post(f"/claims/{claim}/look").status_code == 200  # the page, by a redirect
    for _ in range(2):
        document = client.get(f"/claims/{claim}.json").json()
        assert document["looks_count"] == 1
        assert document["verdict"] in ("true", "undecided")

    upload(scans, day="2019-12-17")
    wider = kept(client, to="2019-12-17", key="two-days")
    client.post(f"{API}/{wider}/freeze")
    assert client.get(f"/claims/{wider}.json").json()["verdict"] is None


def test_the_list_is_filtered_and_has_twins(client, edition):
    kept(client)
    kept(client, key="no-photo", rule="photos = 0", statement="No photo at all.")
    few = client.get("/claims.json", params={"text": "photo at ALL", "from": "", "state": ""})
    assert [one["key"] for one in few.json()["claims"]] == ["no-photo"]
    assert few.json()["claims"][0]["verdict"] == "false"
    rows = csv_rows(client.get("/claims.csv?state=false"))
    assert [row["key"] for row in rows] == ["no-photo"]
    page = shown(client, "/claims?source=a+reader")
    assert page.index("No photo at all.") < page.index("</table>")
    together = shown(client, "/claims?source=a+reader&family=holm")
    assert "of all 2 claims together" in together
    late = kept(client, **{"from": "2031-01-01", "to": "2031-01-01", "key": "late"})
    listed = client.get("/claims.json", params={"state": "undecided"}).json()["claims"]
    assert late in [one["id"] for one in listed]
    assert CLAIM["statement"] in shown(client, "/claims", state="undecided")


ELSEWHERE = {"publication": "Kathimerini", "statement": "It was elsewhere.", "key": "elsewhere"}


def test_claims_about_newspapers_that_are_not_held_are_folded_at_the_end(client, edition):
    kept(client, **ELSEWHERE)
    kept(client)
    page = shown(client, "/claims")
    assert "Write the first" not in page
    folded = page.index("of which this archive has no edition (")
    assert page.index(CLAIM["statement"]) < folded < page.index(ELSEWHERE["statement"])


def test_an_archive_with_claims_of_others_alone_says_how_to_write_the_first(client):
    kept(client, **ELSEWHERE)
    page = shown(client, "/claims")
    assert "Write the first" in page
    folded = page.index("has no edition (")
    assert folded < page.index(ELSEWHERE["statement"])
    assert "<details open>" not in page[:folded]


def test_a_rule_is_tried_at_an_address_and_not_kept(client, edition):
    page = shown(client, "/claims/test", **TEST)
    assert "/claims/new?rule=pages+%3D+3+and+photos+%3E+2&amp;publication=Rodong+Sinmun" in page
    document = client.get("/claims/test.json", params=TEST).json()
    assert [one["left"]["value"] for one in document["comparisons"]] == [3, 3]
    assert "three-pages" not in client.get(f"{API}.csv").text
    wrong = shown(client, "/claims/test", 422, **{**TEST, "rule": "pages > photoss"})
    assert "pages &gt; <mark>photoss</mark>" in wrong
    assert "did you mean" in wrong
    assert client.get("/claims/test.json", params={**TEST, "rule": "pages >"}).status_code == 422
    end = client.get("/claims/check", params={"rule": "pages >"}).text
    assert "At column 8" in end
    assert "<mark> </mark>" in end
    page = shown(client, "/claims/test", 422, **TEST, estimand="practice")
    assert 'role="alert"' in page


def test_typing_a_rule_says_what_it_means_and_offers_words(served, tab):
    tab.goto(f"{served}/claims/test")
    field = tab.get_by_label("Rule", exact=True)
    field.press_sequentially("share(chi")
    tab.locator("#suggestions button").get_by_text("share(children)", exact=True).click()
    field.press_sequentially(" > photoss")
    tab.locator("#rule-check mark", has_text="photoss").wait_for()
    assert field.get_attribute("aria-invalid") == "true"
    field.fill("share(children) > 12 %")
    tab.get_by_text("This rule can be read.").wait_for()
    assert "looks under about 13" in tab.locator("#rule-check").inner_text()


def test_a_claim_is_kept_changed_frozen_and_removed_on_pages(client, edition):
    fields = {**CLAIM, "note": "", "key": "on-page"}
    kept_at = client.post("/claims/new", data=fields)
    page = kept_at.text
    assert CLAIM["statement"] in page
    claim = int(kept_at.url.path.rpartition("/")[2])
    assert client.post("/claims/new", data=fields).status_code == 422  # the key is taken
    wrong = client.post("/claims/new", data={**fields, "rule": "pages > photoss", "key": ""})
    assert wrong.status_code == 422
    assert "pages &gt; <mark>photoss</mark>" in wrong.text
    assert (
        client.post("/claims/new", data={**fields, "statement": "", "key": "x"}).status_code == 422
    )

    form = shown(client, "/claims/new", of=claim)
    assert 'value="a reader"' in form
    second = client.post("/claims/new", data={**fields, "of": claim, "rule": "photos > 2"})
    latest = int(second.url.path.rpartition("/")[2])
    assert client.get(f"{API}/{latest}").json()["version"] == 2
    other = kept(client, key="other-page")
    family = shown(client, "/claims", family="holm", key=["on-page", "other-page"])
    assert "of all 2 claims together" in family
    assert "2 claims that were chosen." in family

    frozen = client.post(f"/claims/{latest}/freeze", data={"level": "0.01"}).text
    assert client.get(f"{API}/{latest}").json()["frozen_sha256"] in frozen
    assert "Freeze the claim" not in frozen
    assert "Remove the claim" not in frozen
    assert client.post(f"/claims/{latest}/remove").status_code == 409
    assert "Remove the claim" in shown(client, f"/claims/{other}")
    assert client.post(f"/claims/{other}/remove").url.path == "/claims"
    changes = shown(client, "/edits")
    for words in ("claim added: ", "frozen: ", "removed: "):
        assert words + CLAIM["statement"] in changes
