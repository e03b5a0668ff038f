"""What a template of pages must never combine."""

from __future__ import annotations

import re
from pathlib import Path

import outreach.web

TAG = re.compile(r"<\w+[^<>]*hx-sync=\"[^\"]*queue[^<>]*>", re.DOTALL)
TEMPLATES = Path(outreach.web.__file__).parent / "templates"


def test_requests_that_queue_keep_the_part_they_fill() -> None:
    """Their target is found when they are asked: if it was put in anew meanwhile, the last answer is lost."""
    queueing = {
        file.name: tag for file in TEMPLATES.rglob("*.html") for tag in TAG.findall(file.read_text("utf-8"))
    }
    assert len(queueing) > 2
    assert [name for name, tag in queueing.items() if 'hx-swap="outerMorph"' not in tag] == []
