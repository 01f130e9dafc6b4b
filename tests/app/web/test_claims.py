"""The pages of claims: the list, one claim, and rules that are tried out."""

from ..conftest import csv_rows

HTML = {"accept": "text/html"}
API = "/api/v1/claims"
CLAIM = {
    "statement": "Three pages with many photos.", "rule": "pages = 3 and photos > 2",
    "publication": "Rodong Sinmun", "from": "2019-12-16", "to": "2019-12-16",
    "source": "a reader", "key": "three-pages",
}  # fmt: skip
TEST = {name: CLAIM[name] for name in ("rule", "publication", "from", "to")}


def kept(client, **changes) -> int:
    return client.post(API, json={**CLAIM, **changes}).json()["id"]


def test_a_claim_shows_its_verdict_and_what_it_rests_on(client, worker, upload, scans):
    claim = kept(client, rule="share(people) > 0")
    upload(scans)
    worker.drain()
    page = client.get(f"/claims/{claim}", headers=HTML).text
    verdict = client.get(f"{API}/{claim}/verdict").json()
    assert "cut off" not in page
    assert "Measured on 16 December 2019, people: " in page
    (evidence,) = verdict["evidence"]
    for photo in evidence["photos"]:
        assert f'href="/photos/{photo["id"]}"' in page
    assert client.get(f"/claims/{claim}.json").json()["verdict"] == verdict["verdict"]
    rows = csv_rows(client.get(f"/claims/{claim}.csv"))
    assert rows[0]["comparison"] == "share(people) > 0"
    assert float(rows[0]["left_low"]) <= float(rows[0]["left"]) <= float(rows[0]["left_high"])


def test_opening_a_frozen_claim_logs_no_look_and_tells_nothing_new(client, worker, upload, scans):
    claim = kept(client)
    client.post(f"{API}/{claim}/freeze")
    upload(scans)
    worker.drain()
    for _ in range(2):
        page = client.get(f"/claims/{claim}", headers=HTML).text
        assert "Nobody has looked at the verdict since it was frozen" in page
        assert "Measured" not in page
        assert client.get(f"/claims/{claim}.json").json()["verdict"] is None
        assert "Open it to look" in client.get("/claims", headers=HTML).text
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


def test_a_frozen_claim_of_days_without_scans_shows_that_nothing_is_known(client):
    claim = kept(client)
    client.post(f"{API}/{claim}/freeze")
    page = client.get(f"/claims/{claim}", headers=HTML).text
    assert "No edition of Rodong Sinmun of these days is at hand" in page
    assert client.get(f"/claims/{claim}.json").json()["looks_count"] == 0


def test_the_list_is_filtered_and_has_twins(client, worker, upload, scans):
    kept(client)
    kept(client, key="no-photo", rule="photos = 0", statement="No photo at all.")
    upload(scans)
    worker.drain()
    few = client.get("/claims.json", params={"text": "photo at ALL", "from": "", "state": ""})
    assert [one["key"] for one in few.json()["claims"]] == ["no-photo"]
    assert few.json()["claims"][0]["verdict"] == "false"
    rows = csv_rows(client.get("/claims.csv?state=false"))
    assert [row["key"] for row in rows] == ["no-photo"]
    page = client.get("/claims?source=a+reader", headers=HTML).text
    assert page.index("No photo at all.") < page.index("</table>")
    together = client.get("/claims?source=a+reader&family=holm", headers=HTML).text
    assert "of all 2 claims together" in together


def test_a_rule_is_tried_at_an_address_and_not_kept(client, worker, upload, scans):
    upload(scans)
    worker.drain()
    page = client.get("/claims/test", params=TEST, headers=HTML)
    assert page.status_code == 200
    assert "presslens claims add" in page.text
    document = client.get("/claims/test.json", params=TEST).json()
    assert [one["left"]["value"] for one in document["comparisons"]] == [3, 3]
    assert "three-pages" not in client.get(f"{API}.csv").text


def test_a_rule_that_cannot_be_read_is_marked_where_it_is_wrong(client):
    wrong = client.get("/claims/test", params={**TEST, "rule": "pages > photoss"}, headers=HTML)
    assert wrong.status_code == 422
    assert "pages &gt; <mark>photoss</mark>" in wrong.text
    assert "did you mean" in wrong.text
    assert client.get("/claims/test.json", params={**TEST, "rule": "pages >"}).status_code == 422
    end = client.get("/claims/check", params={"rule": "pages >"}).text
    assert "At column 8" in end
    assert "<mark> </mark>" in end


def test_a_practice_that_no_rule_is_about_says_why(client):
    page = client.get("/claims/test", params={**TEST, "estimand": "practice"}, headers=HTML)
    assert page.status_code == 422
    assert 'role="alert"' in page.text


def test_typing_a_rule_says_what_it_means_and_offers_words(served, tab):
    tab.goto(f"{served}/claims/test")
    field = tab.get_by_label("Rule", exact=True)
    field.press_sequentially("share(chi")
    tab.locator("#suggestions button").get_by_text("share(children)", exact=True).click()
    field.press_sequentially(" > photoss")
    tab.locator("#rule-check mark", has_text="photoss").wait_for(timeout=5000)
    assert field.get_attribute("aria-invalid") == "true"
    field.fill("share(children) > 12 %")
    tab.get_by_text("This rule can be read.").wait_for()
    assert "looks under about 13" in tab.locator("#rule-check").inner_text()


def test_undecided_claims_of_days_without_editions_are_on_the_page_as_in_its_data(client):
    claim = kept(client, **{"from": "2031-01-01", "to": "2031-01-01"})
    listed = client.get("/claims.json", params={"state": "undecided"}).json()["claims"]
    assert claim in [one["id"] for one in listed]
    assert CLAIM["statement"] in client.get("/claims", params={"state": "undecided"}).text
