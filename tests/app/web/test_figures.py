"""The pages of the enrolled figures and their sightings."""

import re
from datetime import date

import pytest

from presslens.app.services.claims.claims import NewClaim
from presslens.app.services.questions.plans import foreseen_answers
from presslens.app.services.questions.questions import (
    ask_question,
    look_at_question,
    question_state,
)
from presslens.pipelines.statistics.claim.parser import parse

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


def test_a_question_about_the_lead_photo_waits_for_one_look_and_then_has_one_verdict(
    home, client, kim
):
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
    # A question about it waits for one person's look, blind, on its page; then all say the same.
    page = shown(client, f"/ask/{asked}")
    assert "Nobody has looked at the photo yet: your answer decides." in page
    assert "Look now" not in page
    assert "Measured on" not in page, "the machine's reading is hidden"
    assert "asked about" not in page
    assert 'name="photo"' not in page, "it is shown when the question is registered, or on demand"
    looked = shown(client, f"/ask/{asked}", look=1)
    photo = re.search(r'name="photo" value="(\d+)"', looked)[1]
    post(client, asked, action="answer", photo=photo, answer="unsure", coder="A")
    assert "have not settled what it is composed around" in shown(client, f"/ask/{asked}")
    looks = look_at_question(home, asked, now=NOW).looks
    post(client, asked, action="register")
    for answer, verdict in (("facility", "true"), ("leader", "false")):
        post(client, asked, action="answer", photo=photo, answer=answer)  # the name is remembered
        state = question_state(home, asked)
        assert (state.verdict, state.looks, state.registered_first) == (verdict, looks, False)
        word = f'class="word">{verdict.capitalize()}</h2>'
        for page in (f"/ask/{asked}", f"/claims/{asked}"):
            said = shown(client, page)
            assert word in said
            assert [answer] == re.findall(r"<b>(leader|facility)</b> · asked about", said)
            assert f"It is {verdict}." in said, "in the methods section"
            assert "after the photo had been looked at" in said
            assert "before the draw" not in said
            assert f"verdict: {verdict}" in client.get(f"{page}.bib").text
        for api in ("question", "verdict"):
            assert client.get(f"/api/v1/claims/{asked}/{api}").json()["verdict"] == verdict
        listed = client.get("/claims.json").json()["claims"]
        assert [one["verdict"] for one in listed if one["id"] == asked] == [verdict]
        known = foreseen_answers(home, [parse(claim["rule"])], "Rodong Sinmun", days[0], None)
        assert [(one.truth, one.asked) for one in known] == [(verdict, asked)]


def post(client, asked, **form):
    answered = client.post(f"/ask/{asked}", data=form, follow_redirects=False)
    assert answered.status_code == 303, answered.text
