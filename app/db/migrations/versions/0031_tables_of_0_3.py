"""The tables of Presslens 0.3, at which migrations begin.

Nothing runs it: a new database gets the tables as they are declared, with all later changes, and
one of Presslens 0.2, which has the tables of 0.3, is taken over; see ``app.db.schema.upgrade``.
"""

revision = "0031"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Leave the tables as they are."""
