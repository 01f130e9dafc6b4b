"""Page reviews over HTTP."""

from sqlalchemy import select

from presslens.app.db.tables import PageRow


def first_page(home):
    with home.database.read() as session:
        return f"/api/v1/pages/{session.scalar(select(PageRow.id).order_by(PageRow.number))}"


def test_a_page_is_reviewed_read_and_the_review_withdrawn(client, home, put, scans, worker):
    put(scans)
    worker.drain()
    page = first_page(home)
    found = client.get(f"{page}/reviews").json()["found"]
    given = {
        "coder": "A",
        "checked": True,
        "marks": [{"box": [0.7, 0.7, 0.9, 0.9], "photos": 1}],
    }
    answer = client.post(f"{page}/reviews", json=given)
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{page}/reviews")
    assert answer.json()["photos"] == found + 1
    review = answer.json()["reviews"][0]
    assert review["marks"] == [{"box": [0.7, 0.7, 0.9, 0.9], "photos": 1, "boxes": None}]
    assert client.delete(f"/api/v1/page-reviews/{review['id']}").status_code == 204
    assert client.get(f"{page}/reviews").json()["photos"] is None
