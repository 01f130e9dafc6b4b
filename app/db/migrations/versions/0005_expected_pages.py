"""Expected pages of editions, page 1 as the front page, and figures that were not looked for."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_PAGE = sa.table("page", sa.column("edition_id"), sa.column("number"), sa.column("is_front"))
_FIGURE = sa.table("figure", sa.column("name"), sa.column("role"))
_COUNTS = ("leader_photos", "leader_unsure", "together_photos")
_SUMMARY = sa.table(
    "edition_summary",
    *(sa.column(name) for name in ("edition_id", "recipe_id", "photos", *_COUNTS)),
    sa.column("front_lead_focus"),
    sa.column("front_lead_photo_id"),
)
_OF_LEADER = (
    "leader", "leader_and_facility", "focus_leader", "focus_facility", "focus_neither",
)  # fmt: skip


def upgrade() -> None:
    """Add the columns, and unlearn what was 0 because nobody looked for it."""
    with op.batch_alter_table("edition") as table:
        table.add_column(sa.Column("pages_expected", sa.Integer(), nullable=True))
        table.add_column(sa.Column("page_numbers", sa.JSON(), nullable=True))
    with op.batch_alter_table("edition_summary") as table:
        for name in _COUNTS:
            table.alter_column(name, existing_type=sa.Integer(), nullable=True)
    _unlearn_leaders()
    _unlearn_pairs()
    _unlearn_fronts()


def downgrade() -> None:
    """Put zeros in the place of what is not known, and drop the columns."""
    for name in _COUNTS:
        column = _SUMMARY.c[name]
        op.execute(_SUMMARY.update().where(column.is_(None)).values({name: 0}))
    with op.batch_alter_table("edition_summary") as table:
        for name in _COUNTS:
            table.alter_column(name, existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("edition") as table:
        table.drop_column("page_numbers")
        table.drop_column("pages_expected")


def _share() -> sa.Table:
    return sa.Table("edition_share", sa.MetaData(), autoload_with=op.get_bind())


def _unlearn_leaders() -> None:
    """Forget the leader of editions that have no share of a figure who is a leader."""
    share = _share()
    leaders = sa.select(sa.literal("figure:") + _FIGURE.c.name).where(_FIGURE.c.role == "leader")
    looked = sa.select(share.c.edition_id).where(
        share.c.edition_id == _SUMMARY.c.edition_id,
        share.c.recipe_id == _SUMMARY.c.recipe_id,
        share.c.measure.in_(leaders),
    )
    unknown = dict.fromkeys(("leader_photos", "leader_unsure", "front_lead_focus"), sa.null())
    shown = _SUMMARY.c.photos > 0
    op.execute(_SUMMARY.update().where(shown, ~sa.exists(looked)).values(unknown))
    forgotten = sa.select(_SUMMARY.c.edition_id).where(
        _SUMMARY.c.edition_id == share.c.edition_id,
        _SUMMARY.c.recipe_id == share.c.recipe_id,
        _SUMMARY.c.leader_photos.is_(None),
    )
    op.execute(share.delete().where(share.c.measure.in_(_OF_LEADER), sa.exists(forgotten)))


def _unlearn_pairs() -> None:
    """Forget the photos of several figures of editions with shares of fewer than two."""
    share = _share()
    figures = (
        sa.select(sa.func.count(sa.distinct(share.c.measure)))
        .where(
            share.c.edition_id == _SUMMARY.c.edition_id,
            share.c.recipe_id == _SUMMARY.c.recipe_id,
            share.c.measure.like("figure:%"),
        )
        .scalar_subquery()
    )
    op.execute(
        _SUMMARY.update()
        .where(_SUMMARY.c.photos > 0, figures < 2)
        .values(together_photos=sa.null())
    )


def _unlearn_fronts() -> None:
    """Make page 1 the front page; editions without one have none, and all their photos inside."""
    share, page = _share(), _PAGE
    other = page.alias()
    first = sa.select(other.c.edition_id).where(other.c.number == 1)
    op.execute(page.update().where(page.c.number != 1).values(is_front=sa.false()))
    frontless = ~share.c.edition_id.in_(first)
    op.execute(share.delete().where(frontless, share.c.zone.in_(("front", "inside"))))
    columns = [column for column in share.c if column.name != "zone"]
    inside = sa.select(*columns, sa.literal("inside")).where(frontless, share.c.zone == "all")
    op.execute(share.insert().from_select([*(c.name for c in columns), "zone"], inside))
    gone = {"front_lead_focus": sa.null(), "front_lead_photo_id": sa.null()}
    op.execute(_SUMMARY.update().where(~_SUMMARY.c.edition_id.in_(first)).values(gone))
