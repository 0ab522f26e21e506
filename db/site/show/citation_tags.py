"""What reference managers and search engines read off a page: citation_* tags, JSON-LD, COinS for rows."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any
from urllib.parse import quote_plus

from markupsafe import Markup

from db.model import Author
from db.notices import gravest_mark, marked_title
from db.preprints import is_preprint_number

Row = Mapping[str, Any]


def citation_tags(article: Row, authors: Sequence[Author], kinds: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Returns the Highwire tags of an article (name, content), as reference managers read them.

    `kinds` are those of its notices: a retracted article, or one of concern, says so before its title, so that no
    library holds it unmarked.
    """
    tags = [("citation_title", _title(article, kinds))]
    tags += [("citation_author", name) for name in map(_author, authors) if name]
    first, _, last = (article["pages"] or "").partition("-")
    for name, value in (
        ("citation_publication_date", (article["publication_date"] or str(article["year"] or "")).replace("-", "/")),
        ("citation_inbook_title" if _is_chapter(article) else "citation_journal_title", _container(article)),
        ("citation_journal_abbrev", article["iso_abbreviation"]),
        ("citation_issn", article["issn"]),
        ("citation_volume", article["volume"]),
        ("citation_issue", article["issue"]),
        ("citation_firstpage", first.strip()),
        ("citation_lastpage", _last_page(first.strip(), last.strip())),
        ("citation_doi", article["doi"]),
        ("citation_pmid", None if is_preprint_number(article["pmid"]) else str(article["pmid"])),
        ("citation_language", (article["language"] or "").split(";")[0]),
    ):
        if value:
            tags.append((name, str(value)))
    return tags


def json_ld(article: Row, authors: Sequence[Author], address: str, kinds: Iterable[str] = ()) -> Markup:
    """Returns an article as schema.org has it, safe inside a script element of type application/ld+json."""
    value = {
        "@context": "https://schema.org",
        "@type": "Chapter" if _is_chapter(article) else "ScholarlyArticle",
        "headline": _title(article, kinds),
        "author": [{"@type": "Person", "name": name} for name in map(_author, authors) if name],
        "datePublished": article["publication_date"] or str(article["year"] or "") or None,
        "isPartOf": {"@type": "Book" if _is_chapter(article) else "Periodical", "name": _container(article)}
        if _container(article)
        else None,
        "identifier": [*_pmid(article, "pmid:{}"), *([f"doi:{article['doi']}"] if article["doi"] else [])],
        "sameAs": "".join(_pmid(article, "https://pubmed.ncbi.nlm.nih.gov/{}/")),
        "url": address,
    }
    kept = {name: entry for name, entry in value.items() if entry}
    # the only character that can end a script element early, or begin a comment in it
    return Markup(json.dumps(kept, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704


def coins(row: Row) -> str:
    """Returns a row of a list as an OpenURL context object, for the title of a `span.Z3988`."""
    chapter = _is_chapter(row)
    pairs = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", f"info:ofi/fmt:kev:mtx:{'book' if chapter else 'journal'}"),
        ("rft.genre", "bookitem" if chapter else "article"),
        ("rft.atitle", _title(row, (row["notice_kinds"] or "").split())),
        ("rft.btitle" if chapter else "rft.jtitle", _container(row) or ""),
        ("rft.volume", row["volume"]),
        ("rft.issue", row["issue"]),
        ("rft.pages", row["pages"]),
        ("rft.issn", row["issn"]),
        ("rft.date", row["publication_date"] or str(row["year"] or "")),
        *(("rft.au", name) for name in (row["authors"] or "").split(", ") if name),
        *(("rft_id", name) for name in _pmid(row, "info:pmid/{}")),
        *([("rft_id", f"info:doi/{row['doi']}")] if row["doi"] else []),
    ]
    return "&".join([f"{name}={_quoted(value)}" for name, value in pairs if value])


#: Authors and journals stand in many rows, and quoting them takes longer than showing them.
_quoted = lru_cache(maxsize=10_000)(partial(quote_plus, safe="/:"))


def _pmid(article: Row, pattern: str) -> list[str]:
    """Returns PubMed's number in a pattern; nothing for a preprint, which PubMed does not know."""
    return [] if is_preprint_number(article["pmid"]) else [pattern.format(article["pmid"])]


def _is_chapter(article: Row) -> bool:
    """Whether a record stands in a book."""
    return bool(article["book_title"]) and not article["journal"]


def _container(article: Row) -> str | None:
    """Returns the journal or book that a record stands in."""
    container: str | None = article["journal"] or article["book_title"]
    return container


def row_mark(row: Row) -> str | None:
    """Returns what is grave about a row of a list beside a retraction, in words ("expression of concern")."""
    mark = gravest_mark((row["notice_kinds"] or "").split())
    return mark.lower() if mark and not row["retracted"] else None


def _title(article: Row, kinds: Iterable[str]) -> str:
    return marked_title(article["title"] or "[no title]", gravest_mark(kinds, bool(article["retracted"])))


def _author(author: Author) -> str:
    if author.collective_name:
        return author.collective_name
    return ", ".join(part for part in (author.last_name, author.fore_name or author.initials) if part)


def _last_page(first: str, last: str) -> str:
    """Returns the last page in full: "487-93" ends on 493."""
    short = re.fullmatch(r"\d+", first) and re.fullmatch(r"\d+", last) and len(last) < len(first)
    return first[: len(first) - len(last)] + last if short else last
