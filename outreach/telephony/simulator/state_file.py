"""An append-only file of what the phone company accepted and delivered, written before the answer leaves."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class StateFile:
    """One JSON object a line. Each line goes to the operating system at once, so `kill -9` loses none of it.

    A last line that a kill cut short was never answered for; it is taken off before anything is added.
    Without a path nothing is kept.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        if path is not None and path.exists():
            _cut_to_whole_lines(path)
        self._file = None if path is None else path.open("ab", buffering=0)

    def append(self, kind: str, fields: dict[str, object]) -> None:
        """Keep one fact."""
        if self._file is not None:
            line = json.dumps({"kind": kind, **fields}, ensure_ascii=False, separators=(",", ":"))
            self._file.write(line.encode() + b"\n")

    def lines(self) -> Iterator[dict[str, Any]]:
        """Every fact kept so far, in order."""
        if self._path is None:
            return
        with self._path.open("rb") as kept:
            for line in kept:
                yield json.loads(line)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _cut_to_whole_lines(path: Path) -> None:
    with path.open("rb+") as kept:
        end = kept.seek(0, io.SEEK_END)
        while end:
            kept.seek(end - 1)
            if kept.read(1) == b"\n":
                break
            end -= 1
        kept.truncate(end)
