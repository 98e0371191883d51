"""The browser client's own files, and the one page that every other address shows."""

from pathlib import Path

from aiohttp import web

_FOREVER = "public, max-age=31536000, immutable"
_TYPES = {
    ".mjs": "text/javascript",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}


def add_pages(app: web.Application, folder: Path) -> None:
    """Serve ``folder`` (web/dist). Files under assets/ carry their digest in the name and may be kept for ever."""
    root = folder.resolve()

    async def page(request: web.Request) -> web.StreamResponse:
        asked = request.match_info["path"]
        if asked.startswith(("api/", "socket.io")):
            raise web.HTTPNotFound()
        path = _file(root, asked)
        if path is not None:
            cache = _FOREVER if asked.startswith("assets/") else "no-cache"
            headers = {"Cache-Control": cache}
            if kind := _TYPES.get(path.suffix):
                headers["Content-Type"] = kind
            return web.FileResponse(path, headers=headers)
        if asked.startswith("assets/") or not (root / "index.html").is_file():
            raise web.HTTPNotFound()
        return web.FileResponse(root / "index.html", headers={"Cache-Control": "no-cache"})

    app.router.add_get("/{path:.*}", page)


def _file(root: Path, asked: str) -> Path | None:
    """The file of this name below the root; None for anything else, names that no file can have included."""
    try:
        path = (root / asked).resolve()
        return path if path.is_relative_to(root) and path.is_file() else None
    except (OSError, ValueError):
        return None
