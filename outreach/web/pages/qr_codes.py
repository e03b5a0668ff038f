"""Square pictures that a phone reads, as drawings inside the page."""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr_code(text: str) -> Markup:
    """Nothing of the text is loaded from anywhere, nor kept."""
    drawn: str = segno.make(text, error="m", micro=False).svg_inline(
        scale=5, border=3, svgclass="sign-in-qr", lineclass=None, omitsize=False
    )
    return Markup(drawn)  # noqa: S704 - segno writes numbers only
