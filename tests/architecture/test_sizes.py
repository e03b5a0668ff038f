"""Functions and modules stay small: the limits of the style guide, held for the program."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST_FUNCTION, LONGEST_MODULE = 40, 400  # lines


def modules() -> Iterator[Path]:
    """Of the program and its benchmarks; migrations are written by a machine."""
    for folder in ("outreach", "workers", "benchmarks"):
        yield from (path for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts)


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            yield node.name, node.end_lineno - node.lineno + 1


def test_no_function_has_more_than_forty_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {name}, {lines} lines"
        for path in modules()
        for name, lines in functions(path)
        if lines > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_module_has_more_than_four_hundred_lines() -> None:
    sizes = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in modules()}
    assert {str(path): lines for path, lines in sizes.items() if lines > LONGEST_MODULE} == {}
