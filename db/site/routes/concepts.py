"""Concept pages and the tree of each kind."""

from typing import Any
from urllib.parse import quote, unquote

from datasette.utils.asgi import NotFound, Response
from markupsafe import Markup

from db.evidence.balance import Count, Direction
from db.evidence.concepts import ConceptPage, ConceptRow, NoConceptError, read_page, read_tree
from db.evidence.findings import stated_findings
from db.evidence.matrix import Matrix, cell_filter, read_matrix
from db.select.facets import FACET_OF_KIND, FACETS
from db.select.filter import ArticleFilter
from db.site.answers import balance_json, count_json, json_answer, json_page, list_url
from db.site.page import Visit, page
from db.site.plots.bars import year_bars
from db.terms import Kind

#: The address of each kind's tree.
KIND_PATHS: dict[str, Kind] = {facet.plural.replace(" ", "-"): facet.kind for facet in FACETS.values() if facet.kind}
_SENTENCES = 6
_NAME = r"(?P<id>[^/.]{1,300})"


@page
def concept(visit: Visit) -> Response:
    """One concept: its place in the vocabulary, its articles by year and design, and its findings."""
    found = _read(visit)
    row = found.concept
    role = row.finding_role
    name = FACET_OF_KIND[row.kind].name
    years = {
        year: visit.url(
            "articles", ArticleFilter(year_from=year, year_to=year).with_choice(name, row.id).query_string()
        )
        for year in found.years
    }
    return visit.render(
        "concept.html",
        page=found,
        concept=row,
        facet=FACET_OF_KIND[row.kind],
        kinds=FACET_OF_KIND,
        kind_path=path_of(row.kind),
        curve=Markup(year_bars(found.years, f"Articles a year on {row.name}", row.kind, years)),  # noqa: S704 - escaped
        year_links=years,
        crossings=_crossings(visit, row) if role else [],
        stated=_stated(visit, found),
        estimates=_estimates_url(visit, row),
    )


@json_page
def concept_json(visit: Visit) -> Response:
    """One concept as JSON."""
    found = _read(visit)
    row = found.concept
    return json_answer(
        {
            "concept": {
                **concept_dict(visit, row),
                "synonyms": row.synonyms,
                "mesh_ui": row.mesh_ui,
                "note": row.note,
                "ancestors": [parent.id for parent in found.ancestors],
                "children": [concept_dict(visit, child) for child in found.children],
            },
            "years": {str(year): count for year, count in sorted(found.years.items())},
            "designs": {design: count_json(visit, count) for design, count in found.designs},
            "findings": balance_json(visit, found.balance),
        }
    )


@page
def kind(visit: Visit) -> Response:
    """All concepts of a kind as a tree with counts."""
    own = KIND_PATHS[visit.variables["kind"]]
    tree = read_tree(visit.conn, visit.census, own)
    return visit.render(
        "kind.html", kind=own, facet=FACET_OF_KIND[own], tree=tree, paths=KIND_PATHS, nested=nested(tree)
    )


@json_page
def kind_json(visit: Visit) -> Response:
    """All concepts of a kind as JSON, parents before children."""
    own = KIND_PATHS[visit.variables["kind"]]
    rows = [concept_dict(visit, row) for row in read_tree(visit.conn, visit.census, own)]
    return json_answer({"kind": own, "rows": rows})


def path_of(own: Kind) -> str:
    """Returns the address of a kind's tree, without the root."""
    return FACET_OF_KIND[own].plural.replace(" ", "-")


def concept_dict(visit: Visit, row: ConceptRow) -> dict[str, Any]:
    """Returns a concept as the API has it."""
    told = {"id": row.id, "kind": row.kind, "name": row.name, "parent_id": row.parent_id, "depth": row.depth}
    return {**told, **count_json(visit, row.count)}


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


def _read(visit: Visit) -> ConceptPage:
    name = unquote(visit.variables["id"])
    try:
        return read_page(visit.conn, visit.census, name)
    except NoConceptError as error:
        raise NotFound(f"{str(error)[0].upper()}{str(error)[1:]}") from error


def _stated(visit: Visit, found: ConceptPage) -> list[tuple[Direction, Count, list[dict[str, Any]]]]:
    """Returns each direction that has articles with its strongest sentences."""
    role = found.concept.finding_role
    if role is None or found.balance is None:
        return []
    return [
        (group, count, stated_findings(visit.conn, role, found.concept.id, group, _SENTENCES))
        for group, count in found.balance.groups
        if count.number
    ]


def _crossings(visit: Visit, row: ConceptRow) -> list[dict[str, Any]]:
    """Returns with what else a concept's findings are: outcomes of an intervention, aetiologies of a factor ..."""
    plain = ArticleFilter()
    if row.kind == "outcome":
        matrix = read_matrix(visit.conn, visit.census, plain, "effects", None, row.id)
        pairs = [((place, 0), heading) for place, heading in enumerate(matrix.rows)]
    else:
        view: Any = "effects" if row.kind == "intervention" else "risks"
        matrix = read_matrix(visit.conn, visit.census, plain, view, row.id, None)
        pairs = [((0, place), heading) for place, heading in enumerate(matrix.columns)]
    found: list[tuple[int, dict[str, Any]]] = []
    for place, heading in pairs:
        cell = matrix.cells.get(place)
        if cell is not None and cell.total:
            href = _cell_url(visit, matrix, place)
            found.append((cell.total, {"id": heading.id, "name": heading.name, "cell": cell, "href": href}))
    return [entry for _, entry in sorted(found, key=lambda counted: -counted[0])[:12]]


def _cell_url(visit: Visit, matrix: Matrix, place: tuple[int, int]) -> str:
    return list_url(visit, cell_filter(matrix, matrix.rows[place[0]].id, matrix.columns[place[1]].id))


def _estimates_url(visit: Visit, row: ConceptRow) -> str | None:
    if row.kind == "risk factor":
        return visit.url(f"plots/risk/{quote(row.id, safe='')}")
    if row.kind in ("intervention", "outcome"):
        return visit.url("plots/effect", f"{row.kind}={quote(row.id, safe='')}")
    return None


_KINDS = "|".join(KIND_PATHS)
ROUTES = [
    (rf"^/concepts/{_NAME}$", concept),
    (rf"^/concepts/{_NAME}\.json$", concept_json),
    (rf"^/(?P<kind>{_KINDS})$", kind),
    (rf"^/(?P<kind>{_KINDS})\.json$", kind_json),
]
