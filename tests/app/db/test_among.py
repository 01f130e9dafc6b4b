import pytest
from sqlalchemy import select

from presslens.app.db.among import among
from presslens.app.db.tables import ScanRow


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [([], []), ([1], [1]), ([3, 1, 99], [1, 3]), (list(range(2, 100_000)), [2, 3])],
    ids=["none", "one", "some that are not there", "more than a statement has parameters"],
)
def test_rows_are_found_among_numbers(home, numbers, expected):
    with home.database.write() as session:
        session.add_all([ScanRow(id=i, sha256=f"{i:064}", frame=0) for i in (1, 2, 3)])
    with home.database.read() as session:
        query = select(ScanRow.id).where(among(session, ScanRow.id, numbers)).order_by(ScanRow.id)
        assert session.scalars(query).all() == expected
