"""Recordings, and who has said that he knows of one."""

import sqlalchemy as sa
from alembic import op

from ecabinet.adapters.database import UtcDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """One recording runs at a time in a meeting; a person knows of it once."""
    op.create_table(
        "recording",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("meeting", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(10), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("started_by", sa.String(26), nullable=False),
        sa.Column("stopped_at", UtcDateTime()),
        sa.Column("cause", sa.String(10)),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("fault", sa.String(20)),
        sa.PrimaryKeyConstraint("id", name="pk_recording"),
        sa.ForeignKeyConstraint(["meeting"], ["meeting.id"], name="fk_recording_meeting"),
        sa.ForeignKeyConstraint(["started_by"], ["account.person"], name="fk_recording_started_by"),
        sa.UniqueConstraint("meeting", "number", name="uq_recording_meeting_number"),
    )
    op.create_index("ix_recording_phase", "recording", ["phase"])
    running = sa.text("phase = 'running'")
    op.create_index(
        *("uq_recording_one_running", "recording", ["meeting"]),
        unique=True,
        sqlite_where=running,
        postgresql_where=running,
    )
    op.create_table(
        "recording_acknowledgement",
        sa.Column("recording", sa.String(26), nullable=False),
        sa.Column("person", sa.String(26), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("recording", "person", name="pk_recording_acknowledgement"),
        sa.ForeignKeyConstraint(["recording"], ["recording.id"], name="fk_recording_acknowledgement_recording"),
        sa.ForeignKeyConstraint(["person"], ["account.person"], name="fk_recording_acknowledgement_person"),
    )
