"""What recipes said of a photo is found where they looked anew, and where they did not."""

from sqlalchemy import select

from presslens.app.db.tables import PhotoRow
from presslens.app.services.catalogue.photo_history import photo_histories


def test_a_photo_is_found_again_by_its_place(home, worker, put, make, anew):
    put({"a.png": make([(40, 40, 150, 160), (160, 200, 300, 400)], persons=2)})
    worker.drain()
    with anew() as (other, again):
        again.drain()
        with home.database.read() as session:
            photos = session.scalars(select(PhotoRow).order_by(PhotoRow.id)).all()
        assert len(photos) == 4
        histories = photo_histories(home, [photo.id for photo in photos])
        for photo in photos:
            past = histories[photo.id]
            assert [one.recipe_id for one in past] == [home.recipe.id, other.recipe.id]
            people = {round(one.subjects["people"], 2) for one in past}
            assert len(people) == 1
            assert [one.is_current for one in past] == [True, False]
    assert past[0].to_json()["focus"] == "neither"


def test_a_photo_that_is_not_there_has_no_history(home):
    assert photo_histories(home, [7]) == {}
