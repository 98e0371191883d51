"""Questions of every kind the bodies know."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Nothing yet."""
