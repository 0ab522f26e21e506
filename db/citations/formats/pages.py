"""Where an article stands in its issue: first and last page in full, or its number."""

import re

from db.model import Article

_DASHES = re.compile("[‐‑‒–—−]")
#: A range, the words that may follow it left aside ("487-93 discussion 494-5", "1-10; quiz 11", "12-9 contd").
_RANGE = re.compile(r"([^\s,;-]+)\s*-\s*([^\s,;-]+)(?=[\s,;.]|$)")
#: A number or page that words follow: "e42692 discussion", "487, 490".
_FIRST = re.compile(r"([^\s,;]*\d[^\s,;]*)(?:\s*[,;]|\s+(?!p\b|pp\b|pages\b|unnumbered\b)[a-z]{3,})")


def page_range(pages: str | None) -> tuple[str | None, str | None]:
    """Returns first and last page with the last in full: "487-93" gives ("487", "493"), "e12" gives ("e12", None).

    Words after a range ("discussion 494-5") are left aside. A number of the publisher's is no range, whatever hyphens
    are in it ("S0883-5403(20)30123-4", "bmjopen-2019-012345").
    """
    text = _DASHES.sub("-", pages or "").strip()
    found = _RANGE.match(text)
    if found and not set("(/") & set(found.group()):
        first, last = found[1], found[2].rstrip(".")
        full = _in_full(first, last)
        return first, None if full == first else full
    if cut := _FIRST.match(text):
        return cut[1], None
    return text.strip(" ,;-") or None, None


def pages_of(article: Article) -> tuple[str | None, str | None]:
    """Returns an article's first and last page, or its number in the journal and None."""
    if article.pages and article.pages in {article.pii, *(i.value for i in article.article_ids if i.kind == "pii")}:
        return article.pages, None
    return page_range(article.pages)


def full_pages(article: Article) -> str | None:
    """Returns the page range in full with a hyphen ("487-493"), or the article's number."""
    first, last = pages_of(article)
    return f"{first}-{last}" if last else first


def _in_full(first: str, last: str) -> str:
    """Returns the last page with what PubMed leaves out of it: "S12", "9" gives "S19"; "117.e1", "8" gives "117.e8"."""
    head = re.fullmatch(r"(.*?)(\d+)(\D?)", first, re.ASCII)
    tail = re.fullmatch(r"(\d+)(\D?)", last, re.ASCII)
    if not head or not tail:
        return last
    digits = tail[1]
    if len(digits) < len(head[2]):
        digits = head[2][: len(head[2]) - len(digits)] + digits
    # As texts of one length: a page may have more digits than a number is allowed.
    if digits.zfill(len(head[2])) < head[2].zfill(len(digits)):
        return last
    return f"{head[1]}{digits}{tail[2]}"
