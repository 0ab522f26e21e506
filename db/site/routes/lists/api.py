"""The list of articles as JSON, in the conventions of Datasette's own tables."""

from collections.abc import Mapping
from typing import Any

from datasette.utils.asgi import Response

from db.evidence.articles import ListedArticle, listed_articles
from db.select.questions.lexicon import LEXICON
from db.select.words import describe
from db.site.answers import full_list_url, json_answer, json_page, next_page
from db.site.page import PageContext, not_held
from db.site.routes.lists.articles import read_listing

_SIZE, _LARGEST = 50, 200
_HIDDEN = ("abstract", "notice_kinds")
_LAST = 10_000_000
_SUGGESTIONS = 10


@json_page
def articles_json(context: PageContext) -> Response:
    """One page of a list: `_size` rows from `_next` on, `_facets=on` adds the counts of every facet."""
    listing = read_listing(context)
    size, offset = context.number("_size", _SIZE, _LARGEST), context.number("_next", 0, _LAST)
    chosen, index = listing.chosen, context.index
    total = index.count(context.conn, chosen)
    pmids = index.page(context.conn, chosen, listing.sort, size, offset)
    following = offset + size if offset + size < total else None
    answer: dict[str, Any] = {
        "filter": describe(chosen, listing.names),
        "sort": listing.sort,
        "filtered_table_rows_count": total,
        "list": full_list_url(context, chosen),
        "rows": [article_json(context, entry) for entry in listed_articles(context.conn, pmids, chosen)],
        **next_page(context, "articles.json", following),
    }
    if context.parameter("_facets"):
        answer["facet_results"] = index.facet_counts(context.conn, chosen)
    return json_answer(answer)


@json_page
def article_json_page(context: PageContext) -> Response:
    """One article with its tags and findings as JSON."""
    pmid = int(context.variables["pmid"])
    known = context.conn.execute("SELECT 1 FROM articles WHERE pmid = ?", [pmid]).fetchone()
    if known is None:
        raise not_held(f"PMID {pmid}")
    (entry,) = listed_articles(context.conn, [pmid])
    return json_answer({"article": article_json(context, entry)})


@json_page
def suggest_json(context: PageContext) -> Response:
    """Concepts of which a name begins like the text, or holds it: for boxes that suggest while one types."""
    text = (context.parameter("q") or "")[:100].casefold()
    lexicon = LEXICON.of(context.conn)
    found = lexicon.named_like(text) if len(text) > 1 else frozenset()
    counts = {concept: context.index.tags.get(concept, 0).bit_count() for concept in found}
    ranked = sorted(found, key=lambda c: (not lexicon.concepts[c].name.casefold().startswith(text), -counts[c], c))
    rows = [
        {"id": concept, "kind": named.kind, "name": named.name, "articles": counts[concept]}
        for concept in ranked[:_SUGGESTIONS]
        if (named := lexicon.concepts[concept]) and counts[concept]
    ]
    return json_answer({"rows": rows})


def article_json(context: PageContext, entry: ListedArticle) -> Mapping[str, Any]:
    """Returns an article as the API has it: its facts, direct tags by kind, and its strongest finding."""
    row = {name: value for name, value in entry.row.items() if name not in _HIDDEN}
    row["retracted"], row["vanished"] = bool(row["retracted"]), bool(row["vanished"])
    row["notices"] = (entry.row["notice_kinds"] or "").split()
    row["article"] = context.absolute(f"articles/{row['pmid']}")
    row["tags"] = [
        {"id": tag.concept_id, "kind": tag.kind, "name": tag.name, "assertion": tag.assertion} for tag in entry.tags
    ]
    row["strongest_finding"] = _finding(entry.finding, entry.sentence) if entry.finding else None
    return row


_FINDING = (
    "kind", "subject_id", "subject_text", "comparator_text", "outcome_id", "outcome_text", "direction", "measure",
    "value", "ci_low", "ci_high", "p_value", "adjusted", "comparator_class", "effect", "conflict",
)  # fmt: skip


def _finding(finding: Mapping[str, Any], sentence: str | None) -> dict[str, Any]:
    return {**{name: finding[name] for name in _FINDING}, "sentence": sentence}


ROUTES = [
    (r"^/suggest\.json$", suggest_json),
    (r"^/articles\.json$", articles_json),
    (r"^/articles/(?P<pmid>[0-9]{1,12})\.json$", article_json_page),
]
