"""Stretches of a file (RFC 9110 §14): a player asks for those it is about to show."""

import re
from base64 import b64encode
from dataclasses import dataclass

import structlog
from aiohttp import web
from aiohttp.helpers import content_disposition_header

from .routes import RangedReply

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Stretch:
    """[begin, end) of a file."""

    begin: int
    end: int


class NotSatisfiable(Exception):
    """The stretch lies outside the file."""


def asked_for(header: str | None, size_bytes: int) -> Stretch | None:
    """The one stretch that is asked for; None for the whole file: nothing was asked for, or something we do not do
    (several stretches, other units), which a server may answer with everything.

    Raises NotSatisfiable.
    """
    found = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", header or "")
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        begin, end = max(0, size_bytes - int(last)), size_bytes
    else:
        begin, end = int(first), min(int(last) + 1, size_bytes) if last else size_bytes
        if last and int(last) < begin:
            return None
    if begin >= end:
        raise NotSatisfiable()
    return Stretch(begin, end)


async def send_ranged(request: web.Request, reply: RangedReply) -> web.StreamResponse:
    """The file, or the stretch of it that is asked for."""
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-store",
        "Content-Type": reply.content_type,
        "Content-Disposition": content_disposition_header("attachment", filename=reply.filename),
        "ETag": f'"{reply.digest}"',
        "Repr-Digest": f"sha-256=:{b64encode(bytes.fromhex(reply.digest)).decode()}:",
    }
    # A stretch of another version would not fit what the reader has: the whole file then.
    is_same = request.headers.get("If-Range", headers["ETag"]) == headers["ETag"]
    asked = request.headers.get("Range") if is_same else None
    try:
        stretch = asked_for(asked, reply.size_bytes)
    except NotSatisfiable:
        return web.Response(status=416, headers=headers | {"Content-Range": f"bytes */{reply.size_bytes}"})
    begin, end = (stretch.begin, stretch.end) if stretch else (0, reply.size_bytes)
    if stretch:
        headers["Content-Range"] = f"bytes {begin}-{end - 1}/{reply.size_bytes}"
    headers["Content-Length"] = str(end - begin)
    chunks = reply.chunks(begin, end)
    # The first piece comes before the status: a file that is not there can still be refused.
    piece = await anext(chunks, b"")
    response = web.StreamResponse(status=206 if stretch else 200, headers=headers)
    await response.prepare(request)
    try:
        while piece:
            await response.write(piece)
            piece = await anext(chunks, b"")
        await response.write_eof()
    except ConnectionError:
        # A player that goes elsewhere in the film lets go of what it asked for.
        response.force_close()
    except Exception:
        log.exception("file broke off", path=request.path)
        response.force_close()
    return response
