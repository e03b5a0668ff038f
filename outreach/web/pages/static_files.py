"""Scripts and styles, read and compressed once; their address changes when any of them does."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

FOLDER = Path(__file__).parent.parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
WORTH_PACKING = 400  # bytes


@dataclass(frozen=True)
class StaticFile:
    """One file, as sent."""

    content: bytes
    media_type: str

    @cached_property
    def packed(self) -> bytes:
        return gzip.compress(self.content, 9, mtime=0)


@dataclass(frozen=True)
class StaticFiles:
    """All files by name; `version` is a hash over all, so that scripts may import each other by name."""

    files: dict[str, StaticFile]
    version: str

    @classmethod
    def read(cls, folder: Path = FOLDER) -> StaticFiles:
        paths = sorted(path for path in folder.rglob("*") if path.suffix in TYPES)
        files = {
            path.relative_to(folder).as_posix(): StaticFile(path.read_bytes(), TYPES[path.suffix])
            for path in paths
        }
        digest = hashlib.sha256()
        for name, file in files.items():
            digest.update(name.encode() + b"\0" + file.content)
        return cls(files, digest.hexdigest()[:12])

    def address(self, name: str) -> str:
        """Where a file is served. Raises KeyError for one that is not there."""
        if name not in self.files:
            raise KeyError(f"There is no static file {name}; was ./start run since it was added?")
        return f"/static/{self.version}/{name}"


STATIC = StaticFiles.read()
router = APIRouter(include_in_schema=False)


@router.get("/static/{version}/{name:path}")
async def serve(request: Request, version: str, name: str) -> Response:
    """A file, to be kept for ever under the address of its version."""
    file = STATIC.files.get(name)
    if file is None:
        return Response(status_code=404)
    headers = {"Vary": "Accept-Encoding", **(FOR_EVER if version == STATIC.version else {})}
    packs = "gzip" in request.headers.get("accept-encoding", "") and len(file.content) > WORTH_PACKING
    if packs and file.media_type.startswith("text/"):
        headers["Content-Encoding"] = "gzip"
        return Response(file.packed, media_type=file.media_type, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)
