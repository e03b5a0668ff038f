"""docs/tour.md: what each page is for and who opens it, with its pictures in both languages side by side."""

from __future__ import annotations

import re
from pathlib import Path

from tests.tour.stop import Part, Stop
from tests.tour.stops import PARTS

LANGUAGES = {"fr": "Français", "en": "English"}
FIRST = (
    "# A tour of the pages",
    "",
    "Pictures of the demo's invented people, made by `python -m tests.tour docs`; press one to see it large. "
    "`./start` runs such a demo: choose a role, then go to the address under a title.",
    "",
)


def write_page(folder: Path) -> None:
    """The whole page, whichever pictures were taken."""
    lines = [*FIRST, *_contents(), *(line for part in PARTS for line in _part(part))]
    (folder / "tour.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _contents() -> list[str]:
    """Each part with its pages in one line."""
    lines = []
    for part in PARTS:
        pages = " · ".join(f"[{stop.title}](#{anchor(stop.title)})" for stop in part.stops)
        lines.append(f"- **[{part.title}](#{anchor(part.title)})**: {pages}")
    return [*lines, ""]


def anchor(title: str) -> str:
    """As code forges make it of a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _part(part: Part) -> list[str]:
    return [f"## {part.title}", "", part.told, "", *(line for stop in part.stops for line in _stop(stop))]


def _stop(stop: Stop) -> list[str]:
    names, rule = " | ".join(LANGUAGES.values()), "|".join("---" for _ in LANGUAGES)
    pictures = " | ".join(_picture(stop, code, name) for code, name in LANGUAGES.items())
    return [
        f"### {stop.title}",
        "",
        f"{stop.told}",
        "",
        f"`{stop.route}`, opened by {stop.who}.",
        "",
        f"| {names} |",
        f"|{rule}|",
        f"| {pictures} |",
        "",
    ]


def _picture(stop: Stop, code: str, name: str) -> str:
    file = f"tour/{stop.name}.{code}.webp"
    return f"[![{stop.title}, {name}]({file})]({file})"
