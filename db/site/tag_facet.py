"""Tags on Datasette's own page of the articles table: a facet with exact counts on every page, each value a filter.

Choosing two values of a kind there means both (as Datasette's own facets do); the tracker's list offers OR as well.
"""

import json
import sqlite3
from typing import Any
from urllib.parse import parse_qsl, urlencode

from datasette.database import QueryInterrupted
from datasette.facets import Facet
from datasette.filters import FilterArguments
from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import BadRequest

from db.evidence.index.article_index import ARTICLE_INDEX
from db.select.facets import FACET_OF_KIND

Counts = list[tuple[str, str, int]]
_TABLE = "articles"
_MAX_CHOICES = 20


def parameter_of(kind: str) -> str:
    """Returns the URL parameter that filters Datasette's table by a kind of tag: `_intervention`, `_risk_factor`."""
    return f"_{FACET_OF_KIND[kind].name}"


def filters_from_request(request: Any, table: str) -> FilterArguments | None:
    """Filters Datasette's articles table by tags; every value must be there."""
    if table != _TABLE:
        return None
    clauses: list[str] = []
    params: dict[str, str] = {}
    said: list[str] = []
    for kind in FACET_OF_KIND:
        for value in request.args.getlist(parameter_of(kind)):
            name = f"tag_{len(params)}"
            clauses.append(f"pmid in (select pmid from article_tags where concept_id = :{name})")
            params[name] = value
            said.append(f"{kind} is {json.dumps(value[:80], ensure_ascii=False)}")
    if len(clauses) > _MAX_CHOICES:
        raise BadRequest(f"At most {_MAX_CHOICES} tags can be chosen at once")
    return FilterArguments(clauses, params, said)


def _by_count(entry: tuple[str, str, int]) -> tuple[int, str]:
    return -entry[2], entry[1]


class TagFacet(Facet):
    """`- tag: intervention` in the metadata, or `?_facet_tag=intervention` in the address."""

    type: Any = "tag"

    async def suggest(self) -> list[Any]:
        """Suggests nothing: the metadata names the kinds."""
        return []

    async def facet_results(self) -> tuple[list[dict[str, Any]], list[str]]:
        """Returns the values of each configured kind with their counts; nothing is ever cut short silently."""
        if self.table != _TABLE:
            return [], []
        configs = {self._kind(config["config"]): config["source"] for config in self._configs()}
        wanted = [kind for kind in configs if kind in FACET_OF_KIND]
        if not wanted:
            return [], []
        size: int = self.get_facet_size()  # type: ignore[no-untyped-call]
        counts = await (self._of_first_page(wanted) if self.request.args.get("_next") else self._counted(wanted, size))
        return [self._result(kind, configs[kind], counts[kind], size) for kind in wanted], []

    def _configs(self) -> list[dict[str, Any]]:
        return self.get_configs()  # type: ignore[no-untyped-call, no-any-return]

    def _kind(self, config: dict[str, str]) -> str:
        return config.get("kind") or config.get("simple") or ""

    async def _counted(self, kinds: list[str], size: int) -> dict[str, Counts]:
        """Counts all kinds over the list as it is filtered: one walk of the list, the rest is the build's index."""
        sql, params = f"SELECT pmid FROM ({self.sql})", dict(self.params) if self.params else {}

        def count(conn: sqlite3.Connection) -> dict[str, Counts]:
            conn.execute("BEGIN")  # so that list and index are of one build
            try:
                index = ARTICLE_INDEX.of(conn)
                with sqlite_timelimit(conn, self.ds.setting("sql_time_limit_ms")):
                    counts = index.tag_counts(index.selected(conn, sql, params))
            except sqlite3.OperationalError as error:
                if error.args == ("interrupted",):
                    raise QueryInterrupted(error, sql, params) from error
                raise
            finally:
                conn.execute("ROLLBACK")
            names = {line.id: line.name for line in index.concepts}
            ranked = {
                kind: sorted(
                    ((concept, names[concept], number) for concept, number in counts[kind].items()), key=_by_count
                )
                for kind in kinds
            }
            return {kind: found[: size + 1] for kind, found in ranked.items()}

        counted: dict[str, Counts] = await self.ds.get_database(self.database).execute_fn(count)
        return counted

    async def _of_first_page(self, kinds: list[str]) -> dict[str, Counts]:
        """Asks for the same list without its cursor: on a following page `self.sql` holds only what is left."""
        pairs = parse_qsl(self.request.query_string, keep_blank_values=True)
        kept = [pair for pair in pairs if pair[0] not in ("_next", "_size", "_shape")] + [("_size", "0")]
        path = self.request.path.removesuffix(".json").removesuffix(".jsono")
        response = await self.ds.client.get(f"{path}.json?{urlencode(kept)}")
        facets = response.json()["facet_results"].values()
        values = {facet["name"]: facet["results"] for facet in facets if facet["type"] == self.type}
        return {kind: [(v["value"], v["label"], v["count"]) for v in values.get(kind, [])] for kind in kinds}

    def _result(self, kind: str, source: str, counts: Counts, size: int) -> dict[str, Any]:
        parameter = parameter_of(kind)
        chosen = self.request.args.getlist(parameter)
        results = []
        for concept, name, count in counts[:size]:
            pair, selected = (parameter, concept), concept in chosen
            address = self._address(without=pair) if selected else self._address(more=pair)
            results.append(
                {"value": concept, "label": name, "count": count, "selected": selected, "toggle_url": address}
            )
        return {
            "name": kind,
            "type": self.type,
            "hideable": source != "metadata",
            "toggle_url": self._address(without=("_facet_tag", kind)),
            "results": results,
            "truncated": len(counts) > size,
        }

    def _address(self, without: tuple[str, str] | None = None, more: tuple[str, str] | None = None) -> str:
        pairs = parse_qsl(self.request.query_string, keep_blank_values=True)
        kept = [pair for pair in pairs if pair != without and pair[0] not in ("_next", "_size")]
        kept += [more] if more else []
        address = f"{self.request.path}?{urlencode(kept)}" if kept else self.request.path
        return str(self.ds.absolute_url(self.request, address))
