"""Finds the sentences of errors in the program, as catalogs write them: values as %(name)s."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import outreach
from outreach.rendering.mistakes import MISTAKES

ROOT = Path(outreach.__file__).parent
# Nobody signed in to a page meets these: the command line, the demo and the servers' own start.
ELSEWHERE = ("cli", "demo", "replay", "telephony", "queues", "embedded.py", "config.py")
_IS_CODE = re.compile("[a-z_]*")  # a word for machines, or no text at all
# Where a text is judged: each line of these modules that is a sentence is told to its author.
OF_TEXTS = (
    "domain/text_rules.py",
    "domain/interview_rules.py",
    "domain/interviews.py",
    "rendering/linter.py",
)
BASES = frozenset({"OutreachError", "InvalidInput", "NotFound", "NotAllowed", "Conflict"})


@cache
def sentences() -> tuple[str, ...]:
    """Every sentence and mend that an error may carry to a page, of texts to mend too."""
    kinds = _kinds()
    found = {text for path in _files() for text in _sentences(_tree(path), kinds)}
    found |= {text for name in OF_TEXTS for text in _all_sentences(_tree(ROOT / name))}
    found |= {text for pair in MISTAKES.values() for text in pair}
    return tuple(sorted(found))


def _all_sentences(tree: ast.AST) -> Iterator[str]:
    """Whatever is written like a sentence, and what is to be done about a line of an interview."""
    inner = {id(part) for each in ast.walk(tree) if isinstance(each, ast.JoinedStr) for part in each.values}
    docs = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) not in inner | docs and isinstance(node, ast.Constant | ast.JoinedStr):
            text = _text(node)
            if text.endswith(".") and " " in text:
                yield text
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Malformed":
            yield from (text for text in [_text(node.args[3])] if text[:1].isalpha())


@cache
def _tree(path: Path) -> ast.Module:
    """Read once: first for the kinds of errors, then for their sentences."""
    return ast.parse(path.read_text(encoding="utf-8"))


def _files() -> list[Path]:
    paths = (path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0] not in ELSEWHERE)
    return sorted(paths)


def _kinds() -> frozenset[str]:
    """The names of all kinds of errors of ours."""
    classes = [
        (node.name, {base.id for base in node.bases if isinstance(base, ast.Name)})
        for path in _files()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ClassDef)
    ]
    kinds, before = set(BASES), 0
    while len(kinds) > before:
        before = len(kinds)
        kinds |= {name for name, bases in classes if bases & kinds}
    return frozenset(kinds)


def _sentences(tree: ast.AST, kinds: frozenset[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (_called(node) in kinds or _is_of_ours(node)):
            given = [*node.args[:1], *(word.value for word in node.keywords if word.arg == "mend")]
            yield from (text for text in map(_text, given) if not _IS_CODE.fullmatch(text))


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _is_of_ours(call: ast.Call) -> bool:
    """A kind of error that makes its own sentence; other classes give no words to the one before them."""
    return ast.unparse(call.func) == "super().__init__"


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
