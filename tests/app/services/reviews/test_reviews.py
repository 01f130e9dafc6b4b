"""Reviews are kept, settled, undone, and found again under another recipe."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, select

from presslens.app.db.publications import PublicationRow
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow, SettledAnswerRow
from presslens.app.db.statistics import EditionShareRow
from presslens.app.db.tables import EditionRow, InterpretationRow, PhotoRow, SubjectReadingRow
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.figures.erasure import remove_figure
from presslens.app.services.figures.figures import add_figure, set_role, update_implied
from presslens.app.services.reviews.draws import SampleOrder, draw_sample
from presslens.app.services.reviews.reviews import (
    NewReview,
    find_review,
    photo_reviews,
    review_photo,
    review_result,
    withdraw_review,
)
from presslens.app.services.reviews.sampling_frame import Question
from presslens.app.services.samples.samples import list_samples
from presslens.models.faces.gallery import Role
from presslens.models.geometry import Box
from presslens.models.vocabulary import Focus


def draw(home, now, *measures):
    """Draw all photos there are."""
    draw_sample(home, SampleOrder(Question(measures), 3), now=now)


@pytest.fixture
def say(home, now):
    def review(photo, coder="A", *, at=0, **given):
        answers = given.pop("answers", {"people": True})
        new = NewReview(photo, coder, answers, **given)
        return review_photo(home, new, now=now + timedelta(minutes=at))

    return review


NOBODY = dict.fromkeys(
    ("people", "crowd", "children", "leader", "leader_and_facility", "focus_leader"), False
)
"""What follows for a photo without people."""


def settled(home, photo):
    return {name: shows for name, (shows, _) in photo_reviews(home, photo).settled.items()}


@pytest.mark.both_databases
def test_a_review_settles_its_photo_and_no_other(home, photos, say):
    say(photos[1], answers={"people": False, "fireworks": None}, focus=Focus.FACILITY)
    focus = {"focus_facility": True, "focus_neither": False}
    assert settled(home, photos[1]) == {**NOBODY, **focus}
    assert settled(home, photos[0]) == settled(home, photos[2]) == {}
    found = photo_reviews(home, photos[1])
    assert found.coders == ("A",)
    assert found.reviews[0].answers["fireworks"] is None
    assert found.reviews[0].codebook == home.recipe.codebook


def test_what_the_machine_says_is_not_touched(home, photos, say):
    def machine():
        with home.database.read() as session:
            readings = session.execute(
                select(
                    SubjectReadingRow.photo_id,
                    SubjectReadingRow.subject,
                    SubjectReadingRow.probability,
                    SubjectReadingRow.count,
                )
            )
            focus = session.execute(select(InterpretationRow.photo_id, InterpretationRow.verdict))
            return sorted(readings.all()), sorted(focus.all())

    before, probability = machine(), photo_reviews(home, photos[0]).machine["people"]
    say(photos[0], answers={"people": False}, focus=Focus.LEADER)
    assert machine() == before
    assert photo_reviews(home, photos[0]).machine["people"] == probability == 0.9


def test_two_coders_agree_or_not_and_somebody_settles_it(home, photos, say):
    say(photos[0], "A", answers={"people": True, "children": True})
    say(photos[0], "B", answers={"people": True, "children": False})
    found = photo_reviews(home, photos[0])
    assert (settled(home, photos[0]), found.disputed) == ({"people": True}, ("children",))
    say(photos[0], "C", answers={"children": False}, adjudicates=True)
    found = photo_reviews(home, photos[0])
    assert settled(home, photos[0]) == {"people": True, "children": False}
    assert (found.disputed, found.coders) == ((), ("A", "B"))


def test_undo_brings_back_what_was_said_before(home, photos, say, now):
    say(photos[0], answers={"people": True})
    second = say(photos[0], answers={"people": False, "crowd": False}, at=1)
    assert settled(home, photos[0]) == NOBODY
    assert withdraw_review(home, second, coder="A", now=now) == second
    assert settled(home, photos[0]) == {"people": True}
    withdraw_review(home, second, now=now + timedelta(days=1))
    assert find_review(home, second).withdrawn_at == now
    assert [r.id for r in photo_reviews(home, photos[0]).reviews][1] == second
    say(photos[0], answers={"people": False}, at=2)  # to redo it is to say it again
    assert settled(home, photos[0]) == NOBODY


def test_nothing_is_left_of_the_only_review(home, photos, say, now):
    withdraw_review(home, say(photos[0]), now=now)
    with home.database.read() as session:
        assert session.scalar(select(func.count()).select_from(SettledAnswerRow)) == 0
        assert session.scalar(select(func.count()).select_from(ReviewRow)) == 1


IMPOSSIBLE = [
    ({"answers": {}}, "answers something"),
    ({"answers": {"beauty": True}}, "no measure 'beauty'"),
    ({"answers": {"figure:Nobody": True}}, "figure:Kim"),
    ({"answers": {"label:nothing": True}}, "no measure"),
    ({"answers": {"focus_leader": True}}, "one answer"),
    ({"answers": {"leader_and_facility": True}}, "follows from"),
    ({"answers": {"people": False, "crowd": True}}, "crowd"),
    ({"answers": {"leader": False, "figure:Kim": True}}, "Kim is a leader"),
    ({"answers": {"leader": False}, "focus": Focus.LEADER}, "composed around him"),
    ({"answers": {f"label:{i}": True for i in range(201)}}, "at most 200"),
]


def test_reviews_that_cannot_be(home, photos, say, now):
    add_figure(home, "Kim", now=now)
    for given, message in IMPOSSIBLE:
        with pytest.raises(InvalidRequest, match=message):
            say(photos[0], **given)
    with home.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ReviewRow)) == 0


def test_a_figure_that_is_removed_is_gone_from_reviews_and_sums(
    home, photos, say, now, add_summary
):
    figure = add_figure(home, "Kim", role="official", now=now)
    add_summary(date(2019, 12, 17), shares={"figure:Kim": 0.9, "people": 0.5})
    say(photos[0], answers={"figure:Kim": True, "people": True})
    draw(home, now, "figure:Kim")
    draw(home, now, "figure:Kim", "people")
    say(photos[1], answers={"figure:Kim": True})
    kept = say(photos[2], answers={"figure:Kim": True, "people": True})
    assert find_review(home, kept).drawn_for == "figure:Kim"
    remove_figure(home, figure, now=now)
    assert [settled(home, photo) for photo in photos] == [{"people": True}, {}, {"people": True}]
    assert find_review(home, kept).drawn_for == "people"
    (sample,) = list_samples(home).samples
    assert (sample.measures, sample.name) == (("people",), f"sample-{sample.id}")
    with home.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ReviewRow)) == 2
        measures = {
            *session.scalars(select(ReviewAnswerRow.measure)),
            *session.scalars(select(EditionShareRow.measure)),
        }
    assert "people" in measures
    assert "figure:Kim" not in measures


LEADERLESS = ("figure:Kim", "leader", "leader_and_facility", "focus_leader")


def test_who_says_that_a_leader_is_there_or_not_says_so_of_the_leader(home, photos, say, now):
    add_figure(home, "Kim", now=now)
    say(photos[0], answers={"figure:Kim": True})
    assert settled(home, photos[0]) == {"figure:Kim": True, "leader": True}
    say(photos[0], answers={"figure:Kim": False}, at=1)
    assert settled(home, photos[0]) == dict.fromkeys(LEADERLESS, False)
    lee = add_figure(home, "Lee", now=now)
    assert settled(home, photos[0])["figure:Lee"] is False  # without the leader, no leader is
    say(photos[1], answers={"figure:Lee": False})
    assert settled(home, photos[1]) == {"figure:Lee": False}  # Kim may be there
    edit = set_role(home, lee, Role.OFFICIAL, now=now)
    assert "figure:Lee" not in settled(home, photos[0])
    assert settled(home, photos[1]) == {"figure:Lee": False}  # in the coder's own words
    say(photos[2], answers={"people": False})
    assert settled(home, photos[2]) == {**NOBODY, "figure:Kim": False, "figure:Lee": False}
    undo_edit(home, edit, coder=None, now=now)
    assert settled(home, photos[0])["figure:Lee"] is False


def test_a_yes_to_the_leader_is_one_to_the_only_figure_of_this_role(home, photos, say, now):
    add_figure(home, "Kim", now=now)
    say(photos[0], answers={"leader": True})
    assert settled(home, photos[0]) == {"leader": True, "figure:Kim": True}
    with home.database.write() as session:  # as archives of before, which are upgraded
        session.execute(delete(SettledAnswerRow).filter_by(measure="figure:Kim"))
        update_implied(session)
    assert settled(home, photos[0]) == {"leader": True, "figure:Kim": True}
    lee = add_figure(home, "Lee", now=now)
    assert settled(home, photos[0]) == {"leader": True}  # either may be meant
    remove_figure(home, lee, now=now)
    assert settled(home, photos[0]) == {"leader": True, "figure:Kim": True}
    say(photos[0], answers={"figure:Kim": True}, at=1)
    add_figure(home, "Lee", now=now)
    assert settled(home, photos[0]) == {"leader": True, "figure:Kim": True}  # in his own words


def _newspapers(home):
    with home.database.read() as session:
        return list(session.scalars(select(PublicationRow.name).join(EditionRow)))


def test_a_yes_to_the_leader_is_one_to_a_figure_in_the_figure_s_newspaper_alone(
    home, photos, say, now
):
    with home.database.write() as session:
        session.add(PublicationRow(name="Minju"))
    papers = _newspapers(home)
    add_figure(home, "Kim", newspapers=["Minju"], now=now)
    for photo in photos[:2]:  # several scans, of each its own newspaper
        say(photo, answers={"leader": True})
    with home.database.write() as session:
        update_implied(session)
    assert settled(home, photos[0]) == {"leader": True}
    add_figure(home, "Lee", newspapers=papers, now=now)
    assert settled(home, photos[0]) == {"leader": True, "figure:Lee": True}


def test_a_place_goes_with_a_yes_about_a_figure(home, photos, say, now):
    add_figure(home, "Kim", now=now)
    place = Box(32, 44, 64, 400)
    review = say(photos[0], answers={"figure:Kim": True}, places={"figure:Kim": place})
    assert find_review(home, review).places == {"figure:Kim": [0.1, 0.1, 0.2, 0.90909]}
    outside = Box(900, 0, 950, 9)
    for measure, shows, box in (
        ("people", True, place),
        ("figure:Kim", False, place),
        ("figure:Kim", True, outside),
    ):
        with pytest.raises(InvalidRequest, match="place"):
            say(photos[1], answers={measure: shows}, places={measure: box})


def test_the_later_of_two_coders_is_told_of_the_earlier(home, photos, say):
    first = say(photos[0], "A", answers={"crowd": True})
    second = say(photos[0], "B", answers={"crowd": False})
    told = review_result(home, second, since=0)
    assert [one.id for one in told.meanwhile] == [first]
    assert told.photo.disputed == ("crowd",)
    assert review_result(home, second, since=first).meanwhile == ()
    assert review_result(home, second).meanwhile == ()


def test_a_figure_and_a_label_can_be_reviewed(home, photos, say, now):
    add_figure(home, "Kim", now=now)
    say(photos[0], answers={"figure:Kim": True, "leader": True, "label:indoor": False})
    assert settled(home, photos[0]) == {"figure:Kim": True, "leader": True, "label:indoor": False}


def test_a_later_review_must_go_with_earlier_ones_of_the_coder(home, photos, say):
    say(photos[0], answers={"people": False})
    with pytest.raises(InvalidRequest, match="earlier answers"):
        say(photos[0], answers={"crowd": True})
    say(photos[0], "B", answers={"crowd": True})
    say(photos[0], answers={"people": True, "crowd": True}, at=1)
    assert settled(home, photos[0])["crowd"] is True


def test_what_is_not_there(home, photos, say, now):
    with pytest.raises(NotFound):
        say(max(photos) + 1)
    with pytest.raises(NotFound):
        withdraw_review(home, 1, now=now)
    review = say(photos[0])
    with pytest.raises(Conflict, match="another coder"):
        withdraw_review(home, review, coder="B", now=now)
    assert settled(home, photos[0]) == {"people": True}


def test_only_what_the_photo_was_drawn_for_is_drawn(home, photos, say, now):
    draw(home, now, "people")
    say(photos[0], answers={"people": True, "crowd": False})
    assert photo_reviews(home, photos[0]).settled == {
        "people": (True, True),
        "crowd": (False, False),
    }


def test_reviews_are_found_again_under_another_recipe(home, photos, say, now, anew):
    draw(home, now, "people")
    say(photos[0], answers={"people": False})
    say(photos[2], answers={"buildings": True})
    gone = say(photos[1])
    withdraw_review(home, gone, now=now)
    with anew() as (again, worker):
        with again.database.read() as session:
            assert len(session.scalars(select(SettledAnswerRow)).all()) == len(NOBODY) + 1
        worker.drain()
        with again.database.read() as session:
            new = list(session.scalars(select(PhotoRow.id).where(PhotoRow.id > max(photos))))
        assert len(new) == 3
        found = [photo_reviews(again, photo) for photo in new]
        assert sorted(row.settled != {} for row in found) == [False, True, True]
        assert {name: s for row in found for name, s in row.settled.items()} == {
            **dict.fromkeys(NOBODY, (False, False)),
            "people": (False, True),
            "buildings": (True, False),
        }
        # A review under the new recipe counts under the old one too, and so does its undoing.
        (photo,) = (row.photo_id for row in found if "buildings" in row.settled)
        review = review_photo(again, NewReview(photo, "A", {"buildings": False}), now=now)
        assert settled(again, photo) == settled(home, photos[2]) == {"buildings": False}
        withdraw_review(again, review, now=now)
        assert settled(again, photo) == settled(home, photos[2]) == {"buildings": True}


def test_a_review_of_what_the_new_recipe_finds_no_more_waits(home, photos, say, anew):
    review = say(photos[0])
    with home.database.write() as session:
        row = session.get_one(ReviewRow, review)
        row.x0, row.x1 = 0.9, 1.0
    with anew() as (again, worker):
        worker.drain()
        with again.database.read() as session:
            query = select(SettledAnswerRow.photo_id).where(SettledAnswerRow.photo_id > max(photos))
            assert session.scalars(query).all() == []
        assert find_review(again, review).photo_id is None


@pytest.mark.both_databases
def test_coders_at_once_settle_one_after_the_other(home, photos, say):
    coders = [f"coder {i}" for i in range(6)]
    with ThreadPoolExecutor(len(coders)) as pool:
        list(pool.map(lambda coder: say(photos[0], coder), coders))
    found = photo_reviews(home, photos[0])
    assert (found.settled, found.coders) == ({"people": (True, False)}, tuple(coders))
