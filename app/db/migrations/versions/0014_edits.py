"""People change photos, editions and newspapers, and undo it."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NAME = sa.String(255)
SHA = sa.String(64)
MOMENT = sa.DateTime(timezone=True)
STATUS = ("done", "empty", "rejected", "failed")
_Part: TypeAlias = "sa.Column[Any] | sa.Constraint"

QUADRANT = ("top left", "top right", "bottom left", "bottom right")


def upgrade() -> None:
    """Add the tables and columns; nothing was changed by anybody yet."""
    if op.get_bind().dialect.name == "sqlite":
        for table, indexes in (_publication(), _edition(), _page(), _photo()):
            _rebuild(table, indexes)
    else:
        op.add_column("publication", sa.Column("weekdays", sa.JSON(), nullable=True))
        op.add_column("publication", sa.Column("masthead_sha256", SHA, nullable=True))
        op.add_column("edition", _issue())
        op.alter_column("photo", "outcome_id", nullable=True)
        op.add_column("photo", sa.Column("removed_from_id", sa.Integer(), nullable=True))
        op.create_foreign_key(
            "fk_photo_removed_from_id_outcome",
            "photo",
            "outcome",
            ["removed_from_id"],
            ["id"],
            ondelete="CASCADE",
        )
        op.add_column("photo", _flag("by_hand"))
        op.create_check_constraint(
            op.f("ck_photo_on_page_or_removed"),
            "photo",
            "(outcome_id IS NULL) = (removed_from_id IS NOT NULL)",
        )
        op.create_index("ix_photo_removed_from_id", "photo", ["removed_from_id"])
    for name in ("review", "page_review"):
        op.add_column(name, sa.Column("edit_id", sa.Integer(), nullable=True))
        op.create_index(f"ix_{name}_edit_id", name, ["edit_id"])
    op.add_column("review", sa.Column("seconds", sa.Double(), nullable=True))
    op.add_column("review_answer", sa.Column("place", sa.JSON(), nullable=True))
    op.add_column("page_review", _flag("two_editions"))
    op.add_column("page_mark", sa.Column("boxes", sa.JSON(), nullable=True))
    op.add_column("reference", sa.Column("vouched_by", NAME, nullable=True))
    op.add_column("edition_summary", _flag("outdated"))
    _create_tables()


def _create_tables() -> None:
    op.create_table(
        "edit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("coder", NAME, nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("target", NAME, nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("change", sa.JSON(), nullable=False),
        sa.Column("codebook", NAME, nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undone_by", NAME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_edit"),
    )
    op.create_index("ix_edit_target", "edit", ["target", "target_id"])
    op.create_table(
        "publication_alias",
        sa.Column("name", NAME, nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_publication_alias"),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publication.id"],
            name="fk_publication_alias_publication_id_publication",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_publication_alias_publication_id", "publication_alias", ["publication_id"])
    op.create_table(
        "trashed_edition",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("edition_date", sa.Date(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=False),
        sa.Column("deleted_by", NAME, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trashed_edition"),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publication.id"],
            name="fk_trashed_edition_publication_id_publication",
        ),
    )
    op.create_index("ix_trashed_edition_publication_id", "trashed_edition", ["publication_id"])
    op.create_table(
        "replaced_scan",
        sa.Column("edit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("old_scan_id", sa.Integer(), nullable=False),
        sa.Column("new_scan_id", sa.Integer(), nullable=False),
        sa.Column("carried_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("edit_id", name="pk_replaced_scan"),
        sa.ForeignKeyConstraint(
            ["old_scan_id"], ["scan.id"], name="fk_replaced_scan_old_scan_id_scan"
        ),
        sa.ForeignKeyConstraint(
            ["new_scan_id"], ["scan.id"], name="fk_replaced_scan_new_scan_id_scan"
        ),
    )
    op.create_index("ix_replaced_scan_old_scan_id", "replaced_scan", ["old_scan_id"])
    op.create_index("ix_replaced_scan_new_scan_id", "replaced_scan", ["new_scan_id"])


def downgrade() -> None:
    """Drop what people have changed; photos that they drew, and the trash, are lost."""
    for name in ("replaced_scan", "trashed_edition", "publication_alias", "edit"):
        op.drop_table(name)
    op.execute("DELETE FROM photo WHERE by_hand")
    op.execute("UPDATE photo SET outcome_id = removed_from_id WHERE outcome_id IS NULL")
    if op.get_bind().dialect.name == "sqlite":
        for table, indexes in (
            _publication(before=True),
            _edition(before=True),
            _page(before=True),
            _photo(before=True),
        ):
            _rebuild(table, indexes)
    else:
        op.drop_column("publication", "weekdays")
        op.drop_column("publication", "masthead_sha256")
        op.drop_column("edition", "issue")
        op.drop_constraint(op.f("ck_photo_on_page_or_removed"), "photo")
        op.drop_column("photo", "removed_from_id")
        op.drop_column("photo", "by_hand")
        op.alter_column("photo", "outcome_id", nullable=False)
    for name in ("review", "page_review"):
        op.drop_index(f"ix_{name}_edit_id", name)
        op.drop_column(name, "edit_id")
    op.drop_column("review", "seconds")
    op.drop_column("review_answer", "place")
    op.drop_column("page_review", "two_editions")
    op.drop_column("page_mark", "boxes")
    op.drop_column("reference", "vouched_by")
    op.drop_column("edition_summary", "outdated")


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)


def _issue() -> sa.Column[int]:
    return sa.Column("issue", sa.Integer(), server_default="1", nullable=False)


def _rebuild(table: sa.Table, indexes: Sequence[str]) -> None:
    """Make a table anew on SQLite, which can change neither a column nor a key of one.

    Foreign keys are not enforced meanwhile, see ``app.db.schema.upgrade``: dropping the old table
    would delete the rows that refer to it.
    """
    name = table.name.removesuffix("_new")
    bind = op.get_bind()
    before = {column["name"] for column in sa.inspect(bind).get_columns(name)}
    shared = ", ".join(column.name for column in table.columns if column.name in before)
    table.create(bind)
    op.execute(f"INSERT INTO {table.name} ({shared}) SELECT {shared} FROM {name}")  # noqa: S608
    op.drop_table(name)
    op.rename_table(table.name, name)
    for index in indexes:
        op.execute(f"CREATE INDEX {index}")


def _table(name: str, *parts: _Part, before: bool) -> sa.Table:
    metadata = sa.MetaData()
    for other in ("publication", "edition", "scan", "outcome"):
        sa.Table(other, metadata, sa.Column("id", sa.Integer(), primary_key=True))
    return sa.Table(
        f"{name}_new",
        metadata,
        sa.Column("id", sa.Integer(), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sqlite_autoincrement=not before and name != "photo",
    )


def _integer(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _refers(table: str, column: str, to: str, ondelete: str | None = None) -> sa.Constraint:
    name = f"fk_{table}_{column}_{to}"
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete=ondelete)


def _choice(name: str, values: tuple[str, ...], table: str, *, nullable: bool) -> list[_Part]:
    allowed = ", ".join(f"'{value}'" for value in values)
    return [
        sa.Column(name, sa.String(16), nullable=nullable),
        sa.CheckConstraint(f"{name} IN ({allowed})", name=f"ck_{table}_{name}"),
    ]


def _publication(*, before: bool = False) -> tuple[sa.Table, list[str]]:
    added: list[_Part] = [
        sa.Column("weekdays", sa.JSON(), nullable=True),
        sa.Column("masthead_sha256", SHA, nullable=True),
    ]
    table = _table(
        "publication",
        sa.Column("name", NAME, nullable=False),
        _integer("usual_pages", nullable=True),
        *([] if before else added),
        sa.UniqueConstraint("name", name="uq_publication_name"),
        before=before,
    )
    return table, []


def _edition(*, before: bool = False) -> tuple[sa.Table, list[str]]:
    unique = ("publication_id", "edition_date", "content_key")
    table = _table(
        "edition",
        _integer("publication_id"),
        sa.Column("edition_date", sa.Date(), nullable=False),
        sa.Column("content_key", SHA, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("unpacked_at", MOMENT, nullable=True),
        _integer("pages_expected", nullable=True),
        sa.Column("page_numbers", sa.JSON(), nullable=True),
        *([] if before else [_issue()]),
        sa.UniqueConstraint(*unique, name=f"uq_edition_{'_'.join(unique)}"),
        _refers("edition", "publication_id", "publication"),
        before=before,
    )
    return table, [
        "ix_edition_edition_date ON edition (edition_date)",
        "ix_edition_unpacked_at ON edition (unpacked_at)",
    ]


def _page(*, before: bool = False) -> tuple[sa.Table, list[str]]:
    table = _table(
        "page",
        _integer("edition_id"),
        _integer("number"),
        sa.Column("is_front", sa.Boolean(), nullable=False),
        sa.Column("source", NAME, nullable=False),
        _integer("scan_id", nullable=True),
        *_choice("status", STATUS, "page", nullable=True),
        sa.Column("reason", NAME, nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.UniqueConstraint("edition_id", "number", name="uq_page_edition_id_number"),
        sa.CheckConstraint(
            "(scan_id IS NULL) = (status IS NOT NULL)", name="ck_page_scan_or_status"
        ),
        _refers("page", "edition_id", "edition"),
        _refers("page", "scan_id", "scan"),
        before=before,
    )
    return table, [
        "ix_page_front ON page (scan_id) WHERE is_front",
        "ix_page_scan_id ON page (scan_id)",
    ]


def _photo(*, before: bool = False) -> tuple[sa.Table, list[str]]:
    added: list[_Part] = [
        _integer("removed_from_id", nullable=True),
        _flag("by_hand"),
        sa.CheckConstraint(
            "(outcome_id IS NULL) = (removed_from_id IS NOT NULL)",
            name="ck_photo_on_page_or_removed",
        ),
        _refers("photo", "removed_from_id", "outcome", "CASCADE"),
    ]
    table = _table(
        "photo",
        _integer("outcome_id", nullable=not before),
        _integer("position"),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("score", "area_share")),
        sa.Column("above_fold", sa.Boolean(), nullable=False),
        *_choice("quadrant", QUADRANT, "photo", nullable=False),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("x0", "y0", "x1", "y1")),
        sa.UniqueConstraint("outcome_id", "position", name="uq_photo_outcome_id_position"),
        _refers("photo", "outcome_id", "outcome", "CASCADE"),
        *([] if before else added),
        before=before,
    )
    indexes = [
        "ix_photo_area_share ON photo (area_share, id)",
        "ix_photo_lead ON photo (outcome_id) WHERE is_lead",
    ]
    added_index = "ix_photo_removed_from_id ON photo (removed_from_id)"
    return table, indexes if before else [*indexes, added_index]
