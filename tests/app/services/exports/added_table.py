"""A program of a test: declares one more table, and prints what becomes of a row of it."""

import csv
import json
import sys
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped

from presslens.app.db.columns import Table
from presslens.app.db.exported import PHOTO, SHARE, Exported, exported


class GlossRow(Table):
    """The only declaration of the table."""

    __export__ = Exported("glosses", "A remark on a photo.", ("photo_id", "place"))
    __tablename__ = "gloss"

    photo_id: Mapped[int] = exported(PHOTO, ForeignKey("photo.id"), primary_key=True)
    place: Mapped[int] = exported("which one, from 0", primary_key=True, autoincrement=False)
    text: Mapped[str] = exported("what it says", Text)
    weight: Mapped[float] = exported("how much it counts", says=SHARE)
    day: Mapped[date | None] = exported("when")


from presslens.app import installation  # noqa: E402 - behind the declaration
from presslens.app.db.queries import EditionScope  # noqa: E402
from presslens.app.platform.settings import Settings  # noqa: E402
from presslens.app.services.exports import canonical_dump, data_package, export  # noqa: E402
from presslens.app.services.exports.snapshot import restore, write  # noqa: E402
from presslens.app.services.exports.table_writer import TableFormat  # noqa: E402
from presslens.lab.bench import specimens  # noqa: E402


@contextmanager
def opened(folder):
    """Open a new installation, whose database has all tables that are declared."""
    settings = Settings(data_dir=folder)
    installation.init_installation(settings)
    with installation.open_installation(settings) as home:
        yield home


def rows(home, folder, scope=EditionScope()):  # noqa: B008 - it is frozen
    folder.mkdir()
    path = export.export_tables(home, scope, TableFormat.CSV, folder, table="glosses").path
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def main(folder, first, second):
    specimens.fill(first, 2, photos=2)
    (folder / "snapshot").mkdir()
    snapshot = write.export_snapshot(first, EditionScope(), folder / "snapshot").path
    added = restore.restore(second, snapshot).added
    dumps = [json.loads(canonical_dump.canonical_dump(home)) for home in (first, second)]
    found = {
        "rows": rows(first, folder / "a"),
        "other edition": rows(first, folder / "b", EditionScope(edition=2)),
        "dictionary": data_package.dictionary_markdown().split("## glosses")[1],
        "added": added["glosses"],
        "restored": rows(second, folder / "c"),
        "dumped": [dump["tables"]["glosses"] for dump in dumps],
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    with opened(folder / "first") as first, opened(folder / "second") as second:
        main(folder, first, second)
