"""Addresses of the filters next to one: with one more choice, or of one year alone. A list links to some hundred.

They are what `ArticleFilter.query_string` gives for these filters, without making each of them.
"""

from bisect import bisect_left
from collections.abc import Mapping

from db.select.address import show_years
from db.select.facets import FACETS, Mode
from db.select.filter import ArticleFilter, encoded

_MODES: tuple[tuple[Mode, str], ...] = (("any", ""), ("all", "all_"), ("not", "not_"))
#: The place of each parameter of a choice in an address: mode by mode, within a mode facet by facet.
_PLACES: Mapping[str, int] = {
    f"{prefix}{name}": place
    for place, (prefix, name) in enumerate((prefix, name) for _, prefix in _MODES for name in FACETS)
}
_PREFIXES = dict(_MODES)


class NearAddresses:
    """The queries of the filters next to one."""

    def __init__(self, chosen: ArticleFilter) -> None:
        pairs = chosen.to_query()
        told = [(name, encoded(name, value)) for name, value in pairs]
        self._search = [text for name, text in told if name == "q"]
        self._keys = [(_PLACES[name], value) for name, value in pairs if name in _PLACES]
        self._choices = [text for name, text in told if name in _PLACES]
        self._years = [text for name, text in told if name == "year"]
        self._rest = [text for name, text in told if name not in _PLACES and name not in ("q", "year")]

    def with_choice(self, facet: str, value: str, mode: Mode = "any") -> str:
        """Returns the query of the filter with one more value chosen (or required, or excluded)."""
        name = f"{_PREFIXES[mode]}{facet}"
        key = _PLACES[name], value
        place = bisect_left(self._keys, key)
        more = [] if self._keys[place : place + 1] == [key] else [encoded(name, value)]
        choices = [*self._choices[:place], *more, *self._choices[place:]]
        return "&".join([*self._search, *choices, *self._years, *self._rest])

    def of_year(self, year: int) -> str:
        """Returns the query of the filter with one year in place of its years."""
        years = encoded("year", show_years(year, year))
        return "&".join([*self._search, *self._choices, years, *self._rest])
