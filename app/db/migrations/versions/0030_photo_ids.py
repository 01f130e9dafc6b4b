"""The id of a photo that was deleted is not given again: its address may be cited."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

PLAIN = ("id INTEGER NOT NULL,", "CONSTRAINT pk_photo PRIMARY KEY (id),\nCONSTRAINT ck_photo_on")
COUNTED = ("id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,", "CONSTRAINT ck_photo_on")


def upgrade() -> None:
    """Rebuild the table in SQLite; PostgreSQL gives no id again."""
    _rebuild(PLAIN, COUNTED)


def downgrade() -> None:
    """Let SQLite give ids again."""
    _rebuild(COUNTED, PLAIN)


def _rebuild(before: tuple[str, str], after: tuple[str, str]) -> None:
    """Put a copy with other words about ``id`` in the place of SQLite's table of photos.

    Foreign keys are not enforced meanwhile, see ``app.db.schema.upgrade``.
    """
    if op.get_bind().dialect.name != "sqlite":
        return
    query = "SELECT sql FROM sqlite_master WHERE tbl_name = 'photo' AND sql IS NOT NULL"
    table, *indexes = op.get_bind().scalars(sa.text(f"{query} ORDER BY type DESC")).all()
    copy = re.sub(r" *\n\s*", "\n", table).replace('"photo"', "photo_new", 1)
    for old, new in zip(before, after, strict=True):
        copy = copy.replace(old, new, 1)
    op.execute(copy)
    op.execute("INSERT INTO photo_new SELECT * FROM photo")
    op.drop_table("photo")
    op.rename_table("photo_new", "photo")
    for index in indexes:
        op.execute(index)
