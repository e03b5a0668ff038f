"""Finds the sentences of errors in the program, as catalogs write them: values as %(name)s."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import outreach

ROOT = Path(outreach.__file__).parent
# Nobody signed in to a page meets these: the command line, the demo and the servers' own start.
ELSEWHERE = ("cli", "demo", "replay", "telephony", "queues", "embedded.py", "config.py")
_IS_CODE = re.compile("[a-z_]*")  # a word for machines, or no text at all
BASES = frozenset({"OutreachError", "InvalidInput", "NotFound", "NotAllowed", "Conflict"})


def sentences() -> list[str]:
    """Every sentence and mend that an error may carry to a page."""
    kinds = _kinds()
    found = {text for path in _files() for text in _sentences(ast.parse(path.read_text()), kinds)}
    return sorted(found)


def _files() -> list[Path]:
    paths = (path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0] not in ELSEWHERE)
    return sorted(paths)


def _kinds() -> frozenset[str]:
    """The names of all kinds of errors of ours."""
    kinds, before = set(BASES), 0
    while len(kinds) > before:
        before = len(kinds)
        for path in _files():
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef) and any(
                    isinstance(base, ast.Name) and base.id in kinds for base in node.bases
                ):
                    kinds.add(node.name)
    return frozenset(kinds)


def _sentences(tree: ast.AST, kinds: frozenset[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds:
            given = [*node.args[:1], *(word.value for word in node.keywords if word.arg == "mend")]
            yield from (text for text in map(_text, given) if not _IS_CODE.fullmatch(text))


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return ""
    pieces: list[str] = []
    names: list[str] = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            pieces.append(str(part.value).replace("%", "%%"))
        elif isinstance(part, ast.FormattedValue):
            names.append(_name(ast.unparse(part.value), names))
            pieces.append(f"%({names[-1]})s")
    return "".join(pieces)


def _name(expression: str, taken: list[str]) -> str:
    words = re.findall(r"[a-z_]+", expression.lower()) or ["value"]
    name = words[-1].strip("_") or "value"
    while name in taken:
        name += "_"
    return name.rstrip("_") + str(taken.count(name)) if name in taken else name
