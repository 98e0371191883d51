"""What a ballot says beyond its choice."""

import sqlalchemy as sa
from alembic import op

from ecabinet.adapters.database import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Opinions, their attachments, and who cast a ballot for another."""
    op.create_table(
        "ballot_attachment",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("question", sa.String(26), nullable=False),
        sa.Column("person", sa.String(26), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("filename", sa.String(300), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ballot_attachment"),
        sa.ForeignKeyConstraint(["question"], ["question.id"], name="fk_ballot_attachment_question"),
        sa.ForeignKeyConstraint(["person"], ["account.person"], name="fk_ballot_attachment_person"),
    )
    # On SQLite the table is written anew: it cannot be given a foreign key otherwise.
    with op.batch_alter_table("ballot") as ballot:
        ballot.add_column(sa.Column("opinion", sa.Text()))
        ballot.add_column(sa.Column("attachment", sa.String(26)))
        ballot.add_column(sa.Column("cast_by", sa.String(26)))
        ballot.create_foreign_key("fk_ballot_attachment", "ballot_attachment", ["attachment"], ["id"])
    cast_for_another = sa.text("cast_by IS NOT NULL")
    op.create_index(
        "ix_ballot_cast_by",
        "ballot",
        ["cast_by"],
        sqlite_where=cast_for_another,
        postgresql_where=cast_for_another,
    )
