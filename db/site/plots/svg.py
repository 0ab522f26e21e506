"""Writes SVG elements: everything escaped, numbers short, colours as attributes."""

from collections.abc import Iterable
from html import escape
from typing import Final

#: What each kind looks like everywhere; the pages' style sheets use the same values.
KIND_COLOURS: Final = {
    "intervention": "#0b5fa5",
    "risk factor": "#b5460f",
    "outcome": "#00735c",
    "site": "#4b5563",
    "aetiology": "#4b5563",
    "diagnostic test": "#6b4fa0",
    "mechanism": "#8a6100",
}
INK: Final = "#1b1f24"
MUTED: Final = "#5b6470"
RULE: Final = "#c9ced6"
FONT: Final = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"
_CHARACTER_WIDTH = 0.56


def number(value: float) -> str:
    """Returns a coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def element(name: str, content: str = "", /, **attributes: object) -> str:
    """Returns one element; `content` is markup, attributes are escaped, `_` in their names becomes `-`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{number(value) if isinstance(value, float) else escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def text(x: float, y: float, words: str, **attributes: object) -> str:
    """Returns a line of text at a place."""
    return element("text", escape(_plain(words)), x=float(x), y=float(y), **attributes)


def title(words: str) -> str:
    """Returns the title of a shape, which browsers show and screen readers read."""
    return f"<title>{escape(_plain(words))}</title>"


def shortened(words: str, width: float, size: float) -> str:
    """Returns text cut with an ellipsis so that it fits about `width` at a font size."""
    most = max(1, int(width / (size * _CHARACTER_WIDTH)))
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def document(width: float, height: float, parts: Iterable[str], name: str, described: str, css: str) -> str:
    """Returns a whole SVG: `name` is its title for screen readers, `described` says what it shows.

    With links inside it is a group, since screen readers do not look into an image.
    """
    parts = list(parts)
    body = f"{title(name)}<desc>{escape(_plain(described))}</desc>{''.join(parts)}"
    return element(
        "svg",
        body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=number(width),
        height=number(height),
        role="group" if any("<a " in part for part in parts) else "img",
        class_=css,
        font_family=FONT,
        fill=INK,
    )


def _plain(words: str) -> str:
    """Returns text without characters that XML cannot hold."""
    return "".join(char if char in "\t\n" or (ord(char) >= 32 and _allowed(ord(char))) else " " for char in words)


def _allowed(code: int) -> bool:
    return not (0x7F <= code <= 0x9F or 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF))
