"""Which of two revisions of a record is kept, and what changed from one to the other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from db.model import Article
from db.store.records.article_rows import ARTICLE_COLUMNS, article_row


@dataclass(frozen=True, slots=True)
class Origin:
    """Where records come from.

    `live`: PubMed gave them just now; that is the truth, whatever their dates say. Otherwise they stand in a file, and
    `source` is its place in NLM's order ("26n00012"), None where it has none. `parser` is the version that read them,
    `medline` says that they were MEDLINE text, which carries less than PubMed's XML.
    """

    live: bool = True
    source: str | None = None
    parser: str | None = None
    medline: bool = False


LIVE = Origin()


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one article (`new`, `revised`, `retracted`, `returned` ...), with the columns that changed."""

    pmid: int
    change: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """An article as the store holds it; `live` says that PubMed itself gave its record, `row` are ARTICLE_COLUMNS."""

    version: int
    revised_date: str | None
    vanished: bool
    retracted: bool
    xml: bytes
    row: tuple[Any, ...]
    notices: frozenset[tuple[str, int | None]]
    live: bool
    source: str | None
    deleted_by: str | None
    medline: bool


def replaces(article: Article, held: Held, origin: Origin) -> bool:
    """Says whether a record takes the place of the held one.

    What PubMed gives live always does. From a file the higher (version, DateRevised) does; on a tie the live record
    stays, else PubMed's XML counts before MEDLINE text, then the later of NLM's files, then the fuller record: PubMed
    adds notices and ids under one date.
    """
    if article.xml == held.xml:
        return False
    if origin.live or not held.xml:
        return True
    ours, theirs = _key(article.version, article.revised_date), _key(held.version, held.revised_date)
    if ours != theirs:
        return ours > theirs
    if held.live:
        return False
    if origin.medline != held.medline:
        return held.medline
    if origin.source and held.source and origin.source != held.source:
        return origin.source > held.source
    notices = {(notice.kind, notice.ref_pmid) for notice in article.notices}
    return (len(notices), len(article.xml), article.xml) > (len(held.notices), len(held.xml), held.xml)


def returns(held: Held, origin: Origin, replaced: bool) -> bool:
    """Says whether a record brings a vanished article back: live, newer, or in a later file than its deletion.

    A file's own deletions stand at its end and are about its records too.
    """
    if not held.vanished:
        return False
    if origin.source and held.deleted_by:
        return origin.source > held.deleted_by
    return origin.live or replaced


def newest(articles: Iterable[Article]) -> dict[int, Article]:
    """Returns the newest revision of each PMID, the last one on a tie, in order of first arrival."""
    found: dict[int, Article] = {}
    for article in articles:
        seen = found.get(article.pmid)
        if seen is None or _key(article.version, article.revised_date) >= _key(seen.version, seen.revised_date):
            found[article.pmid] = article
    return found


def revision(article: Article, before: Held, change: str = "revised") -> Iterator[Change]:
    """Yields what changed from the held article to this one, and that it was retracted where it was not before."""
    columns = [
        column
        for column, old, new in zip(ARTICLE_COLUMNS, before.row, article_row(article), strict=True)
        if old != new and column != "text_hash"
    ]
    arrived = sorted(
        {notice.kind for notice in article.notices if (notice.kind, notice.ref_pmid) not in before.notices}
    )
    yield Change(article.pmid, change, {"columns": columns, **({"notices": arrived} if arrived else {})})
    if article.retracted and not before.retracted:
        yield Change(article.pmid, "retracted")


def _key(version: int, revised_date: str | None) -> tuple[int, str]:
    return (version, revised_date or "")
