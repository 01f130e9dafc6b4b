"""A page, its twins, and what happens to a page that fails halfway."""

HTML = {"accept": "text/html"}


def test_an_address_is_a_page_and_its_data(client, worker, scans, put):
    put(scans)
    page = client.get("/", headers=HTML)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert 'href="/start.json"' in page.text
    assert client.get("/start.json").json()["editions"][0]["publication"] == "Rodong Sinmun"
    assert "Rodong Sinmun" in client.get("/start.csv").text.splitlines()[1]


def test_pages_obey_a_policy_without_exceptions(client):
    policy = client.get("/", headers=HTML).headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy


def test_a_page_that_fails_halfway_is_an_error(client, worker, scans, put, monkeypatch):
    put(scans)
    worker.drain()

    def fail(*_args, **_options):
        raise ValueError("no such thing")

    monkeypatch.setattr("presslens.app.web.edition_view.EditionView.baseline", property(fail))
    page = client.get("/editions/1", headers=HTML)
    assert page.status_code == 500
    assert "Something went wrong here" in page.text
    assert page.text.rstrip().endswith("</html>")


def test_a_misspelt_parameter_is_an_error_as_a_page(client):
    answer = client.get("/?langauge=ko", headers=HTML)
    assert answer.status_code == 422
    assert "there is no such parameter" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


def test_empty_fields_of_a_form_are_fields_that_are_not_there(client):
    asked = client.get("/claims.json?publication=&from=&state=&text=nobody+said+this")
    assert asked.status_code == 200
    assert asked.json()["claims"] == []
    assert client.get("/claims.json?from=yesterday").status_code == 422
    assert client.get("/claims.json?fromm=2025-01-01").status_code == 422


def test_the_twins_of_a_page_answer_head(client):
    for address in ("/start.json", "/start.csv", "/timeline.csv"):
        answer = client.head(address)
        assert (answer.status_code, answer.content) == (200, b"")
