"""Reads the address of a list, as a browser shows it, into its filter: what a saved search is kept as.

A list is one of articles or one of trials.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from db.select.facets import FACETS, FilterError
from db.select.filter import ArticleFilter
from db.select.suggest import shown
from db.select.trial_filter import TRIAL_FACETS, UNPUBLISHED, TrialFilter

#: What a saved search may be of.
ListFilter = ArticleFilter | TrialFilter
#: Parameters of a list that are no filters: its order, its page, a box of its sidebar.
LIST_PARAMETERS = ("sort", "page", "find")
#: The pages that show a filter's articles, by the end of their path.
_LISTS = ("articles", "feed.atom", "changes.atom", "new")
#: The pages that show the trials of a filter.
_TRIALS = ("trials", "trials.atom", "trials.json")
_MOST_CHARACTERS = 8_000


def filter_of_address(address: str) -> ListFilter:
    """Returns the filter of a list's address: whole, without its host, or the query alone.

    Raises FilterError where it is no list's address, where a parameter or value cannot be read, and for `run` and
    `as_of`: a saved search moves on by itself.
    """
    text = address.strip()
    if len(text) > _MOST_CHARACTERS:
        raise FilterError(f"the address is longer than {_MOST_CHARACTERS:,} characters; choose fewer filters")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise FilterError(f"the address {shown(text)} cannot be read; copy it from the list's page") from None
    path, query = parts.path.rstrip("/"), parts.query
    if not query and not parts.scheme and "=" in path:  # a query that lost its question mark
        path, query = "", text
    page = path.rsplit("/", 1)[-1]
    if page in _TRIALS:
        return TrialFilter.from_query(parse_qsl(query, keep_blank_values=True))
    if page not in ("", *_LISTS) or not (path or query):
        raise FilterError(
            f"{shown(text)} is not the address of a list; copy one that ends in /articles?... or /trials?..."
        )
    if not path and _is_of_trials(query):
        raise FilterError(f"{shown(text)} has the filters of a list of trials; write /trials? before them")
    chosen = ArticleFilter.from_query(parse_qsl(query, keep_blank_values=True), also=LIST_PARAMETERS)
    for name in ("run", "as_of"):
        if getattr(chosen, name) is not None:
            raise FilterError(f"a saved search cannot have {name}; leave it out, a digest tells what is new by itself")
    return chosen


def _is_of_trials(query: str) -> bool:
    """Says whether a query without its page has a filter that lists of trials alone have."""
    names = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
    return names <= {*TRIAL_FACETS, UNPUBLISHED} and bool(names - {*FACETS})


def address_to_save(chosen: ListFilter) -> str:
    """Returns the address by which a list is saved: without its host, and without what a saved search cannot have."""
    if isinstance(chosen, TrialFilter):
        page, query = "trials", chosen.query_string()
    else:
        page, query = "articles", replace(chosen, run=None, as_of=None).query_string()
    return f"/{page}{'?' if query else ''}{query}"


def suggested_name(words: str, everything: str = "all articles") -> str:
    """Returns a filter in words as the name of a saved search: short, without signs that a name cannot have.

    `everything` is the name of a list without a filter.
    """
    plain = " ".join(re.sub(r"[^\w .,+&()'-]", " ", words).split()).lstrip(" .,+&()'-")
    return plain[:60].rsplit(" ", 1)[0] if len(plain) > 60 else plain or everything


def saved_lines(values: Mapping[str, object]) -> str:
    """Returns a saved search as it stands in a file of searches (TOML), from the values of its keys."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items()]
    written = "".join(["[[search]]\n", *lines])
    return written.replace("\x7f", "\\u007f")  # the one sign that stands bare in JSON and not in TOML
