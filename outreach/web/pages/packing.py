"""Pages compressed for the way: a board of many agents is a tenth of its size.

Nothing that a stranger could guess byte by byte lies in a page: sessions are in cookies that scripts
and other sites cannot use (SameSite=Strict), so compressing what reflects a request gives nothing away.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from starlette.requests import Request
from starlette.responses import HTMLResponse

WORTH_PACKING = 1400  # bytes: below it, one network packet carries the page as it is
QUICKLY = 1
GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class Packed:
    """The text of a page, and the same compressed, once, when somebody takes it so."""

    plain: bytes

    @cached_property
    def packed(self) -> bytes:
        packing = zlib.compressobj(QUICKLY, zlib.DEFLATED, GZIP)
        return packing.compress(self.plain) + packing.flush()

    def answer(self, may_be_packed: bool, headers: Mapping[str, str], status: int = 200) -> HTMLResponse:
        """The page as an answer."""
        told = {"Vary": "Accept-Encoding", **headers}
        if may_be_packed and len(self.plain) > WORTH_PACKING:
            return HTMLResponse(self.packed, status, {**told, "Content-Encoding": "gzip"})
        return HTMLResponse(self.plain, status, told)


def may_be_packed(request: Request) -> bool:
    """Whether the browser takes compressed pages."""
    return "gzip" in request.headers.get("accept-encoding", "")
