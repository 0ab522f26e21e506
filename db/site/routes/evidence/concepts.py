"""Concept pages and the tree of each kind."""

from typing import Any
from urllib.parse import quote, unquote

from datasette.utils.asgi import NotFound, Response
from markupsafe import Markup

from db.evidence.asked import read_asked
from db.evidence.concepts import ConceptPage, ConceptRow, NoConceptError, read_page, read_tree
from db.evidence.effects.balance import Balance, read_balances
from db.evidence.effects.cards import read_cards
from db.evidence.effects.findings import one_an_article, rank_findings, read_findings
from db.evidence.effects.matrix import MatrixPage, read_matrix
from db.evidence.services.trials import trials_under_way
from db.select.addresses.near import NearAddresses
from db.select.facets import FACET_OF_KIND, KIND_PATHS
from db.select.filter import ArticleFilter
from db.select.words import filter_parts
from db.site.answers import balance_json, count_json, json_answer, json_page, read_filter, reliability_json
from db.site.page import PageContext, page
from db.site.plots.bars import year_bars
from db.site.tabs import tabs
from db.terms import Kind

_SENTENCES = 12
_NAME = r"(?P<id>[^/.]{1,300})"


@page
def concept(context: PageContext) -> Response:
    """One concept under a filter: the answer card first, then sentences, its articles by year and design."""
    selected, names = read_filter(context)
    found = _read(context, selected)
    row, role = found.concept, found.concept.finding_role
    near = NearAddresses(row.count.chosen)
    years = {year: context.url("articles", near.of_year(year)) for year in found.years}
    own = selected.without_finding()
    return context.render(
        "concept.html",
        tabs=tabs(context, row.count.chosen, "evidence"),
        page=found,
        concept=row,
        facet=FACET_OF_KIND[row.kind],
        kinds=FACET_OF_KIND,
        kind_path=path_of(row.kind),
        curve=Markup(year_bars(found.years, f"Articles a year on {row.name}", row.kind, years)),  # noqa: S704 - escaped
        year_links=years,
        cards=read_cards(context.conn, context.index, own, row.id) if role == "of" else [],
        subjects=_by_subject(context, own, row.id) if role == "on" else [],
        sentences=_sentences(context, own, row) if role else [],
        estimates=_estimates_url(context, row),
        trials=trials_under_way(context.conn, row.id),
        selected=own,
        parts=[(part, _url(context, row, part.rest)) for part in filter_parts(own, names)],
        settings=_settings(context, row, own),
    )


@json_page
def concept_json(context: PageContext) -> Response:
    """One concept as JSON."""
    selected, _ = read_filter(context)
    found = _read(context, selected)
    row, own = found.concept, selected.without_finding()
    outcomes = read_cards(context.conn, context.index, own, row.id) if row.finding_role == "of" else []
    by_subject = _by_subject(context, own, row.id) if row.finding_role == "on" else []
    return json_answer(
        {
            "concept": {
                **concept_dict(context, row),
                "synonyms": row.synonyms,
                "mesh_ui": row.mesh_ui,
                "note": row.note,
                "ancestors": [parent.id for parent in found.ancestors],
                "children": [concept_dict(context, child) for child in found.children],
            },
            "years": {str(year): count for year, count in sorted(found.years.items())},
            "designs": {design: count_json(context, count) for design, count in found.designs},
            "findings_by_outcome": [
                {"outcome": card.outcome, "name": card.name, **(balance_json(context, card.balance) or {})}
                for card in outcomes
            ],
            "findings_by_subject": [
                {"subject": subject, "name": name, **(balance_json(context, balance) or {})}
                for subject, name, balance in by_subject
            ],
            "reliability": reliability_json(context),
        }
    )


@page
def kind(context: PageContext) -> Response:
    """All concepts of a kind as a tree with counts."""
    own = KIND_PATHS[context.variables["kind"]]
    tree = read_tree(context.conn, context.index, own)
    return context.render(
        "kind.html",
        kind=own,
        facet=FACET_OF_KIND[own],
        facets=FACET_OF_KIND,
        tree=tree,
        paths=KIND_PATHS,
        nested=nested(tree),
    )


@json_page
def kind_json(context: PageContext) -> Response:
    """All concepts of a kind as JSON, parents before children."""
    own = KIND_PATHS[context.variables["kind"]]
    rows = [concept_dict(context, row) for row in read_tree(context.conn, context.index, own)]
    return json_answer({"kind": own, "rows": rows})


def path_of(own: Kind) -> str:
    """Returns the address of a kind's tree, without the root."""
    return next(path for path, kind in KIND_PATHS.items() if kind == own)


def concept_dict(context: PageContext, row: ConceptRow) -> dict[str, Any]:
    """Returns a concept as the API has it."""
    told = {"id": row.id, "kind": row.kind, "name": row.name, "parent_id": row.parent_id, "depth": row.depth}
    return {**told, **count_json(context, row.count)}


def nested(tree: list[ConceptRow]) -> list[tuple[ConceptRow, list[Any]]]:
    """Returns rows in tree order as nested lists."""
    top: list[tuple[ConceptRow, list[Any]]] = []
    open_lists = [top]
    for row in tree:
        del open_lists[row.depth + 1 :]
        below: list[tuple[ConceptRow, list[Any]]] = []
        open_lists[-1].append((row, below))
        open_lists.append(below)
    return top


def _read(context: PageContext, selected: ArticleFilter) -> ConceptPage:
    name = unquote(context.variables["id"])
    try:
        return read_page(context.conn, context.index, name, selected)
    except NoConceptError as error:
        raise NotFound(f"{str(error)[0].upper()}{str(error)[1:]}") from error


def _url(context: PageContext, row: ConceptRow, selected: ArticleFilter) -> str:
    return context.url(f"concepts/{quote(row.id, safe='')}", selected.query_string())


def _settings(context: PageContext, row: ConceptRow, selected: ArticleFilter) -> list[tuple[str, str, bool]]:
    """Returns the settings that a page can be narrowed to: words, address, and whether it is the one in force."""
    if row.kind == "aetiology":
        return []
    names = {line.id: line.name for line in context.index.concepts}
    chosen = selected.chosen("aetiology")
    everywhere = selected.without_facet("aetiology")
    found = [("all settings", _url(context, row, everywhere), not chosen)]
    for setting in read_asked()["setting"]:
        if setting in names:
            narrowed = everywhere.with_choice("aetiology", setting)
            found.append((names[setting], _url(context, row, narrowed), chosen == (setting,)))
    return found if len(found) > 1 else []


def _sentences(context: PageContext, selected: ArticleFilter, row: ConceptRow) -> list[dict[str, Any]]:
    """Returns the strongest findings as sentences, one an article."""
    ranked = rank_findings(context.conn, context.index, selected, row.finding_role or "of", row.id)
    return read_findings(context.conn, [key.id for key in one_an_article(ranked, _SENTENCES)])


def _by_subject(context: PageContext, selected: ArticleFilter, outcome: str) -> list[tuple[str, str, Balance]]:
    """Returns what is found on an outcome by intervention: what readers ask about first, then most articles."""
    matrix = read_matrix(context.conn, context.index, selected, MatrixPage(columns=outcome))
    names = {heading.id: heading.name for heading in matrix.rows}
    balances = read_balances(context.conn, context.index, selected, list(names), [outcome])
    return [(subject, names[subject], balance) for (subject, _), balance in balances.items()]


def _estimates_url(context: PageContext, row: ConceptRow) -> str | None:
    if row.kind == "risk factor":
        return context.url(f"plots/risk/{quote(row.id, safe='')}")
    if row.kind in ("intervention", "outcome"):
        return context.url("plots/effect", f"{row.kind}={quote(row.id, safe='')}")
    return None


_KINDS = "|".join(KIND_PATHS)
ROUTES = [
    (rf"^/concepts/{_NAME}$", concept),
    (rf"^/concepts/{_NAME}\.json$", concept_json),
    (rf"^/(?P<kind>{_KINDS})$", kind),
    (rf"^/(?P<kind>{_KINDS})\.json$", kind_json),
]
