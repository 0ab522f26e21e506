"""The one definition of "which articles": list, facets, exports, feeds and the command line all ask it.

A filter is a value: made from a URL or from options (`db.select.address`), turned into SQL over `articles`, into a
URL, and into words (`db.select.words`).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self
from urllib.parse import urlencode

from db.select.address import read_query, show_years
from db.select.changed import changed
from db.select.clause import Clause, Params, named_values
from db.select.facets import FACETS, LAST_RUN, NOT_STATED, Choice, Facet, Mode, Topic, ordered, topic_words
from db.select.past import held_clause, retracted_clause
from db.select.search.search import Search
from db.select.search.sql import search_clauses
from db.select.sought import SoughtFinding
from db.select.switches import SWITCHES
from db.topics import current


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """Which articles: OR inside a facet, AND across facets.

    `any_of`, `all_of` and `none_of` hold choices of all facets (`all_of` concepts only). `finding` must hold for one
    and the same finding. `switches` holds the yes-or-no filters that are set, by parameter. `run` is `last` or a run's
    number: articles new in it. Articles that were tagged as not on the topic are left out unless `topic` asks for them,
    vanished ones always unless `vanished`. `with_retracted` lets evidence views count retracted articles (see
    `for_evidence`). `as_of` is a day: what a store of that day held and knew as retracted (`db.select.past`).
    `pmids` None means no list.
    """

    search: Search = field(default_factory=Search)
    any_of: tuple[Choice, ...] = ()
    all_of: tuple[Choice, ...] = ()
    none_of: tuple[Choice, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    finding: SoughtFinding = field(default_factory=SoughtFinding)
    switches: tuple[tuple[str, bool], ...] = ()
    run: str | None = None
    topic: Topic = "about"
    vanished: bool = False
    with_retracted: bool = False
    as_of: str | None = None
    pmids: tuple[int, ...] | None = None

    def where(self, prefix: str = "f") -> tuple[str, Params]:
        """Returns an SQL condition over `articles` and its named parameters, which all begin with `prefix`_.

        A search needs the full-text table: evidence.db has it, elsewhere call
        `db.select.search.index.ensure_search` first.
        """
        conditions, params = [], Params()
        for clause in self.clauses(prefix).values():
            conditions.append(clause.sql)
            params.update(clause.params)
        return " AND ".join(f"({condition})" for condition in conditions) or "1", params

    def clauses(self, prefix: str = "f") -> dict[str, Clause]:
        """Returns the conditions that `where` joins by AND, each under its own name; `any:FACET` is a facet's own."""
        found: dict[str, Clause] = {}
        if self.search:
            found.update(search_clauses(self.search, f"{prefix}_search"))
        found.update(self._choice_clauses(prefix))
        if self.year_from is not None:
            found["year_from"] = Clause(f"articles.year >= :{prefix}_from", {f"{prefix}_from": self.year_from})
        if self.year_to is not None:
            found["year_to"] = Clause(f"articles.year <= :{prefix}_to", {f"{prefix}_to": self.year_to})
        if self.finding:
            found["finding"] = self.finding.clause(f"{prefix}_finding")
        for name, value in self.switches:
            past = name == "retracted" and self.as_of
            found[name] = retracted_clause(past, value, f"{prefix}_known") if past else SWITCHES[name].clause(value)
        if self.run is not None:
            found["run"] = _run_clause(self.run, self.as_of, prefix)
        if self.topic != "all":
            sign, beside = "IS NOT" if self.topic == "about" else "=", current().beside
            found["topic"] = Clause(f"articles.topic {sign} '{beside}'", {})
        if self.as_of is not None:
            found["as_of"] = held_clause(self.as_of, self.vanished, f"{prefix}_as_of")
        elif not self.vanished:
            found["vanished"] = Clause("articles.vanished = 0", {})
        if self.pmids is not None:
            listed = f"SELECT pmid FROM articles WHERE pmid IN (SELECT value FROM json_each(:{prefix}_pmids))"
            found["pmids"] = Clause.of_members(listed, {f"{prefix}_pmids": json.dumps(self.pmids)})
        return found

    def _choice_clauses(self, prefix: str) -> dict[str, Clause]:
        """The conditions of what is chosen in facets."""
        found: dict[str, Clause] = {}
        for facet in FACETS.values():
            values = self.chosen(facet.name)
            if values:
                found[f"any:{facet.name}"] = _any_clause(facet, values, f"{prefix}_any_{facet.name}")
        for number, choice in enumerate(self.all_of):
            found[f"all:{number}"] = _any_clause(FACETS[choice.facet], [choice.value], f"{prefix}_all{number}")
        for number, choice in enumerate(self.none_of):
            clause = _any_clause(FACETS[choice.facet], [choice.value], f"{prefix}_not{number}")
            found[f"not:{number}"] = Clause(f"({clause.sql}) IS NOT 1", clause.params, clause.members, inside=False)
        return found

    @classmethod
    def from_query(cls, pairs: Iterable[tuple[str, str]], also: Iterable[str] = ()) -> Self:
        """Returns the filter that URL parameters name, in whatever order they come.

        `also` names the parameters that belong to somebody else (`sort`, `page` ...). Empty values count as not given.
        Raises FilterError for an unknown parameter (naming the nearest) and for a value that cannot be read.
        """
        return cls(**read_query(pairs, also))

    def to_query(self) -> list[tuple[str, str]]:
        """Returns the URL parameters of this filter, always in the same order; `from_query` reads them back."""
        pairs = [("q", self.search.text)] if self.search else []
        for mode, choices in (("", self.any_of), ("all_", self.all_of), ("not_", self.none_of)):
            in_order = sorted(choices, key=lambda choice: _PLACES[choice.facet]) if len(choices) > 1 else choices
            pairs += [(f"{mode}{choice.facet}", choice.value) for choice in in_order]
        if self.year_from is not None or self.year_to is not None:
            pairs.append(("year", show_years(self.year_from, self.year_to)))
        pairs += self.finding.to_query()
        pairs += [(name, "yes" if value else "no") for name, value in self.switches]
        pairs += [("run", self.run)] if self.run else []
        pairs += [("topic", topic_words()[self.topic])] if self.topic != "about" else []
        pairs += [("vanished", "yes")] if self.vanished else []
        pairs += [("with_retracted", "yes")] if self.with_retracted else []
        pairs += [("as_of", self.as_of)] if self.as_of else []
        pairs += [("pmids", ",".join(map(str, self.pmids)) or "0")] if self.pmids is not None else []
        return pairs

    def query_string(self, *more: tuple[str, str | int]) -> str:
        """Returns the URL query of this filter with further parameters after it; empty where there is nothing."""
        return "&".join([encoded(name, str(value)) for name, value in (*self.to_query(), *more)])

    def switch(self, name: str) -> bool | None:
        """Returns whether a yes-or-no filter is set, and to what."""
        return dict(self.switches).get(name)

    def switched(self, name: str, value: bool | None) -> Self:
        """Returns this filter with a yes-or-no filter set, or dropped (None)."""
        kept = {**dict(self.switches), name: value}
        return changed(
            self, switches=tuple((known, found) for known in SWITCHES if (found := kept.get(known)) is not None)
        )

    @property
    def retracted(self) -> bool | None:
        """Whether only retracted articles are asked for (True), or none of them (False)."""
        return self.switch("retracted")

    def for_evidence(self) -> Self:
        """Returns what balances, matrix and plots count: nothing retracted and no preprint unless it is asked for."""
        counted = self if self.with_retracted or self.retracted is not None else self.switched("retracted", False)
        return counted if counted.switch("preprint") is not None else counted.switched("preprint", False)

    def with_finding(self, **parts: Any) -> Self:
        """Returns this filter with some of what is sought of one finding changed (see `SoughtFinding`)."""
        return changed(self, finding=changed(self.finding, **parts))

    def without_finding(self) -> Self:
        """Returns this filter without what is sought of one finding."""
        return changed(self, finding=SoughtFinding())

    def with_choice(self, facet: str, value: str, mode: Mode = "any") -> Self:
        """Returns this filter with one more value chosen (or required, or excluded)."""
        return self.with_choices(facet, (value,), mode)

    def with_choices(self, facet: str, values: Iterable[str], mode: Mode = "any") -> Self:
        """Returns this filter with more values of a facet chosen (or required, or excluded)."""
        name = _MODE_FIELDS[mode]
        parts: dict[str, Any] = {name: ordered((*getattr(self, name), *(Choice(facet, value) for value in values)))}
        return changed(self, **parts)

    def also_tagged(self, facet: str, value: str) -> Self:
        """Returns this filter with one more concept that an article must have, whatever else is chosen of its facet."""
        return self.with_choice(facet, value, "all" if self.chosen(facet) else "any")

    def without_choice(self, facet: str, value: str, mode: Mode = "any") -> Self:
        """Returns this filter with one value less."""
        name, choice = _MODE_FIELDS[mode], Choice(facet, value)
        if choice not in getattr(self, name):
            return self
        left: dict[str, Any] = {name: tuple(c for c in getattr(self, name) if c != choice)}
        return changed(self, **left)

    def without_facet(self, facet: str) -> Self:
        """Returns this filter without the any-of list of one facet: what that facet's counts are taken over."""
        if not self.chosen(facet):
            return self
        return changed(self, any_of=tuple(choice for choice in self.any_of if choice.facet != facet))

    def without_years(self) -> Self:
        """Returns this filter without its years: what the year curve is counted over."""
        return changed(self, year_from=None, year_to=None)

    def chosen(self, facet: str, mode: Mode = "any") -> tuple[str, ...]:
        """Returns the values chosen (required, excluded) of one facet."""
        return tuple(choice.value for choice in getattr(self, _MODE_FIELDS[mode]) if choice.facet == facet)

    def concept_ids(self) -> list[str]:
        """Returns every concept id that the filter names, each once, in order."""
        choices = (choice for choice in (*self.any_of, *self.all_of, *self.none_of) if FACETS[choice.facet].kind)
        named = [*(choice.value for choice in choices), self.finding.of, self.finding.on]
        return list(dict.fromkeys(value for value in named if value))

    def __bool__(self) -> bool:
        """True where the filter says more than the default."""
        return self != type(self)()


@lru_cache(maxsize=4096)
def encoded(name: str, value: str) -> str:
    """Returns one parameter as it stands in an address: a page of a thousand links has the same few in each of them."""
    return urlencode([(name, value)])


_PLACES = {name: place for place, name in enumerate(FACETS)}
_MODE_FIELDS: Mapping[Mode, str] = {"any": "any_of", "all": "all_of", "not": "none_of"}
_LAST_RUN = "SELECT max(id) FROM runs WHERE kind IN ('harvest', 'import') AND status IN ('done', 'partial')"
_BY_DAY = "substr(started_at, 1, 10) <= "
_NEW = "change IN ('new', 'returned')"
#: Where "the last run" begins: where the last digest ended if anything came since, else where the last one that told
#: of anything began; before the first digest, with the last harvest or import.
_BEGINNING = (
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM digests WHERE search IS NULL) AND EXISTS (SELECT 1 FROM changes "
    f"WHERE {_NEW} AND run_id > (SELECT max(last_run) FROM digests WHERE search IS NULL)) "
    "THEN (SELECT max(last_run) FROM digests WHERE search IS NULL) ELSE coalesce("
    "(SELECT after_run FROM digests WHERE search IS NULL AND articles > 0 ORDER BY id DESC LIMIT 1), "
    "(SELECT max(id) - 1 FROM runs WHERE kind IN ('harvest', 'import') AND status IN ('done', 'partial'))) END"
)


def _run_clause(run: str, as_of: str | None, prefix: str) -> Clause:
    """Returns the articles new in a run; on a day of the past later runs are not known yet, nor later digests."""
    if run == LAST_RUN and as_of is None:
        return Clause.of_members(f"SELECT pmid FROM changes WHERE run_id > ({_BEGINNING}) AND {_NEW}", {})
    params = Params()
    by_day = ""
    if as_of is not None:
        params[f"{prefix}_run_day"] = as_of
        by_day = f" AND {_BY_DAY}:{prefix}_run_day"
    if run == LAST_RUN:
        which = _LAST_RUN + by_day
    else:
        params[f"{prefix}_run"] = int(run)
        which = f"SELECT id FROM runs WHERE id = :{prefix}_run{by_day}"
    return Clause.of_members(f"SELECT pmid FROM changes WHERE run_id = ({which}) AND {_NEW}", params)


def _any_clause(facet: Facet, values: Sequence[str], name: str) -> Clause:
    marks, params = named_values([value for value in values if facet.kind or value != NOT_STATED], name)
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
