"""What photos were looked at for is known of each edition, whoever is enrolled today."""

import io

from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.platform import clock
from presslens.app.services.figures.figures import add_figure, add_references
from presslens.app.services.figures.looked_for import enrolled_now
from presslens.app.services.ingest.upload import Incoming
from presslens.app.services.shares.selection import EditionCriteria, select_editions
from presslens.app.services.statistics.availability import availability_of
from presslens.app.services.statistics.edition_composition import edition_composition
from presslens.models.faces.gallery import Role
from presslens.pipelines.statistics.measure import FOCUSES
from presslens.pipelines.statistics.metrics import Metric


def enrol(home, photo, role=Role.LEADER, name="Kim"):
    figure = add_figure(home, name, role=role, now=clock.now())
    if photo is not None:
        add_references(home, figure, [Incoming("a.png", io.BytesIO(photo))], now=clock.now())


def leader(home, edition):
    return edition_composition(home, edition).to_json()["shares"]["leader"]


def known(home, name, **criteria):
    with home.database.read() as session:
        editions = select_editions(session, EditionCriteria(), home.recipe, numbers=True).editions
        metric = Metric.parse(name)
        return availability_of(session, home.recipe, [metric], editions, home.recipe)[metric]


def test_with_nobody_enrolled_the_leader_is_not_known(home, edition):
    share = leader(home, edition)
    assert (share["share"], share["interval"], share["numerator"]) == (None, None, None)
    assert "nobody is enrolled as a leader" in share["refused"]
    with home.database.read() as session:
        row = session.get_one(EditionSummaryRow, (edition, home.recipe.id))
        assert row.leader_photos is row.together_photos is row.front_lead_focus is None
    for name in ("leader", *FOCUSES, "leader_photos", "leader_area", "together_photos"):
        assert known(home, name).refused() is not None, name
    for name in ("people", "photos", "people@front"):
        assert known(home, name).refused() is None, name


def test_references_that_wait_leave_it_unknown_until_photos_are_read_again(
    home, worker, edition, make
):
    enrol(home, make(persons=1, faces=1, tint=9))
    assert "the reference photos of Kim wait" in leader(home, edition)["refused"]
    worker.drain()
    share = leader(home, edition)
    assert (share["n"], share["share"] > 0) == (3, True)
    assert known(home, "leader").reason is None
    composition = edition_composition(home, edition).to_json()
    assert composition["not_known"].keys() == {"together_photos"}


def test_interpretations_from_before_are_about_the_figures_of_then(home, worker, edition, make):
    enrol(home, make(persons=1, faces=1, tint=9))
    worker.drain()
    enrol(home, make(persons=1, faces=1, tint=12), name="Ri", role=Role.OFFICIAL)
    document = edition_composition(home, edition).to_json()
    assert document["shares"]["leader"]["share"] > 0
    assert list(document["figures_not_known"]) == ["Ri"]
    assert [use["name"] for use in document["figures"]] == ["Kim"]


def test_a_figure_without_references_is_looked_for_in_no_photo(home, worker, edition):
    enrol(home, None)
    worker.drain()
    with home.database.read() as session:
        assert enrolled_now(session, home.recipe).unusable == {"Kim": Role.LEADER}
    assert "no reference photo of Kim can be used" in leader(home, edition)["refused"]


def test_a_metric_may_be_known_in_some_editions(home, worker, edition, put, make):
    put({"page_2.png": make(persons=1, tint=77)}, publication="Minju")
    worker.drain()
    fronts = known(home, "people@front")
    assert fronts.mask.tolist() == [True, False]
    assert fronts.refused() is None
    assert "page 1" in (fronts.refused([1]) or "")
    assert fronts.note() == "it is not known in 1 of 2 editions"
    assert known(home, "label:ribbon").refused() is not None
