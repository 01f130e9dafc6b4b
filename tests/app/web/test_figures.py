"""The pages of the enrolled figures and their sightings."""

from datetime import date

import pytest

from presslens.app.services.claims.claims import NewClaim
from presslens.app.services.questions.questions import ask_question, question_state

from ..answers import csv_rows
from ..conftest import NOW
from ..first_states import made_once
from .conftest import shown

API = "/api/v1/figures"


@pytest.fixture
@made_once
def kim(client, worker, upload, scans, make):
    """A leader with a reference, in one photo of the edition."""
    figure = client.post(API, json={"name": "Kim Jong Un", "role": "leader"}).json()
    files = [("files", ("good.png", make(faces=1))), ("files", ("none.png", make()))]
    client.post(f"{API}/{figure['id']}/references", files=files)
    upload(scans)
    worker.drain()
    return figure["id"]


def test_enrolled_figures_are_shown_with_their_references_and_sightings(client, kim):
    (figure,) = client.get("/figures.json").json()["figures"]
    assert figure["counts"] == {"sure": 1, "unsure": 0}
    assert figure["state"] == {"used": 1, "queued": 0, "refused": 1}
    (row,) = csv_rows(client.get("/figures.csv"))
    assert (row["name"], row["sure"], row["refused"]) == ("Kim Jong Un", "1", "1")
    page = shown(client, "/figures")
    assert "Surely in <b>1</b> photo." in page
    assert "1 refused" in page
    document = client.get(f"/figures/{kim}.json").json()
    (pictured,) = (one for one in document["references"] if one["pictured"])
    own = shown(client, f"/figures/{kim}")
    assert own.count('<img src="/api/v1/figures/') == 1
    assert f'<img src="{pictured["image"]}?width=160"' in own
    # A sighting is a crop with the box of the figure, and leads to the photo.
    (sighting,) = document["sightings"]
    photo = client.get(sighting["photo"]["address"]).json()
    assert own.count('<rect class="face"') == 1
    left = 100 * (sighting["box"][0] - photo["box"][0]) / (photo["box"][2] - photo["box"][0])
    assert f'<rect class="face" x="{round(left, 2)}"' in own
    assert f'href="/photos/{photo["id"]}"' in own
    assert "no face was found; give a photo" in own
    assert "no_face" not in own
    assert document["over_time"]["all"]["groups"][0]["n"] == 3
    assert document["over_time"]["groups"]["by"] == "edition"


def test_sightings_are_filtered_by_the_address(client, kim):
    def count(**query) -> int:
        return len(csv_rows(client.get(f"/figures/{kim}.csv", params=query)))

    assert count() == 1
    assert count(publication="", answer="yes") == 1
    assert count(answer="unsure") == count(**{"from": "2019-12-17"}) == 0
    page = shown(client, f"/figures/{kim}", answer="unsure")
    assert "In no photo that the filter admits." in page
    shown(client, "/figures/99", 404)


def test_without_figures_it_is_said_what_is_not_known(client):
    assert "Nobody is enrolled yet" in shown(client, "/figures")


def test_a_claim_about_the_lead_photo_says_that_nobody_has_checked_it(home, client, kim):
    claim = {"statement": "It led with a plant.", "rule": "front.lead.focus = facility",
             "publication": "Rodong Sinmun", "from": "2019-12-16", "to": "2019-12-16"}  # fmt: skip
    stored = client.post("/api/v1/claims", json=claim).json()
    (edition,) = client.get("/api/v1/editions").json()["editions"]
    note = "(focus of the front page&#39;s lead photo: the machine&#39;s reading, which nobody"
    for page in ("/claims", f"/editions/{edition['id']}"):
        assert note in shown(client, page)
    assert "as the machine reads it" in shown(client, f"/claims/{stored['id']}")
    days = date(2019, 12, 16), date(2019, 12, 16)
    new = NewClaim("It led with one.", claim["rule"], "Rodong Sinmun", *days)
    asked, _ = ask_question(home, new, now=NOW)
    assert question_state(home, asked).decision is None, "nobody has looked at the photo"
    assert "until people have looked, it is undecided" in shown(client, f"/ask/{asked}")
