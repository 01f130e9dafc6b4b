"""Workers of the benchmark interpret all stored photos."""

from sqlalchemy import func, select

from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.db.tables import InterpretationRow
from presslens.app.installation import open_installation
from presslens.lab.bench.interpret import PAGES, PHOTOS_A_PAGE, interpret, stored


def test_two_workers_interpret_all_photos():
    with stored(2) as settings:
        taken = interpret(settings, 2)
        with open_installation(settings) as home, home.database.read() as session:
            counts = [
                session.scalar(select(func.count()).select_from(table))
                for table in (InterpretationRow, EditionSummaryRow)
            ]
    assert counts == [2 * PAGES * PHOTOS_A_PAGE, 2]
    assert len(taken.processor) == 2
    assert taken.seconds > 0
