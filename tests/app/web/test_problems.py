"""Readers get errors as pages, programs as problem details."""

import pytest


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("/nothing", "text/html,*/*", "text/html; charset=utf-8"),
        ("/nothing", "*/*", "application/problem+json"),
        ("/nothing.json", "text/html", "application/problem+json"),
        ("/api/v1/editions/99", "text/html", "application/problem+json"),
    ],
)
def test_who_asks_decides(client, path, accept, kind):
    answer = client.get(path, headers={"accept": accept})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == kind


def test_an_error_is_in_the_readers_language(client):
    headers = {"accept": "text/html", "accept-language": "ko"}
    assert '<html lang="ko">' in client.get("/nothing", headers=headers).text


def test_an_error_speaks_the_language_that_the_address_names(client):
    page = client.get("/editions/999?lang=ko", headers={"accept": "text/html"}).text
    assert '<html lang="ko"' in page
