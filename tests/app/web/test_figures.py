"""The pages of the enrolled figures and their sightings."""

import pytest

from ..conftest import csv_rows
from ..first_states import made_once

HTML = {"accept": "text/html"}
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
    page = client.get("/figures", headers=HTML).text
    assert "Surely in <b>1</b> photo." in page
    assert "1 refused" in page
    first, second = client.get(f"/figures/{kim}.json").json()["references"]
    shown = first if first["pictured"] else second
    own = client.get(f"/figures/{kim}", headers=HTML).text
    assert own.count('<img src="/api/v1/figures/') == 1
    assert f'<img src="{shown["image"]}?width=160"' in own


def test_a_sighting_is_a_crop_with_the_box_of_the_figure_and_leads_to_the_photo(client, kim):
    (sighting,) = client.get(f"/figures/{kim}.json").json()["sightings"]
    photo = client.get(sighting["photo"]["address"]).json()
    page = client.get(f"/figures/{kim}", headers=HTML).text
    assert "cut off" not in page
    assert page.count('<rect class="face"') == 1
    left = 100 * (sighting["box"][0] - photo["box"][0]) / (photo["box"][2] - photo["box"][0])
    assert f'<rect class="face" x="{round(left, 2)}"' in page
    assert f'href="/photos/{photo["id"]}"' in page
    assert "no face was found; give a photo" in page
    assert "no_face" not in page
    over_time = client.get(f"/figures/{kim}.json").json()["over_time"]
    assert over_time["all"]["groups"][0]["n"] == 3
    assert over_time["groups"]["by"] == "edition"


def test_sightings_are_filtered_by_the_address(client, kim):
    def count(**query) -> int:
        rows = csv_rows(client.get(f"/figures/{kim}.csv", params=query))
        return len(list(rows))

    assert count() == 1
    assert count(publication="", answer="yes") == 1
    assert count(answer="unsure") == count(**{"from": "2019-12-17"}) == 0
    page = client.get(f"/figures/{kim}?answer=unsure", headers=HTML).text
    assert "In no photo that the filter admits." in page
    assert client.get("/figures/99", headers=HTML).status_code == 404


def test_without_figures_it_is_said_what_is_not_known(client):
    assert "Nobody is enrolled yet" in client.get("/figures", headers=HTML).text
