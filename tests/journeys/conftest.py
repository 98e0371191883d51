"""What the journeys may be asked."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--write-fixtures` renews tests/fixtures/events.json after a change of the wire."""
    parser.addoption("--write-fixtures", action="store_true", help="renew tests/fixtures/events.json")
