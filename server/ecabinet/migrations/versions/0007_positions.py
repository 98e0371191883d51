"""What members declare before a meeting."""

import sqlalchemy as sa
from alembic import op

from ecabinet.adapters.database import UtcDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Positions."""
    op.create_table(
        "position",
        sa.Column("item", sa.String(26), nullable=False),
        sa.Column("person", sa.String(26), nullable=False),
        sa.Column("meeting", sa.String(26), nullable=False),
        sa.Column("stance", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("item", "person", name="pk_position"),
        sa.ForeignKeyConstraint(["item"], ["item.id"], name="fk_position_item", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["meeting", "person"],
            ["participant.meeting", "participant.person"],
            name="fk_position_meeting_person",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_position_meeting", "position", ["meeting"])
