"""An append-only file of what the phone company accepted and delivered, written before the answer leaves."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class StateFile:
    """One JSON object a line. Each line goes to the operating system at once, so `kill -9` loses none of it.

    Without a path nothing is kept.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file = None if path is None else path.open("ab", buffering=0)

    def append(self, kind: str, fields: dict[str, object]) -> None:
        """Keep one fact."""
        if self._file is not None:
            line = json.dumps({"kind": kind, **fields}, ensure_ascii=False, separators=(",", ":"))
            self._file.write(line.encode() + b"\n")

    def lines(self) -> Iterator[dict[str, Any]]:
        """Every fact kept so far, in order; a last line cut short by a kill is passed over."""
        if self._path is None or not os.path.exists(self._path):
            return
        with self._path.open("rb") as kept:
            for line in kept:
                if line.endswith(b"\n"):
                    yield json.loads(line)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
