"""Reads a filter from URL parameters: bounded, each wrong value with one clear line."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from db.select.facets import FACETS, LAST_RUN, Choice, FilterError, ordered, topic_words
from db.select.search.parser import parse_search
from db.select.sought import FINDING_LISTS, SoughtFinding
from db.select.suggest import nearest, shown
from db.select.switches import SWITCHES

_MAX_VALUE_CHARACTERS = 300
_MAX_VALUES = 200
_YES_OR_NO = {"yes": True, "1": True, "true": True, "no": False, "0": False, "false": False}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEARS = re.compile(r"(?P<first>\d{4})?(?P<dash>\s*[-–]\s*)?(?P<last>\d{4})?", re.ASCII)

#: Every URL parameter of a filter.
PARAMETERS = (
    "q",
    *FACETS,
    *(f"all_{facet.name}" for facet in FACETS.values() if facet.kind),
    *(f"not_{name}" for name in FACETS),
    "year",
    "finding_of",
    "finding_on",
    *FINDING_LISTS,
    *SWITCHES,
    *"run topic vanished with_retracted as_of pmids".split(),
)


def read_values(
    pairs: Iterable[tuple[str, str]], known: Iterable[str], also: Iterable[str] = (), what: str = "filter"
) -> dict[str, list[str]]:
    """Returns the values of an address by parameter; those in `also` and what trackers of readers add are left out.

    Raises FilterError for a parameter that there is not (`what` names it), and for values too long or too many.
    """
    ignored, allowed = set(also), list(known)
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if name in ignored or name.startswith(("_", "utm_")):
            continue
        if name not in allowed:
            raise FilterError(f"there is no {what} {shown(name)}; {nearest(name[:100], [*allowed, *ignored])}")
        if value.strip():
            values.setdefault(name, []).append(_checked(name, value))
    if sum(map(len, values.values())) > _MAX_VALUES:
        raise FilterError(f"more than {_MAX_VALUES} values are chosen; choose broader ones")
    return values


def read_query(pairs: Iterable[tuple[str, str]], also: Iterable[str]) -> dict[str, Any]:
    """Returns the fields of an `ArticleFilter` (see its `from_query`)."""
    values = read_values(pairs, PARAMETERS, also)
    read: dict[str, Any] = {"search": parse_search(" ".join(values.get("q", ())))}
    for mode, name in (("", "any_of"), ("all_", "all_of"), ("not_", "none_of")):
        read[name] = ordered(Choice(facet, value) for facet in FACETS for value in values.get(f"{mode}{facet}", ()))
    read["year_from"], read["year_to"] = read_years(_only(values, "year"))
    read["finding"] = _finding(values)
    switches = {name: yes_or_no(values, name) for name in SWITCHES}
    read["switches"] = tuple((name, value) for name, value in switches.items() if value is not None)
    read["vanished"] = bool(yes_or_no(values, "vanished"))
    read["with_retracted"] = bool(yes_or_no(values, "with_retracted"))
    read["run"] = _run(_only(values, "run"))
    read["as_of"] = _day(_only(values, "as_of"))
    topics = {word: meant for meant, word in topic_words().items()}
    read["topic"] = topics[_one_of("topic", _only(values, "topic") or next(iter(topics)), tuple(topics))]
    read["pmids"] = _pmids(values["pmids"]) if "pmids" in values else None
    return read


def read_years(text: str | None) -> tuple[int | None, int | None]:
    """Returns the first and last year of "2015", "2015-2020", "2015-" or "-2020"."""
    if text is None:
        return None, None
    match = _YEARS.fullmatch(text.strip())
    if match is None or not (match["first"] or match["last"]):
        raise FilterError(f"the years {shown(text)} cannot be read; write 2015, 2015-2020, 2015- or -2020")
    first, last = (int(match[group]) if match[group] else None for group in ("first", "last"))
    if not match["dash"]:
        if first is not None and last is not None:
            raise FilterError(f"the years {shown(text)} cannot be read; write {first}-{last}")
        return first, first
    if first is not None and last is not None and first > last:
        raise FilterError(f"the years {shown(text)} run backwards; write {last}-{first}")
    return first, last


def show_years(first: int | None, last: int | None) -> str:
    """Returns a range of years as `read_years` reads it."""
    if first == last and first is not None:
        return f"{first:04d}"
    return f"{'' if first is None else f'{first:04d}'}-{'' if last is None else f'{last:04d}'}"


def _checked(name: str, value: str) -> str:
    if name not in ("q", "pmids") and len(value) > _MAX_VALUE_CHARACTERS:
        raise FilterError(
            f"a value of {name} is longer than {_MAX_VALUE_CHARACTERS} characters; choose one that exists"
        )
    if name != "q" and not value.replace("\r", "").replace("\n", "").isprintable():
        raise FilterError(f"a value of {name} holds a control character; choose one that exists")
    return value.strip()


def _only(values: Mapping[str, list[str]], name: str) -> str | None:
    found = sorted(set(values.get(name, ())))
    if len(found) > 1:
        raise FilterError(f"{name} is given twice, as {shown(found[0])} and {shown(found[1])}; keep one")
    return found[0] if found else None


def yes_or_no(values: Mapping[str, list[str]], name: str) -> bool | None:
    """Returns what a yes-or-no parameter says, None where it is not there; raises FilterError for anything else."""
    said = _only(values, name)
    return None if said is None else _YES_OR_NO[_one_of(name, said.lower(), _YES_OR_NO)]


def _finding(values: Mapping[str, list[str]]) -> SoughtFinding:
    lists: dict[str, Any] = {}
    for name, (field, allowed) in FINDING_LISTS.items():
        chosen = {_one_of(name, value, allowed) for value in values.get(name, ())}
        lists[field] = tuple(sorted(chosen, key=allowed.index))
    return SoughtFinding(_only(values, "finding_of"), _only(values, "finding_on"), **lists)


def _one_of(name: str, value: str, allowed: Iterable[str]) -> Any:
    known = list(allowed)
    if value not in known:
        raise FilterError(f"{name} cannot be {shown(value)}; it is one of {', '.join(known)}")
    return value


def _run(text: str | None) -> str | None:
    if text is None or text == LAST_RUN:
        return text
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise FilterError(f"the run {shown(text)} cannot be read; write its number, or {LAST_RUN}")
    return str(int(text))


def _day(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise FilterError(f"the day {shown(text)} cannot be read; write it as 2026-01-31")


def _pmids(values: Iterable[str]) -> tuple[int, ...]:
    found = set()
    for text in re.split(r"[\s,;]+", " ".join(values)):
        if text and not (text.isascii() and text.isdigit() and len(text) <= 12):
            raise FilterError(f"the PMID {shown(text)} cannot be read; write numbers parted by commas")
        if text:
            found.add(int(text))
    return tuple(sorted(found))
