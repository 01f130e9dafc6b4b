"""Choices of language and look stay, and lead nowhere else."""

from presslens.app.web.preferences import own_path


def test_a_choice_stays(client):
    form = {"back": "/start?x=1", "language": "ko", "theme": "dark"}
    answer = client.post("/preferences", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/start?x=1")
    page = client.get("/", headers={"accept": "text/html"}).text
    assert '<html lang="ko" data-theme="dark">' in page


def test_another_site_can_not_choose(client):
    answer = client.post(
        "/preferences", data={"language": "ko"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403


def test_nobody_is_sent_elsewhere():
    for address, path in (
        ("/gallery?subject=children&lang=ko", "/gallery?subject=children"),
        ("/gallery?lang=ko", "/gallery"), ("//elsewhere.example/", "/"),
        ("https://elsewhere.example/", "/"), ("/\\elsewhere.example", "/"),
    ):  # fmt: skip
        assert own_path(address) == path
