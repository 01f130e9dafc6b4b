"""What can't be answered: every error has one status and one shape, and tells nothing.

``told_errors`` holds each answer of the suite to the shape; here stand the addresses and bodies.
"""

import pytest

from presslens.app.api.problem import STATUS, _domain

API = "/api/v1"
LARGE = 2**31
MUCH = "x" * 300
SIXTY = "&metric=photos" * 61
ALIKE = "stats/compare?a_from=2019-01-01&b_to="
READ = {
    404: (
        "nothing", "editions/99", "editions/99/events", "editions/99/composition", "pages/99",
        "pages/99/image", "pages/999/composition", "photos/99", "photos/99/image",
        "photos/999/similar", "photos/99999/reviews", "figures/99", "figures/99/sightings",
        "claims/99999", "claims/99999/verdict", "events/99999", "edits/9",
        "editions/..%2f..%2fetc%2fpasswd", "editions/7/ruler", "editions/7/ruler.csv",
        "editions/7/ruler.jpg", "baseline?edition=99", "exports/iiif?edition=99",
        "exports/nothing", "exports/photos?from=2030-01-01", "publications/99",
        "stats/changes?metric=children&recipe=ffffffff", "samples/1", "samples/1/next",
        "samples/1/items.csv", "photos/buckets/99", "iiif/999/info.json", "iiif/0/info.json",
        "iiif/x/info.json", "iiif/1.0/info.json", "iiif/%2e%2e/info.json",
        f"iiif/{'9' * 30}/info.json", "iiif/1%2F1/info.json",
    ),
    422: (
        "claims?from=1700000000", "claims?key=a%00b", "claims?cursor=nonsense",
        "events?cursor=WyJhIl0=", "editions/0", f"editions/{'9' * 20}", "editions?from=1700000000",
        "editions?publication=a%00b", "editions?limit=0", "editions?cursor=nonsense",
        "photos?subject=cats", "photos?sort=name;drop", "photos?min_probability=2",
        "photos?cursor=WyJhIl0=", "photos?shot_size=wide", "photos?facing=down", "photos?figure=",
        "photos?answer=no", "photos?text=", "photos?text=%20", "photos?text=a%00",
        "photos?text=a%0Ab", f"photos?text={'x' * 256}", "photos?label=indor",
        "photos?sort=probability", "photos.csv?sort=probability", "photos/0/reviews",
        "photos/99999999999999/reviews", "figures/1/sightings?answer=no",
        "baseline", "baseline?edition=0", f"baseline?edition={LARGE}", "baseline?edition=1&n=0",
        "baseline?edition=1&n=1001", "baseline?edition=1&least=1",
        "baseline?edition=1&match=colour", f"baseline?edition=1{'&match=pages' * 3}",
        "baseline?edition=1&metric=nothing", "baseline?edition=1&metric=pages@front",
        "baseline?edition=1&metric=%00", f"baseline?edition=1&metric=label:{MUCH}",
        f"baseline?edition=1{SIXTY}",
        "stats", "stats?metric=nothing", "stats?metric=pages@front", "stats?metric=children@roof",
        "stats?metric=children&weekday=8", "stats?metric=children&from=yesterday",
        "stats?metric=children&by=moon", "stats?metric=children&recipe='+OR+1=1+--",
        f"stats?metric=x{MUCH}", "stats?metric=children&pages=0",
        "stats/changes", "stats/changes?metric=nothing", "stats/changes?metric=children&by=decade",
        "stats/changes?metric=children&from=2025-13-01",
        "stats/changes?metric=children&publication=a%0Ab",
        "stats/changes?metric=children&recipe=';+--",
        "stats/compare", f"{ALIKE}2018-12-31{SIXTY}", f"{ALIKE}2018-12-31&correction=none",
        f"{ALIKE}2019-12-31", f"{ALIKE}2018-12-31&estimand=median",
        "stats/multiverse?metric=photos", "stats/multiverse?metric=people&threshold=2",
        "stats/multiverse?metric=people&from=2030-01-01",
        "stats/multiverse?metric=people&b_from=2019-01-01&threshold=0.1",
        "exports/csv?table=faces", "exports/csv?table=../../x", "exports/parquet?from=16.12.2019",
        "exports/json?edition=0", "exports/iiif?edition=1&publication=x",
        "exports/iiif?publication=none", "exports/snapshot?publication=none",
        "exports/snapshot?author=a%00b",
        "reviews/next", "reviews/next?measure=beauty", "reviews/next?measure=people&budget=0",
        "reviews/next?measure=people&budget=1001", "reviews/next?measure=people&page=back",
        "reviews/next?measure=people&kind=all", "reviews/next?measure=people&double=2",
        "reviews/next?measure=people&seed=-1", "reviews/next?measure=people&from=yesterday",
        "reviews/next?measure=people&coder=%00", "reviews/next?measure=figure:%27--",
        "reviews?measure=beauty", "reviews?cursor=x", "reviews?limit=201",
        "reviews/agreement?measure=beauty", "reviews/agreement?from=2019-12-17&to=2019-12-16",
        "reviews/disagreements?measure=beauty", "samples/0", "samples/plan",
        "samples/plan?measure=beauty", "samples/plan?measure=people&from=2020-01-02&to=2020-01-01",
    ),
    200: (
        "reviews/next?measure=leader_and_facility&page=lead&weight=area",
        "reviews/next?measure=label:indoor&from=2019-12-15", "samples?measure=people",
        "reviews/next?measure=people&kind=second&coder=B", "reviews/next?measure=people",
    ),
}  # fmt: skip
"""Addresses that are read in an archive of one edition, by the status of their answers."""

CLAIM = {
    "statement": "Three pages.", "rule": "pages = 3 and photos > 2", "publication": "Rodong Sinmun",
    "from": "2019-12-16", "to": "2019-12-16", "source": "a reader", "key": "three-pages",
}  # fmt: skip
CHECK = {name: CLAIM[name] for name in ("rule", "publication", "from", "to")}
EVENT = {"date": "2019-12-16", "title": "A bridge is opened", "place": "Kaesong"}
REVIEW = {"coder": "A", "answers": {"people": True}}
SAMPLE = {"measures": ["people"], "items": 2}
MARK = {"box": [0.7, 0.7, 1.9, 0.9], "photos": 1}
MISSED = [40, 250, 200, 400]
SENT = {
    "POST claims": [
        (CLAIM, 422, {"from": "2019-12-17"}, {"to": "2119-12-17"}, {"from": "16.12.2019"},
         {"publication": "a\0b"}, {"statement": "a\0b"}, {"statement": ""}, {"source": "x" * 5000},
         {"key": "No Key"}, {"seeded": True}, {"rule": None}, {"rule": "(" * 30000}),
        (CLAIM, 409, {"key": "inaugurations-2025-12-16-photos"}),
        (CLAIM, 413, {"rule": "x" * 2**17}), ({}, 422, {}),
    ],
    "POST claims/check": [
        (CHECK, 422, {"level": 0}, {"level": 0.9}, {"estimand": "practice"}), ({}, 422, {}),
        (CHECK, 200, {"level": 0.01}, {"estimand": "these"},
         {"estimand": "practice", "rule": "mean(photos) > 3"}),
    ],
    "POST claims/family": [
        ({}, 404, {"keys": ["nobody"]}), ({}, 422, {"keys": []}, {"correction": "none"}),
    ],
    "POST events": [
        (EVENT, 422, {"date": "16.12.2019"}, {"title": ""}, {"title": "a\0b"},
         {"place": "x" * 256}, {"publication": "No Such Paper"}, {"source": "a\0b"}, {"id": 5}),
    ],
    "POST photos/1/reviews": [
        (REVIEW, 422, {"coder": ""}, {"coder": "A\0B"}, {"coder": "A" * 256}, {"answers": {}},
         {"answers": {"beauty": True}}, {"answers": {"people": "perhaps"}},
         {"answers": {"people\0": True}}, {"answers": {"people": False, "crowd": True}},
         {"focus": "both"}, {"token": "x" * 4001}, {"note": "a\0b"}, {"note": "x" * 4001},
         {"id": 1}),
        ({}, 422, {}, {"coder": "A"}),
        ({}, 201, {"coder": "A", "focus": "unsure"}, {**REVIEW, "coder": "A\n"}),
    ],
    "POST samples": [
        (SAMPLE, 422, {"measures": ["beauty"]}, {"measures": ["people\0"]}, {"items": None},
         {"items": 0}, {"width": 0.1}, {"from": "2019-12-17", "to": "2019-12-16"},
         {"publication": "Nobody's"}, {"coders": ["A", "A"]}, {"second": 2}, {"seed": -1},
         {"page": "back"}, {"id": 3}),
        (SAMPLE, 201, {"measures": []}, {"items": None, "width": 0.5}),
    ],
    "POST figures": [
        ({}, 422, {}, *({"name": "Kim", "role": role} for role in ("king", "", "LEADER"))),
        ({}, 201, *({"name": role, "role": role} for role in ("leader", "heir", "official"))),
        ({}, 409, {"name": "heir", "role": "leader"}),
    ],
    "POST figures/99/references": [({}, 422, {})],
    "PATCH figures/1": [({}, 422, {"role": "king"})],
    "PATCH figures/99": [({}, 404, {"role": "heir"})],
    "PATCH photos/1": [
        ({}, 422, {}, {"photo": True}, {"photo": False, "box": MISSED}, {"split": [MISSED]},
         {"box": [10, 10, 5, 50]}, {"box": [10, 10, 1e9, 50]}, {"join": []}),
    ],
    "POST pages/1/reviews": [({}, 422, {"coder": "A", "marks": [MARK]})],
    "POST share-links": [
        ({}, 422, *({"target": target} for target in (
            "/editions/1/../2", "//evil.example", "/accounts", "/gallery?like=1",
            "https://evil.example/", "/gallery?edition=1#&x="))),
        ({}, 404, {"target": "/editions/999"}),
    ],
    "POST invitations": [
        ({}, 422, {}, {"name": ""}, {"name": "Cho", "role": "king"}),
        ({}, 201, {"name": "Cho"}),
    ],
    "DELETE invitations/0": [({}, 404, {})],
    "POST samples/99/trainings": [({"name": "Cho", "coder": "Ann"}, 404, {}),
                                  ({"coder": "Ann"}, 422, {}, {"name": "Cho", "items": 0})],
    "POST trainings/99/answers": [({"place": 0, "answer": "yes", "coder": "Cho"}, 404, {})],
    "DELETE claims/99999": [({}, 404, {})],
    "DELETE events/99999": [({}, 404, {})],
    "DELETE reviews/99999": [({}, 404, {})],
    "DELETE editions": [({}, 405, {})],
    "POST edits/99/undo": [({}, 404, {})],
    "POST editions": [({}, 422, {})],
}  # fmt: skip
"""What is sent, by method and address: a body, the status, and what changes about the body."""


def test_what_is_read(client, edition, subtests):
    for status, addresses in READ.items():
        for address in addresses:
            with subtests.test(address[:99]):
                assert client.get(f"{API}/{address}").status_code == status


def test_what_is_sent(client, edition, subtests):
    for where, cases in SENT.items():
        method, address = where.split()
        for body, status, *changes in cases:
            for change in changes:
                with subtests.test(f"{where} {str(change)[:99]}"):
                    sent = {"json": {**body, **change}} if method != "DELETE" else {}
                    answer = client.request(method, f"{API}/{address}", **sent)
                    assert answer.status_code == status, answer.text
    kept = client.get(f"{API}/reviews").json()["reviews"]
    assert [row["coder"] for row in kept] == ["A", "A"]


def test_what_is_sent_as_no_value_of_json(client, edition, subtests):
    rule = b'{"rule": "share(figure \\"\\ud800\\") > 0", "publication": "P", "from": "2019-12-16",'
    for address, content in (
        ("claims/check", rule + b' "to": "2019-12-16"}'),
        ("pages/1/photos", b'{"box": [NaN, 1, 50, 50], "coder": "A"}'),
        *(("figures", f'{{"name": "{name}"}}'.encode("utf-8", "surrogatepass"))
          for name in ("\ud800", "a\nb", "")),
    ):  # fmt: skip
        with subtests.test(f"{address} {content!r}"):
            header = {"content-type": "application/json"}
            answer = client.post(f"{API}/{address}", content=content, headers=header)
            assert answer.status_code == 422


def test_fields_that_can_not_be_used(client, make, subtests):
    paper, day = "Rodong Sinmun", "2019-12-16"
    assert client.post(f"{API}/editions", data={"publication": paper, "date": day}).is_error
    for fields in (
        {"publication": "", "date": day}, {"publication": " ", "date": day},
        {"publication": "a\0b", "date": day}, {"publication": "x" * 256, "date": day},
        {"publication": paper, "date": "16.12.2019"}, {"publication": paper, "date": "2019-02-30"},
        {"publication": paper, "date": "1576454400"}, {"publication": paper},
    ):  # fmt: skip
        with subtests.test(str(fields)[:99]):
            files = [("files", ("a.png", make()))]
            answer = client.post(f"{API}/editions", data=fields, files=files)
            assert answer.status_code == 422
            assert answer.json()["errors"]


def test_a_broken_database_tells_nothing(client, home):
    client.app.state.home.database.engine.dispose()
    with home.database.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE sighting RENAME TO gone")
        session.connection().exec_driver_sql("ALTER TABLE edition RENAME COLUMN created_at TO born")
    assert client.get(f"{API}/editions").status_code == 500


@pytest.mark.parametrize("error", list(STATUS))
def test_a_subclass_of_an_error_has_its_status(error):
    own = {"problem": "", "column": 1, "edition_id": 1, "extensions": {}, "seconds": 1}
    kind = type("Special", (error,), {"__init__": Exception.__init__, **own})
    assert _domain(kind("why")).status_code == STATUS[error]


def test_a_text_where_a_file_belongs_is_told_so(client):
    answer = client.post(f"{API}/reviews/annotations", files={"exported": (None, "no file")})
    assert answer.status_code == 422
    messages = {one["field"]: one["message"] for one in answer.json()["errors"]}
    assert messages["exported"] == "send a file here, with its name"
