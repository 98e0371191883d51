"""A paper as the wire has it. Pure."""

from typing_extensions import TypedDict

from ecabinet.kernel.events import moment

from .model import Paper


class PaperEntry(TypedDict):
    """An entry of the collection `papers`."""

    id: str
    item: str
    title: str
    filename: str
    size_bytes: int
    pages: int
    digest: str
    added_at: str
    is_late: bool
    position: int


def paper_entry(paper: Paper) -> PaperEntry:
    """The paper, without its bytes."""
    return {
        "id": paper.id,
        "item": paper.item,
        "title": paper.title,
        "filename": paper.filename,
        "size_bytes": paper.size_bytes,
        "pages": paper.pages,
        "digest": paper.digest,
        "added_at": moment(paper.added_at),
        "is_late": paper.is_late,
        "position": paper.position,
    }
