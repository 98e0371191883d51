"""Written opinions, decisions without a meeting."""

import sqlalchemy as sa
from alembic import op

from ecabinet.adapters.database import UtcDateTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Slips, the sheets that answer them, and what is said to these."""
    _slip()
    _sheets()
    _opinions()


def _slip() -> None:
    op.create_table(
        "slip",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("body", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("secrecy", sa.String(10), nullable=False),
        sa.Column("deadline", UtcDateTime(), nullable=False),
        sa.Column("reminders_h", sa.JSON(), nullable=False),
        sa.Column("ends_when_all_answered", sa.Boolean(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("drafted_at", UtcDateTime(), nullable=False),
        sa.Column("drafted_by", sa.JSON(), nullable=False),
        sa.Column("phase", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("submitted_at", UtcDateTime()),
        sa.Column("return_reason", sa.Text()),
        sa.Column("sending", sa.JSON()),
        sa.Column("due_since", UtcDateTime()),
        sa.Column("extensions", sa.JSON(), nullable=False),
        sa.Column("reminders", sa.JSON(), nullable=False),
        sa.Column("ending", sa.JSON()),
        sa.Column("recall", sa.JSON()),
        sa.Column("reports", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_slip"),
        sa.ForeignKeyConstraint(["body"], ["body.id"], name="fk_slip_body"),
    )
    op.create_index("uq_slip_body_number", "slip", ["body", "number"], unique=True)
    op.create_index("ix_slip_phase", "slip", ["phase"])


def _sheets() -> None:
    op.create_table(
        "slip_sheet",
        sa.Column("slip", sa.String(26), nullable=False),
        sa.Column("voter", sa.String(26), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("slip", "voter", "n", name="pk_slip_sheet"),
        sa.ForeignKeyConstraint(["slip"], ["slip.id"], name="fk_slip_sheet_slip"),
        sa.ForeignKeyConstraint(["voter"], ["account.person"], name="fk_slip_sheet_voter"),
        sa.UniqueConstraint("number", name="uq_slip_sheet_number"),
    )
    op.create_table(
        "slip_draft",
        sa.Column("slip", sa.String(26), nullable=False),
        sa.Column("voter", sa.String(26), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("slip", "voter", name="pk_slip_draft"),
        sa.ForeignKeyConstraint(["slip"], ["slip.id"], name="fk_slip_draft_slip"),
        sa.ForeignKeyConstraint(["voter"], ["account.person"], name="fk_slip_draft_voter"),
    )


def _opinions() -> None:
    op.create_table(
        "slip_comment",
        sa.Column("slip", sa.String(26), nullable=False),
        sa.Column("person", sa.String(26), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("slip", "person", name="pk_slip_comment"),
        sa.ForeignKeyConstraint(["slip"], ["slip.id"], name="fk_slip_comment_slip"),
        sa.ForeignKeyConstraint(["person"], ["account.person"], name="fk_slip_comment_person"),
    )
    op.create_table(
        "slip_opinion",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("slip", sa.String(26), nullable=False),
        sa.Column("question", sa.String(26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("by", sa.JSON()),
        sa.Column("choice", sa.String(40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_slip_opinion"),
        sa.ForeignKeyConstraint(["slip"], ["slip.id"], name="fk_slip_opinion_slip"),
    )
    op.create_index("uq_slip_opinion_slip_position", "slip_opinion", ["slip", "position"], unique=True)
