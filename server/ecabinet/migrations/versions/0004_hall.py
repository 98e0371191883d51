"""Votes taken in the hall."""

import sqlalchemy as sa
from alembic import op

from ecabinet.adapters.database import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """What two people write down of a vote, each alone."""
    op.create_table(
        "hall_sheet",
        sa.Column("question", sa.String(26), nullable=False),
        sa.Column("meeting", sa.String(26), nullable=False),
        sa.Column("item", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("entered_by", sa.String(26), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("second", sa.JSON()),
        sa.Column("second_by", sa.String(26)),
        sa.Column("second_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("question", name="pk_hall_sheet"),
        sa.ForeignKeyConstraint(["question"], ["question.id"], name="fk_hall_sheet_question"),
        sa.ForeignKeyConstraint(["meeting"], ["meeting.id"], name="fk_hall_sheet_meeting"),
        sa.ForeignKeyConstraint(["item"], ["item.id"], name="fk_hall_sheet_item"),
        sa.ForeignKeyConstraint(["entered_by"], ["account.person"], name="fk_hall_sheet_entered_by"),
        sa.ForeignKeyConstraint(["second_by"], ["account.person"], name="fk_hall_sheet_second_by"),
        sa.CheckConstraint("second_by IS NULL OR second_by <> entered_by", name=op.f("ck_hall_sheet_two_people")),
    )
    op.create_index("ix_hall_sheet_meeting", "hall_sheet", ["meeting"])
    elects = sa.text("board IS NOT NULL")
    op.create_index("ix_question_board", "question", ["meeting"], sqlite_where=elects, postgresql_where=elects)
