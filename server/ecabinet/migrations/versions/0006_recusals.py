"""Who withdraws from an item."""

import sqlalchemy as sa
from alembic import op

from ecabinet.adapters.database import UtcDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Recusals."""
    op.create_table(
        "recusal",
        sa.Column("item", sa.String(26), nullable=False),
        sa.Column("person", sa.String(26), nullable=False),
        sa.Column("meeting", sa.String(26), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(26), nullable=False),
        sa.PrimaryKeyConstraint("item", "person", name="pk_recusal"),
        sa.ForeignKeyConstraint(["item"], ["item.id"], name="fk_recusal_item", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["meeting", "person"],
            ["participant.meeting", "participant.person"],
            name="fk_recusal_meeting_person",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_recusal_meeting", "recusal", ["meeting"])
