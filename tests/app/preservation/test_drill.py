"""The drill: back up while a worker runs and a person reviews, destroy all, restore, go on."""

import shutil
import threading

from sqlalchemy import func, select

from presslens.app.db.reviews import ReviewRow
from presslens.app.db.tables import EditionRow, PhotoRow
from presslens.app.installation import open_installation
from presslens.app.platform.settings import Settings
from presslens.app.preservation.backup import back_up
from presslens.app.preservation.check import check_archive
from presslens.app.preservation.restore import restore_backup
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.reviews.reviews import NewReview, review_photo

from ..conftest import DAY, NOW, RECIPE


def test_backup_while_others_work_destroy_restore_go_on(home, worker, put, make, tmp_path):
    for number in range(5):
        files = {f"{i}.png": make(persons=1, tint=10 * number + i) for i in range(3)}
        put(files, day=DAY.replace(day=1 + number))
    first = {"z.png": make(persons=2, tint=99)}
    put(first, day=DAY.replace(day=20))
    worker.round()
    ended = threading.Event()
    said = []

    def review():
        while not ended.is_set() and len(said) < 5:  # each makes work for the worker
            with home.database.read() as session:
                photo = session.scalars(select(PhotoRow.id)).first()
            if photo is not None:
                review_photo(home, NewReview(photo, f"C{len(said)}", {"people": True}), now=NOW)
                said.append(photo)
            ended.wait(0.05)

    threads = [threading.Thread(target=worker.drain), threading.Thread(target=review)]
    for thread in threads:
        thread.start()
    during = back_up(home, tmp_path / "during.tar", now=NOW)
    threads[0].join()
    ended.set()
    threads[1].join()
    worker.drain()
    assert (during.missing, during.altered) == ([], [])
    back_up(home, tmp_path / "after.tar", now=NOW)
    dump = canonical_dump(home)
    shutil.rmtree(home.storage.root)
    for name in ("during", "after"):
        settings = Settings(data_dir=tmp_path / name, recipe=RECIPE, min_free_bytes=0)
        restore_backup(settings, tmp_path / f"{name}.tar")
        assert check_archive(settings).findings == []
        with open_installation(settings) as again, again.database.read() as session:
            assert session.scalar(select(func.count()).select_from(EditionRow)) == 6
            assert session.scalar(select(func.count()).select_from(ReviewRow)) <= len(said)
            if name == "after":
                assert canonical_dump(again) == dump
    assert said
