"""Other people's scripts and styles: fetched by the hashes of package-lock.json, and laid beside ours.

    python -m outreach.web.vendored PROJECT_FOLDER (NPM… | --is-laid)

Standard library only: it runs while the environment is being made.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

LAID = Path(__file__).parent / "static" / "vendor"  # ignored by git; in the wheel
STAMP = "fetched-from"
FILES = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "govuk.css": "govuk-frontend/dist/govuk/govuk-frontend.min.css",
    "govuk.js": "govuk-frontend/dist/govuk/govuk-frontend.min.js",
    "uplot.js": "uplot/dist/uPlot.iife.min.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
    "voice.js": "@twilio/voice-sdk/dist/twilio.min.js",
}
_FONT_FACES = re.compile(r"@font-face\{[^}]*\}")
_SOURCE_MAP = re.compile(r"\n?(/\*|//)# sourceMappingURL=\S+( \*/)?\s*$")
# GOV.UK's font is for its own services only.
_THEIR_FONT = re.compile('"?GDS Transport"?,arial,sans-serif')
_OUR_FONT = 'system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif'


def wanted(project: Path) -> str:
    """What the laid files must have been made from."""
    lock = (project / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + Path(__file__).read_bytes()).hexdigest()


def are_laid(project: Path) -> bool:
    """Whether nothing needs to be fetched."""
    stamp = LAID / STAMP
    return stamp.exists() and stamp.read_text(encoding="utf-8") == wanted(project)


def fetch(project: Path, npm: list[str]) -> None:
    """Fetch, then lay. Raises CalledProcessError with npm's words."""
    words = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(words, cwd=project, check=True, capture_output=True, text=True)  # noqa: S603
    lay(project / "node_modules", LAID)
    (LAID / STAMP).write_text(wanted(project), encoding="utf-8")


def lay(modules: Path, folder: Path) -> None:
    """Copy what pages use, without the fonts and the addresses of source maps."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, source in FILES.items():
        text = _SOURCE_MAP.sub("\n", (modules / source).read_text(encoding="utf-8"))
        if name == "govuk.css":
            text = _THEIR_FONT.sub(_OUR_FONT, _FONT_FACES.sub("", text))
        (folder / name).write_text(text, encoding="utf-8")


def main() -> int:
    project, npm = Path(sys.argv[1]), sys.argv[2:]
    if npm == ["--is-laid"]:
        return 0 if are_laid(project) else 1
    if not are_laid(project):
        try:
            fetch(project, npm)
        except subprocess.CalledProcessError as error:
            print(error.stdout, error.stderr, file=sys.stderr)  # noqa: T201 - the words of a set-up step
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
