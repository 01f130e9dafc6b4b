"""Bodies hold the types that the description names, and nothing like them."""

API = "/api/v1"


def test_another_type_is_refused(client, subtests):
    for where, body, field in (
        ("PATCH editions/1", {"date": 0}, "date"),
        ("PATCH editions/1", {"pages_expected": "4"}, "pages_expected"),
        ("PATCH editions/1", {"edition": True}, "edition"),
        ("POST claims/1/freeze", {"recipe": 0}, "recipe"),
        ("POST samples/1/answers", {"coder": "A", "answers": [], "as_one": 1}, "as_one"),
        ("POST photos/reviews", {"coder": "A", "expected": 1, "answers": {"people": 1}},
         "answers.people"),
        ("POST samples", {"width": "0.1"}, "width"),
        ("POST figures", {"name": "Kim", "role": 1}, "role"),
        ("POST pages/1/photos", {"box": [0, 0, "9", 9]}, "box.2"),
    ):  # fmt: skip
        with subtests.test(f"{where} {field}"):
            method, path = where.split()
            answer = client.request(method, f"{API}/{path}", json=body)
            assert answer.status_code == 422
            assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_what_is_written_as_described_is_read(client):
    figure = client.post(f"{API}/figures", json={"name": "Kim", "role": "official"})
    assert figure.json()["role"] == "official"
    event = {"date": "2019-12-16", "title": "Opening", "leader_attended": False}
    assert client.post(f"{API}/events", json=event).json()["date"] == "2019-12-16"
    header = {"content-type": "application/json"}
    for number in ("2", "2.0", "2e0"):  # a whole number is one however it is written
        body = f'{{"items": {number}, "width": null}}'
        answer = client.post(f"{API}/samples/99/extend", content=body, headers=header)
        assert answer.status_code == 404, number
    assert client.post(f"{API}/samples/99/extend", json={"items": 2.5}).status_code == 422
