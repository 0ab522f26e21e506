"""Writes Atom feeds: titles and text escaped, ids that stay, times in UTC."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from db.topics import current

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
#: What XML 1.0 cannot hold, however it is written.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: `id` stays the same for ever, `updated` is ISO 8601, `text` is plain."""

    id: str
    title: str
    link: str
    updated: str
    text: str
    author: str | None = None
    categories: tuple[str, ...] = ()


def atom(
    address: str, page: str, title: str, updated: str, entries: Iterable[Entry], links: Mapping[str, str] | None = None
) -> str:
    """Returns a feed; `address` is its own and its id, `page` the page that shows the same to people.

    `links` are those to its other pages, by relation.
    """
    more = "".join(
        f"<link rel={quoteattr(name)} href={quoteattr(_clean(to))}/>\n" for name, to in (links or {}).items()
    )
    written, name = "".join(map(_entry, entries)), _text(current().title)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<title>{_text(title)}</title>\n<id>{_text(address)}</id>\n<updated>{moment(updated)}</updated>\n"
        f'<link rel="self" type="application/atom+xml" href={quoteattr(_clean(address))}/>\n'
        f'<link rel="alternate" type="text/html" href={quoteattr(_clean(page))}/>\n{more}'
        f"<author><name>{name}</name></author>\n<generator>{name}</generator>\n{written}</feed>\n"
    )


def moment(value: str | None) -> str:
    """Returns a date or time as Atom wants it; what is unknown of it is filled with the earliest."""
    text = (value or "").strip()
    if _TIME.fullmatch(text):
        return text
    match = re.match(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?(?:[T ](\d{2}:\d{2}(?::\d{2})?))?", text)
    if not match:
        return "1970-01-01T00:00:00Z"
    year, month, day, clock = match.groups(default="")
    seconds = clock if len(clock) == 8 else f"{clock or '00:00'}:00"
    return f"{year}-{month or '01'}-{day or '01'}T{seconds}Z"


def _entry(entry: Entry) -> str:
    author = f"<author><name>{_text(entry.author)}</name></author>" if entry.author else ""
    categories = "".join(f"<category term={quoteattr(_clean(term))}/>" for term in entry.categories)
    return (
        f"<entry><title>{_text(entry.title)}</title><id>{_text(entry.id)}</id>"
        f"<link href={quoteattr(_clean(entry.link))}/><updated>{moment(entry.updated)}</updated>{author}{categories}"
        f'<summary type="text">{_text(entry.text)}</summary></entry>\n'
    )


def _text(value: str) -> str:
    return escape(_clean(value))


def _clean(value: str) -> str:
    return _NOT_XML.sub(" ", value)
