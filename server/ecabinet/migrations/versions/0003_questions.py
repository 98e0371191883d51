"""Questions of every kind the bodies know."""

import sqlalchemy as sa
from alembic import op

from ecabinet.adapters.database import UtcDateTime

revision = "0003"
down_revision = "0002"

_RUNS = sa.text("phase IN ('open', 'paused')")


def upgrade() -> None:
    """What a question can be beyond yes and no, plans, proxies and lost lines; a paused vote is still one at a time."""
    for column in (
        sa.Column("method", sa.String(length=10), nullable=False, server_default="approval"),
        sa.Column("way", sa.String(length=10), nullable=False, server_default="electronic"),
        sa.Column("kind", sa.String(length=10), nullable=False, server_default="whole"),
        sa.Column("items", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("motion", sa.String(length=40)),
        sa.Column("candidates", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("seats", sa.Integer()),
        sa.Column("board", sa.JSON()),
        sa.Column("plan", sa.String(length=26)),
        sa.Column("until", UtcDateTime()),
        sa.Column("repeats", sa.String(length=26)),
        sa.Column("repeated_by", sa.String(length=26)),
        sa.Column("paper_count", sa.JSON()),
        sa.Column("election", sa.JSON()),
        sa.Column("ratings", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("settler", sa.String(length=26)),
        sa.Column("settled", sa.JSON()),
        sa.Column("annul_reason", sa.String(length=300)),
    ):
        op.add_column("question", column)
    # Before, a choice was told from its matter alone.
    op.execute("UPDATE question SET method = 'choice' WHERE matter = 'choice'")
    op.drop_index("uq_question_one_open", table_name="question")
    op.create_index(
        "uq_question_one_open", "question", ["meeting"], unique=True, sqlite_where=_RUNS, postgresql_where=_RUNS
    )
    _incident()
    _planned_question()
    _proxy()


def _incident() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("meeting", sa.String(length=26), nullable=False),
        sa.Column("question", sa.String(length=26), nullable=False),
        sa.Column("item", sa.String(length=26), nullable=False),
        sa.Column("person", sa.String(length=26), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["meeting"], ["meeting.id"], name=op.f("fk_incident_meeting")),
        sa.ForeignKeyConstraint(["question"], ["question.id"], name=op.f("fk_incident_question")),
        sa.ForeignKeyConstraint(["item"], ["item.id"], name=op.f("fk_incident_item")),
        sa.ForeignKeyConstraint(["person"], ["account.person"], name=op.f("fk_incident_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_meeting"), "incident", ["meeting"])
    op.create_index("uq_incident_question_person", "incident", ["question", "person"], unique=True)


def _planned_question() -> None:
    op.create_table(
        "planned_question",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("meeting", sa.String(length=26), nullable=False),
        sa.Column("item", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("matter", sa.String(length=20), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("question", sa.String(length=26)),
        sa.ForeignKeyConstraint(["meeting"], ["meeting.id"], name=op.f("fk_planned_question_meeting")),
        sa.ForeignKeyConstraint(["item"], ["item.id"], name=op.f("fk_planned_question_item"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_question")),
    )
    op.create_index(op.f("ix_planned_question_meeting"), "planned_question", ["meeting"])


def _proxy() -> None:
    people = ["participant.meeting", "participant.person"]
    giver, holder = op.f("fk_proxy_meeting_giver"), op.f("fk_proxy_meeting_holder")
    op.create_table(
        "proxy",
        sa.Column("meeting", sa.String(length=26), nullable=False),
        sa.Column("giver", sa.String(length=26), nullable=False),
        sa.Column("holder", sa.String(length=26), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["meeting", "giver"], people, name=giver, ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["meeting", "holder"], people, name=holder, ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("meeting", "giver", name=op.f("pk_proxy")),
    )
