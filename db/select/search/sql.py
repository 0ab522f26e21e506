"""Turns a search into SQL: conditions over `articles`, and what its results are put in order by."""

from db.select.clause import Clause, Params, named_values
from db.select.search.index import SEARCH_TABLE, WORDS_TABLE
from db.select.search.search import Fact, Node, Pieces, Prefix, Search, Several, Term, terms

_WORDS_OF_A_PREFIX = 300
_FACTS = {
    "year": "year BETWEEN {0} AND {1}",
    "study_design": "study_design IN ({all})",
    "journal": "instr(lower(coalesce(journal, '') || ' ' || coalesce(iso_abbreviation, '')), lower({0})) > 0",
    "language": "instr(';' || lower(coalesce(language, '')) || ';', ';' || lower({0}) || ';') > 0",
}


def search_clauses(search: Search, prefix: str) -> dict[str, Clause]:
    """Returns the conditions of a search by name; their parameters begin with `prefix`.

    What is a text search alone is one condition, every recognised concept is one of its own. A text in which nothing
    can be looked for finds nothing.
    """
    if not search.required and not search.excluded:
        return {"search": Clause("0", {})}
    found: dict[str, Clause] = {}
    if search.least is not None:
        params: Params = {f"{prefix}_least": search.least}
        each = []
        for number, node in enumerate(search.required):
            members, values = _members(node, f"{prefix}_p{number}_")
            each.append(f"SELECT * FROM ({members})")
            params.update(values)
        members = f"SELECT 1 AS pmid WHERE 0 UNION ALL {' UNION ALL '.join(each)}"
        members = f"SELECT pmid FROM ({members}) GROUP BY pmid HAVING count(*) >= :{prefix}_least"
        found["search"] = Clause.of_members(members, params)
    else:
        plain = [node for node in search.required if _is_text(node)]
        if plain:
            found["search"] = _text_clause(_join(plain, "AND"), f"{prefix}_in", inside=True)
        for number, node in enumerate(node for node in search.required if not _is_text(node)):
            found[f"search:{number}"] = Clause.of_members(*_members(node, f"{prefix}_p{number}_"))
    plain = [node for node in search.excluded if _is_text(node)]
    if plain:
        found["search:not"] = _text_clause(_join(plain, "OR"), f"{prefix}_out", inside=False)
    for number, node in enumerate(node for node in search.excluded if not _is_text(node)):
        members, values = _members(node, f"{prefix}_n{number}_")
        found[f"search:not{number}"] = Clause.of_members(members, values, inside=False)
    return found


def ranking(search: Search) -> tuple[str, dict[str, str]] | None:
    """Returns the right side of MATCH, with parameters, that relevance is taken from; None where no text is named.

    Where the vocabulary was recognised, whatever names it counts; otherwise all words together do.
    """
    if not search.finds:
        return None
    if search.least is None and all(_is_text(node) for node in search.required):
        return _match(_join(search.required, "AND"), "m")
    named = [term for node in search.required for term in terms(node)]
    return _match(_join(named, "OR"), "m")


def _is_text(node: Node) -> bool:
    if isinstance(node, Several):
        return all(_is_text(part) for part in (*node.parts, *node.excluded))
    return isinstance(node, Term) and not node.concepts


def _members(node: Node, name: str) -> tuple[str, Params]:
    """Returns a SELECT of the PMIDs that a node means."""
    if _is_text(node):
        clause = _text_clause(_pieces(node), name, inside=True)
        return clause.members or "", clause.params
    if isinstance(node, Term):
        marks, params = named_values(node.concepts, name)
        return f"SELECT pmid FROM article_tags WHERE concept_id IN ({marks})", params
    if isinstance(node, Fact):
        marks, params = named_values(node.values, name)
        condition = _FACTS[node.column].format(*marks.split(", "), all=marks)
        return f"SELECT pmid FROM articles WHERE {condition}", params
    joint = " UNION " if node.joint == "OR" else " INTERSECT "
    selects, every = [], Params()
    for number, part in enumerate(node.parts):
        members, params = _members(part, f"{name}{number}_")
        selects.append(f"SELECT * FROM ({members})")
        every |= params
    joined = joint.join(selects)
    for number, part in enumerate(node.excluded):
        members, params = _members(part, f"{name}x{number}_")
        joined = f"SELECT * FROM ({joined}) EXCEPT SELECT * FROM ({members})"
        every |= params
    return joined, every


def _text_clause(pieces: Pieces, name: str, inside: bool) -> Clause:
    match, params = _match(pieces, name)
    members = f"SELECT rowid FROM {SEARCH_TABLE} WHERE {SEARCH_TABLE} MATCH ({match})"
    return Clause.of_members(members, {**params}, inside)


def _pieces(node: Node) -> Pieces:
    if isinstance(node, Term):
        return node.pieces
    if isinstance(node, Fact):
        return ()
    inner = _join(node.parts, node.joint)
    if not node.excluded:
        return ("(", *inner, ")")
    return ("((", *inner, ") NOT (", *_join(node.excluded, "OR"), "))")


def _join(nodes: "tuple[Node, ...] | list[Node] | list[Term]", word: str) -> Pieces:
    pieces: list[str | Prefix] = []
    for node in nodes:
        own = _pieces(node)
        if pieces and own:
            pieces.append(f" {word} ")
        pieces.extend(own)
    return tuple(pieces)


def _match(pieces: Pieces, name: str) -> tuple[str, dict[str, str]]:
    """Returns an SQL expression for the right side of MATCH and its parameters, whose names begin with `name`."""
    found, params = [], {}
    for number, piece in enumerate(pieces):
        parameter = f"{name}{number}"
        if isinstance(piece, str):
            found.append(f":{parameter}")
            params[parameter] = piece
        else:
            params[parameter] = piece.text
            params[f"{parameter}_end"] = piece.text + "\U0010ffff"
            found.append(
                f"(SELECT '(\"' || :{parameter} || '\"*' || coalesce(group_concat(' OR \"' || word || '\"', ''), '') "
                f"|| ')' FROM (SELECT word FROM {WORDS_TABLE} WHERE word >= :{parameter} AND word < :{parameter}_end "
                f"LIMIT {_WORDS_OF_A_PREFIX}))"
            )
    return " || ".join(found), params
