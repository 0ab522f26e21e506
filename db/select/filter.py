"""The one definition of "which articles": list, facets, exports, feeds and the command line all ask it.

A filter is a value: made from a URL or from options, turned into SQL over `articles`, into a URL and into words.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from db.notices import ABOUT_ARTICLE
from db.select import words
from db.select.address import read_query, show_years
from db.select.facets import FACETS, LAST_RUN, NOT_STATED, Choice, Facet, Mode, Topic, ordered
from db.select.search import SEARCH_TABLE, match_sql, parse_search
from db.select.words import Part
from db.sql import literals

Params = dict[str, str | int]


class Clause(NamedTuple):
    """A condition over `articles` and the values of its named parameters.

    Where the condition is that the PMID is in some set (`inside`) or not in it, `members` selects that set.
    """

    sql: str
    params: Params
    members: str | None = None
    inside: bool = True

    @classmethod
    def of_members(cls, members: str, params: Params, inside: bool = True) -> Self:
        """Returns the clause that an article's PMID is (not) in what `members` selects."""
        return cls(f"articles.pmid {'IN' if inside else 'NOT IN'} ({members})", params, members, inside)


#: Articles that were corrected, questioned, updated or retracted; comments and reprints are no such notice.
_NOTICED = f"SELECT pmid FROM notices WHERE kind IN ({literals(sorted(ABOUT_ARTICLE))})"


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """Which articles: OR inside a facet, AND across facets.

    `any_of`, `all_of` and `none_of` hold choices of all facets (`all_of` concepts only). `finding_of`, `finding_on`
    and `directions` must hold for one and the same finding: its subject and outcome (or a narrower concept) and its
    direction. `retracted`, `has_estimate` and `has_notice` (was corrected, questioned
    or retracted) None means both. `run` is `last` or a run's number: articles new in it.
    Articles that were tagged as not about HO are left out unless `topic` asks for them, vanished ones always unless
    `vanished`. `pmids` None means no list.
    """

    search: str = ""
    any_of: tuple[Choice, ...] = ()
    all_of: tuple[Choice, ...] = ()
    none_of: tuple[Choice, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    finding_of: str | None = None
    finding_on: str | None = None
    directions: tuple[str, ...] = ()
    retracted: bool | None = None
    has_estimate: bool | None = None
    has_notice: bool | None = None
    run: str | None = None
    topic: Topic = "ho"
    vanished: bool = False
    pmids: tuple[int, ...] | None = None

    def where(self, prefix: str = "f") -> tuple[str, Params]:
        """Returns an SQL condition over `articles` and its named parameters, which all begin with `prefix`_.

        A search needs the full-text table: evidence.db has it, elsewhere call `db.select.search.ensure_fts` first.
        """
        conditions, params = [], Params()
        for clause in self.clauses(prefix).values():
            conditions.append(clause.sql)
            params.update(clause.params)
        return " AND ".join(f"({condition})" for condition in conditions) or "1", params

    def clauses(self, prefix: str = "f") -> dict[str, Clause]:
        """Returns the conditions that `where` joins by AND, each under its own name; `any:FACET` is a facet's own."""
        found: dict[str, Clause] = {}
        if self.search.strip():
            found.update(_search_clauses(self.search, f"{prefix}_search"))
        for facet in FACETS.values():
            values = [choice.value for choice in self.any_of if choice.facet == facet.name]
            if values:
                found[f"any:{facet.name}"] = _any_clause(facet, values, f"{prefix}_any_{facet.name}")
        for number, choice in enumerate(self.all_of):
            found[f"all:{number}"] = _any_clause(FACETS[choice.facet], [choice.value], f"{prefix}_all{number}")
        for number, choice in enumerate(self.none_of):
            clause = _any_clause(FACETS[choice.facet], [choice.value], f"{prefix}_not{number}")
            found[f"not:{number}"] = Clause(f"({clause.sql}) IS NOT 1", clause.params, clause.members, inside=False)
        if self.year_from is not None:
            found["year_from"] = Clause(f"articles.year >= :{prefix}_from", {f"{prefix}_from": self.year_from})
        if self.year_to is not None:
            found["year_to"] = Clause(f"articles.year <= :{prefix}_to", {f"{prefix}_to": self.year_to})
        if self.finding_of or self.finding_on or self.directions:
            found["finding"] = self._finding_clause(f"{prefix}_finding")
        found.update(self._switches(prefix))
        return found

    def _switches(self, prefix: str) -> dict[str, Clause]:
        found: dict[str, Clause] = {}
        if self.retracted is not None:
            found["retracted"] = Clause(f"articles.retracted = {int(self.retracted)}", {})
        if self.has_estimate is not None:
            estimates = "SELECT pmid FROM findings WHERE value IS NOT NULL"
            found["estimate"] = Clause.of_members(estimates, {}, self.has_estimate)
        if self.has_notice is not None:
            found["notice"] = Clause.of_members(_NOTICED, {}, self.has_notice)
        if self.run is not None:
            last = self.run == LAST_RUN
            members = (
                f"SELECT pmid FROM changes WHERE run_id = {f'({_LAST_RUN})' if last else f':{prefix}_run'} AND {_NEW}"
            )
            found["run"] = Clause.of_members(members, {} if last else {f"{prefix}_run": int(self.run)})
        if self.topic != "all":
            found["topic"] = Clause(f"articles.topic {'IS NOT' if self.topic == 'ho' else '='} 'not_ho'", {})
        if not self.vanished:
            found["vanished"] = Clause("articles.vanished = 0", {})
        if self.pmids is not None:
            listed = f"SELECT pmid FROM articles WHERE pmid IN (SELECT value FROM json_each(:{prefix}_pmids))"
            found["pmids"] = Clause.of_members(listed, {f"{prefix}_pmids": json.dumps(self.pmids)})
        return found

    def _finding_clause(self, name: str) -> Clause:
        conditions, params = [], Params()
        for column, value in (("subject_id", self.finding_of), ("outcome_id", self.finding_on)):
            if value:
                params[f"{name}_{column}"] = value
                conditions.append(f"{column} IN ({narrower_sql(f':{name}_{column}')})")
        if self.directions:
            marks, values = _marks(self.directions, f"{name}_direction")
            conditions.append(f"direction IN ({marks})")
            params.update(values)
        return Clause.of_members(f"SELECT pmid FROM findings WHERE {' AND '.join(conditions)}", params)

    @classmethod
    def from_query(cls, pairs: Iterable[tuple[str, str]], also: Iterable[str] = ()) -> Self:
        """Returns the filter that URL parameters name, in whatever order they come.

        `also` names the parameters that belong to somebody else (`sort`, `page` ...). Empty values count as not given.
        Raises FilterError for an unknown parameter (naming the nearest) and for a value that cannot be read.
        """
        return cls(**read_query(pairs, also))

    def to_query(self) -> list[tuple[str, str]]:
        """Returns the URL parameters of this filter, always in the same order; `from_query` reads them back."""
        pairs = [("q", self.search)] if self.search.strip() else []
        for mode, choices in (("", self.any_of), ("all_", self.all_of), ("not_", self.none_of)):
            in_order = sorted(choices, key=lambda choice: _PLACES[choice.facet]) if len(choices) > 1 else choices
            pairs += [(f"{mode}{choice.facet}", choice.value) for choice in in_order]
        if self.year_from is not None or self.year_to is not None:
            pairs.append(("year", show_years(self.year_from, self.year_to)))
        pairs += [("finding_of", self.finding_of)] if self.finding_of else []
        pairs += [("finding_on", self.finding_on)] if self.finding_on else []
        pairs += [("direction", direction) for direction in self.directions]
        for name, value in (
            ("retracted", self.retracted),
            ("estimate", self.has_estimate),
            ("notice", self.has_notice),
        ):
            if value is not None:
                pairs.append((name, "yes" if value else "no"))
        pairs += [("run", self.run)] if self.run else []
        pairs += [("topic", self.topic)] if self.topic != "ho" else []
        pairs += [("vanished", "yes")] if self.vanished else []
        pairs += [("pmids", ",".join(map(str, self.pmids)) or "0")] if self.pmids is not None else []
        return pairs

    def query_string(self, *more: tuple[str, str | int]) -> str:
        """Returns the URL query of this filter with further parameters after it; empty where there is nothing."""
        return urlencode([*self.to_query(), *more])

    def with_choice(self, facet: str, value: str, mode: Mode = "any") -> Self:
        """Returns this filter with one more value chosen (or required, or excluded)."""
        name = _MODE_FIELDS[mode]
        changed: dict[str, Any] = {name: ordered((*getattr(self, name), Choice(facet, value)))}
        return replace(self, **changed)

    def without_choice(self, facet: str, value: str, mode: Mode = "any") -> Self:
        """Returns this filter with one value less."""
        name = _MODE_FIELDS[mode]
        left: dict[str, Any] = {name: tuple(c for c in getattr(self, name) if c != Choice(facet, value))}
        return replace(self, **left)

    def without_facet(self, facet: str) -> Self:
        """Returns this filter without the any-of list of one facet: what that facet's counts are taken over."""
        return replace(self, any_of=tuple(choice for choice in self.any_of if choice.facet != facet))

    def without_years(self) -> Self:
        """Returns this filter without its years: what the year curve is counted over."""
        return replace(self, year_from=None, year_to=None)

    def chosen(self, facet: str, mode: Mode = "any") -> tuple[str, ...]:
        """Returns the values chosen (required, excluded) of one facet."""
        return tuple(choice.value for choice in getattr(self, _MODE_FIELDS[mode]) if choice.facet == facet)

    def concept_ids(self) -> list[str]:
        """Returns every concept id that the filter names, each once, in order."""
        choices = (choice for choice in (*self.any_of, *self.all_of, *self.none_of) if FACETS[choice.facet].kind)
        named = [*(choice.value for choice in choices), self.finding_of, self.finding_on]
        return list(dict.fromkeys(value for value in named if value))

    def parts(self, names: Mapping[str, str] | None = None) -> list[Part]:
        """Returns the removable pieces of this filter; `names` maps concept ids to names (ids stand in otherwise)."""
        return words.filter_parts(self, names or {})

    def describe(self, names: Mapping[str, str] | None = None) -> str:
        """Returns the filter as one sentence without a full stop, for manifests, titles and feeds."""
        return words.describe(self, names or {})

    def __bool__(self) -> bool:
        """True where the filter says more than the default."""
        return self != type(self)()


_PLACES = {name: place for place, name in enumerate(FACETS)}
_MODE_FIELDS: Mapping[Mode, str] = {"any": "any_of", "all": "all_of", "not": "none_of"}
_LAST_RUN = "SELECT max(id) FROM runs WHERE kind IN ('harvest', 'import') AND status IN ('done', 'partial')"
_NEW = "change IN ('new', 'returned')"


def narrower_sql(parameter: str) -> str:
    """Returns a SELECT of a concept and all that is narrower than it; `parameter` is an SQL expression of its id."""
    return (
        f"WITH RECURSIVE narrower (id) AS (SELECT {parameter} UNION SELECT concepts.id FROM concepts "
        "JOIN narrower ON concepts.parent_id = narrower.id) SELECT id FROM narrower"
    )


def _search_clauses(search: str, name: str) -> dict[str, Clause]:
    parsed = parse_search(search)
    found: dict[str, Clause] = {}
    for pieces, inside in ((parsed.include, True), (parsed.exclude, False)):
        if pieces:
            match, params = match_sql(pieces, f"{name}_{'in' if inside else 'out'}")
            members = f"SELECT rowid FROM {SEARCH_TABLE} WHERE {SEARCH_TABLE} MATCH ({match})"
            found["search" if inside else "search:not"] = Clause.of_members(members, {**params}, inside)
    return found or {"search": Clause("0", {})}


def _any_clause(facet: Facet, values: Sequence[str], name: str) -> Clause:
    marks, params = _marks([value for value in values if facet.kind or value != NOT_STATED], name)
    if facet.kind:
        return Clause.of_members(f"SELECT pmid FROM article_tags WHERE concept_id IN ({marks})", params)
    conditions = [f"articles.{facet.column} IS NULL"] if NOT_STATED in values else []
    if params and facet.separator:
        conditions += [f"{holds_sql(facet, f':{mark}')} > 0" for mark in params]
    elif params:
        conditions.append(f"articles.{facet.column} IN ({marks})")
    return Clause(" OR ".join(conditions), params)


def holds_sql(facet: Facet, value: str) -> str:
    """Returns SQL that is positive where the facet's column of joined values holds the value (an SQL expression)."""
    mark = f"'{facet.separator}'"
    return f"instr({mark} || articles.{facet.column} || {mark}, {mark} || {value} || {mark})"


def _marks(values: Sequence[str], name: str) -> tuple[str, Params]:
    params: Params = {f"{name}{number}": value for number, value in enumerate(values)}
    return ", ".join(f":{mark}" for mark in params), params
