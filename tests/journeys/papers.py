"""Small real PDFs."""

import typst


def pdf(text: str) -> bytes:
    """A one-page PDF with this text on it."""
    return bytes(typst.compile(text.encode()))
