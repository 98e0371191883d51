"""Straw polls, roll and box apart."""

import sqlalchemy as sa
from alembic import op

from ecabinet.adapters.database import UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Polls, who has answered, and the box."""
    op.create_table(
        "straw_poll",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("meeting", sa.String(26), nullable=False),
        sa.Column("item", sa.String(26), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("roll", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("opened_by", sa.String(26), nullable=False),
        sa.Column("closed_at", UtcDateTime()),
        sa.Column("answered", sa.Integer()),
        sa.Column("counts", sa.JSON()),
        sa.Column("cancel_reason", sa.String(200)),
        sa.PrimaryKeyConstraint("id", name="pk_straw_poll"),
        sa.ForeignKeyConstraint(["meeting"], ["meeting.id"], name="fk_straw_poll_meeting"),
        sa.ForeignKeyConstraint(["item"], ["item.id"], name="fk_straw_poll_item"),
    )
    op.create_index("ix_straw_poll_meeting", "straw_poll", ["meeting"])
    is_open = sa.text("status = 'open'")
    op.create_index(
        *("uq_straw_poll_one_open", "straw_poll", ["meeting"]),
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "straw_mark",
        sa.Column("poll", sa.String(26), nullable=False),
        sa.Column("person", sa.String(26), nullable=False),
        sa.PrimaryKeyConstraint("poll", "person", name="pk_straw_mark"),
        sa.ForeignKeyConstraint(["poll"], ["straw_poll.id"], name="fk_straw_mark_poll"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "straw_slip",
        sa.Column("poll", sa.String(26), nullable=False),
        sa.Column("slip", sa.String(32), nullable=False),
        sa.Column("choice", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("poll", "slip", name="pk_straw_slip"),
        sa.ForeignKeyConstraint(["poll"], ["straw_poll.id"], name="fk_straw_slip_poll"),
        sqlite_with_rowid=False,
    )
