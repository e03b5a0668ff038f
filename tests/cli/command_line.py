"""Runs a command in the test's own process as the console script would; or, where that counts, as another."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass

from outreach.cli import main


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


def run(environment: Mapping[str, str], *words: str, typed: str = "") -> Done:
    """In this process: a start of Python and its imports cost seconds. An error nobody expects is raised."""
    out, err = io.StringIO(), io.StringIO()
    with _as_if(environment, typed), redirect_stdout(out), redirect_stderr(err):
        code = _code_of(words)
    return Done(code, out.getvalue(), err.getvalue())


def _code_of(words: tuple[str, ...]) -> int:
    try:
        main(words)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


@contextmanager
def _as_if(environment: Mapping[str, str], typed: str) -> Iterator[None]:
    """This process, as if it had been started like that."""
    kept, stdin, hook = dict(os.environ), sys.stdin, sys.excepthook
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin = io.StringIO(typed)
    try:
        yield
    finally:
        sys.stdin, sys.excepthook = stdin, hook  # Typer puts a hook of its own
        os.environ.clear()
        os.environ.update(kept)


def run_process(environment: Mapping[str, str], *words: str, typed: str = "") -> Done:
    """In a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "outreach.cli", *words],
        env=dict(environment),
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Done(done.returncode, done.stdout, done.stderr)
