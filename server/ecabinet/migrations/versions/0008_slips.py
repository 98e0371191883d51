"""Written opinions, decisions without a meeting."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Nothing yet."""
