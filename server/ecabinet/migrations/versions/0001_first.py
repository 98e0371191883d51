"""The first shape of the database."""

import sqlalchemy as sa
from alembic import op

from ecabinet.adapters.database import UtcDateTime

revision = "0001"
down_revision = None

_KEPT_FOR_EVER = ("ledger_entry", "checkpoint")
_REFUSE_ON_POSTGRESQL = """
CREATE OR REPLACE FUNCTION ledger_never_changes() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the record never changes'; END $$
"""


def upgrade() -> None:
    """Every slice's tables."""
    _account()
    _body()
    _checkpoint()
    _ledger_entry()
    _ledger_head()
    _ledger_payload()
    _outbox()
    _outbox_head()
    _body_secretary()
    _meeting()
    _post()
    _session()
    _term()
    _item()
    _membership()
    _minutes()
    _participant()
    _turn()
    _paper()
    _presence()
    _question()
    _ballot()
    _keep_for_ever()


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("person", sa.String(length=26), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("username_folded", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_account")),
        sa.UniqueConstraint("username_folded", name=op.f("uq_account_username_folded")),
    )


def _body() -> None:
    op.create_table(
        "body",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("profile", sa.String(length=64), nullable=False),
        sa.Column("salutation", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_body")),
    )


def _checkpoint() -> None:
    op.create_table(
        "checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoint")),
    )


def _ledger_entry() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("previous", sa.BigInteger(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=26), nullable=True),
        sa.Column("meeting", sa.String(length=26), nullable=True),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger_entry")),
    )
    op.create_index("ix_ledger_entry_meeting_number", "ledger_entry", ["meeting", "number"], unique=False)


def _ledger_head() -> None:
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_head")),
    )


def _ledger_payload() -> None:
    op.create_table(
        "ledger_payload",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger_payload")),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("meeting", sa.String(length=26), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("meeting", "seq", name=op.f("pk_outbox")),
    )


def _outbox_head() -> None:
    op.create_table(
        "outbox_head",
        sa.Column("meeting", sa.String(length=26), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("meeting", name=op.f("pk_outbox_head")),
    )


def _body_secretary() -> None:
    op.create_table(
        "body_secretary",
        sa.Column("body", sa.String(length=26), nullable=False),
        sa.Column("person", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["body"], ["body.id"], name=op.f("fk_body_secretary_body")),
        sa.ForeignKeyConstraint(["person"], ["account.person"], name=op.f("fk_body_secretary_person")),
        sa.PrimaryKeyConstraint("body", "person", name=op.f("pk_body_secretary")),
    )


def _meeting() -> None:
    op.create_table(
        "meeting",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("body", sa.String(length=26), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("floor_controls_microphone", sa.Boolean(), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("convened_at", UtcDateTime(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("papers_due_at", UtcDateTime(), nullable=True),
        sa.Column("papers_due_vi", sa.Text(), nullable=True),
        sa.Column("papers_due_en", sa.Text(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_meeting_ends_after_start")),
        sa.ForeignKeyConstraint(["body"], ["body.id"], name=op.f("fk_meeting_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
    )
    op.create_index(op.f("ix_meeting_starts_at"), "meeting", ["starts_at"], unique=False)


def _post() -> None:
    op.create_table(
        "post",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("body", sa.String(length=26), nullable=False),
        sa.Column("title_vi", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("votes", sa.Boolean(), nullable=False),
        sa.Column("is_head", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["body"], ["body.id"], name=op.f("fk_post_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
    )
    op.create_index(op.f("ix_post_body"), "post", ["body"], unique=False)


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=26), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["account.person"], name=op.f("fk_session_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_session_secret_hash")),
    )


def _term() -> None:
    op.create_table(
        "term",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("body", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["body"], ["body.id"], name=op.f("fk_term_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
    )
    op.create_index(op.f("ix_term_body"), "term", ["body"], unique=False)


def _item() -> None:
    op.create_table(
        "item",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("meeting", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("presenter", sa.String(length=300), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["meeting"], ["meeting.id"], name=op.f("fk_item_meeting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
    )
    op.create_index(op.f("ix_item_meeting"), "item", ["meeting"], unique=False)
    op.create_index(
        "uq_item_current",
        "item",
        ["meeting"],
        unique=True,
        sqlite_where=sa.text("phase = 'current'"),
        postgresql_where=sa.text("phase = 'current'"),
    )


def _membership() -> None:
    op.create_table(
        "membership",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("body", sa.String(length=26), nullable=False),
        sa.Column("post", sa.String(length=26), nullable=False),
        sa.Column("person", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["body"], ["body.id"], name=op.f("fk_membership_body")),
        sa.ForeignKeyConstraint(["person"], ["account.person"], name=op.f("fk_membership_person")),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name=op.f("fk_membership_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_body"), "membership", ["body"], unique=False)
    op.create_index(op.f("ix_membership_person"), "membership", ["person"], unique=False)


def _minutes() -> None:
    op.create_table(
        "minutes",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("meeting", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("drafted_at", UtcDateTime(), nullable=False),
        sa.Column("drafted_by", sa.String(length=26), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["meeting"], ["meeting.id"], name=op.f("fk_minutes_meeting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes")),
        sa.UniqueConstraint("meeting", "version", name=op.f("uq_minutes_meeting_version")),
    )


def _participant() -> None:
    op.create_table(
        "participant",
        sa.Column("meeting", sa.String(length=26), nullable=False),
        sa.Column("person", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("post", sa.String(length=300), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("votes", sa.Boolean(), nullable=False),
        sa.Column("is_head", sa.Boolean(), nullable=False),
        sa.Column("items", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("stands_in_for", sa.String(length=26), nullable=True),
        sa.Column("answer", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("prepares", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "role <> 'stand_in' OR stands_in_for IS NOT NULL", name=op.f("ck_participant_stands_in_for_someone")
        ),
        sa.CheckConstraint(
            "role NOT IN ('stand_in', 'guest') OR NOT votes", name=op.f("ck_participant_no_vote_of_others")
        ),
        sa.ForeignKeyConstraint(["meeting"], ["meeting.id"], name=op.f("fk_participant_meeting")),
        sa.ForeignKeyConstraint(["person"], ["account.person"], name=op.f("fk_participant_person")),
        sa.PrimaryKeyConstraint("meeting", "person", name=op.f("pk_participant")),
    )
    op.create_index(op.f("ix_participant_person"), "participant", ["person"], unique=False)
    op.create_index(
        "uq_participant_chair",
        "participant",
        ["meeting"],
        unique=True,
        sqlite_where=sa.text("role = 'chair'"),
        postgresql_where=sa.text("role = 'chair'"),
    )


def _turn() -> None:
    op.create_table(
        "turn",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("meeting", sa.String(length=26), nullable=False),
        sa.Column("person", sa.String(length=26), nullable=False),
        sa.Column("item", sa.String(length=26), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("allotted_s", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["meeting"], ["meeting.id"], name=op.f("fk_turn_meeting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn")),
    )
    op.create_index(op.f("ix_turn_meeting"), "turn", ["meeting"], unique=False)
    op.create_index(
        "uq_turn_speaking",
        "turn",
        ["meeting"],
        unique=True,
        sqlite_where=sa.text("status = 'speaking'"),
        postgresql_where=sa.text("status = 'speaking'"),
    )
    op.create_index(
        "uq_turn_waiting",
        "turn",
        ["meeting", "person"],
        unique=True,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )


def _paper() -> None:
    op.create_table(
        "paper",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("meeting", sa.String(length=26), nullable=False),
        sa.Column("item", sa.String(length=26), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("filename", sa.String(length=300), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("added_by", sa.String(length=26), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["item.id"], name=op.f("fk_paper_item")),
        sa.ForeignKeyConstraint(["meeting"], ["meeting.id"], name=op.f("fk_paper_meeting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        sa.UniqueConstraint("item", "digest", name=op.f("uq_paper_item_digest")),
    )
    op.create_index("ix_paper_meeting", "paper", ["meeting"], unique=False)


def _presence() -> None:
    op.create_table(
        "presence",
        sa.Column("meeting", sa.String(length=26), nullable=False),
        sa.Column("person", sa.String(length=26), nullable=False),
        sa.Column("is_connected", sa.Boolean(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.Column("mark", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting", "person"],
            ["participant.meeting", "participant.person"],
            name=op.f("fk_presence_meeting_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("meeting", "person", name=op.f("pk_presence")),
    )
    op.create_index(op.f("ix_presence_is_connected"), "presence", ["is_connected"], unique=False)


def _question() -> None:
    op.create_table(
        "question",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("meeting", sa.String(length=26), nullable=False),
        sa.Column("item", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("matter", sa.String(length=20), nullable=False),
        sa.Column("profile", sa.String(length=64), nullable=False),
        sa.Column("profile_version", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("article", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("secrecy", sa.String(length=10), nullable=False),
        sa.Column("roll", sa.JSON(), nullable=False),
        sa.Column("strength", sa.JSON(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("opened_by", sa.String(length=26), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("phase", sa.String(length=10), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("verdict", sa.JSON(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["item"], ["item.id"], name=op.f("fk_question_item")),
        sa.ForeignKeyConstraint(["meeting"], ["meeting.id"], name=op.f("fk_question_meeting")),
        sa.ForeignKeyConstraint(["opened_by"], ["account.person"], name=op.f("fk_question_opened_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    op.create_index("uq_question_meeting_number", "question", ["meeting", "number"], unique=True)
    op.create_index(
        "uq_question_one_open",
        "question",
        ["meeting"],
        unique=True,
        sqlite_where=sa.text("phase = 'open'"),
        postgresql_where=sa.text("phase = 'open'"),
    )


def _ballot() -> None:
    op.create_table(
        "ballot",
        sa.Column("question", sa.String(length=26), nullable=False),
        sa.Column("voter", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("choice", sa.String(length=40), nullable=False),
        sa.Column("cast_at", UtcDateTime(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["question"], ["question.id"], name=op.f("fk_ballot_question")),
        sa.ForeignKeyConstraint(["voter"], ["account.person"], name=op.f("fk_ballot_voter")),
        sa.PrimaryKeyConstraint("question", "voter", "n", name=op.f("pk_ballot")),
        sa.UniqueConstraint("number", name=op.f("uq_ballot_number")),
    )


def _keep_for_ever() -> None:
    """Entries and checkpoints refuse to be changed, whoever asks."""
    if op.get_bind().dialect.name == "sqlite":
        for table in _KEPT_FOR_EVER:
            for act in ("update", "delete"):
                op.execute(
                    f"CREATE TRIGGER {table}_refuses_{act} BEFORE {act} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the record never changes'); END"
                )
        return
    op.execute(_REFUSE_ON_POSTGRESQL)
    for table in _KEPT_FOR_EVER:
        op.execute(
            f"CREATE TRIGGER {table}_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_never_changes()"
        )
