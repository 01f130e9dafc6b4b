"""Readers get errors as pages, programs as problem details."""


def test_who_asks_decides(client):
    page, problem = "text/html; charset=utf-8", "application/problem+json"
    for path, accept, kind in (
        ("/nothing", "text/html,*/*", page), ("/nothing", "*/*", problem),
        ("/nothing.json", "text/html", problem), ("/api/v1/editions/99", "text/html", problem),
    ):  # fmt: skip
        answer = client.get(path, headers={"accept": accept})
        assert answer.status_code == 404
        assert answer.headers["content-type"] == kind


def test_an_error_is_in_the_language_of_the_reader_or_the_address(client):
    html = {"accept": "text/html"}
    spoken = client.get("/nothing", headers={**html, "accept-language": "ko"})
    named = client.get("/editions/999?lang=ko", headers=html)
    assert all('<html lang="ko">' in answer.text for answer in (spoken, named))
