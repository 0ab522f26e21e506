"""Trials: the list with its facets, one trial, the list as JSON."""

from datetime import UTC, datetime

from datasette.utils.asgi import Response

from db.atom import Entry, atom
from db.evidence.articles import titles
from db.evidence.services.trial_changes import trial_history
from db.evidence.services.trial_list import (
    describe_trials,
    matching_trials,
    read_trial_list,
    resolve_trials,
    value_name,
)
from db.evidence.services.trials import TrialRow, phase_words, trial
from db.select.addresses.list_address import address_to_save, saved_lines, suggested_name
from db.select.trial_filter import TRIAL_FACETS, TrialFilter
from db.site.answers import file_answer, json_answer, json_page
from db.site.page import PageContext, not_held, page
from db.topics import current

_SHOWN = 500
_VALUES = 15
_FEED = 100


@page
def trials(context: PageContext) -> Response:
    """The list of trials."""
    chosen = resolve_trials(context.conn, TrialFilter.from_query(context.pairs))
    found = read_trial_list(context.conn, chosen, datetime.now(UTC).date())
    names = dict(context.conn.execute("SELECT id, name FROM concepts").fetchall())

    def href(other: TrialFilter) -> str:
        return context.url("trials", other.query_string())

    return context.render(
        "trials.html",
        rows=found.rows[:_SHOWN],
        total=len(found.rows),
        facets=[
            (label, [(value, href(chosen.toggled(name, value.value))) for value in found.facets[name][:_VALUES]])
            for name, label in TRIAL_FACETS.items()
            if found.facets[name]
        ],
        parts=[
            (TRIAL_FACETS[name], value_name(name, value, names), href(chosen.toggled(name, value)))
            for name, value in chosen.chosen
        ],
        chosen=chosen,
        unpublished_count=found.unpublished_count,
        unpublished_href=href(TrialFilter(chosen.chosen, not chosen.unpublished)),
        json_href=context.url("trials.json", chosen.query_string()),
        feed_href=context.url("trials.atom", chosen.query_string()),
        to_save=saved_lines(
            {
                "name": suggested_name(describe_trials(context.conn, chosen), "all trials"),
                "address": address_to_save(chosen),
                "who": ["you@example.org"],
            }
        ),
    )


@json_page
def trials_json(context: PageContext) -> Response:
    """The list of trials as JSON."""
    chosen = resolve_trials(context.conn, TrialFilter.from_query(context.pairs))
    found = read_trial_list(context.conn, chosen, datetime.now(UTC).date())
    facets = {
        name: [{"value": value.value, "name": value.name, "count": value.count} for value in values]
        for name, values in found.facets.items()
    }
    return json_answer({"count": len(found.rows), "facets": facets, "rows": [row.as_json() for row in found.rows]})


@page
def trials_feed(context: PageContext) -> Response:
    """What changed in trials, as an Atom feed, the newest first; with filters, in the trials that match them now."""
    chosen = resolve_trials(context.conn, TrialFilter.from_query(context.pairs))
    changes = trial_history(context.conn, "1", [])
    if chosen != TrialFilter():
        matching = matching_trials(context.conn, chosen, datetime.now(UTC).date())
        changes = [change for change in changes if change.nct_id in matching]
    newest = sorted(changes, key=lambda change: (change.at, change.nct_id), reverse=True)
    entries = [
        Entry(
            context.absolute(f"trials/{change.nct_id}", f"change={change.change}&at={change.at}".replace(" ", "-")),
            f"{change.words}: {change.title}",
            context.absolute(f"trials/{change.nct_id}"),
            change.at,
            change.kind,
            categories=(change.change,),
        )
        for change in newest[:_FEED]
    ]
    updated = max((entry.updated for entry in entries), default=context.standing.checked_at or "")
    asked = chosen.query_string()
    words = f" ({describe_trials(context.conn, chosen)})" if chosen != TrialFilter() else ""
    title = f"{current().title}: what changed in trials{words}"
    body = atom(context.absolute("trials.atom", asked), context.absolute("trials", asked), title, updated, entries)
    return file_answer(body, "application/atom+xml; charset=utf-8")


@page
def one_trial(context: PageContext) -> Response:
    """The page of one trial."""
    row = _read(context)
    ties = context.conn.execute(
        "SELECT pmid, source, kind FROM trial_articles WHERE nct_id = ? ORDER BY pmid, source", [row.nct_id]
    ).fetchall()
    held = titles(context.conn, list(row.articles))
    articles = [
        (pmid, held.get(pmid), [_tie(source, kind) for other, source, kind in ties if other == pmid])
        for pmid in row.articles
    ]
    tags = context.conn.execute(
        "SELECT trial_tags.kind, concept_id, name FROM trial_tags JOIN concepts ON concepts.id = concept_id "
        "WHERE nct_id = ? AND direct = 1 ORDER BY position",
        [row.nct_id],
    ).fetchall()
    return context.render(
        "trial.html",
        trial=row,
        phase=phase_words(row.phase),
        articles=articles,
        tags=[tuple(tag) for tag in tags],
        changes=trial_history(context.conn, "nct_id = ?", [row.nct_id]),
    )


@json_page
def one_trial_json(context: PageContext) -> Response:
    """One trial as JSON."""
    return json_answer({"trial": _read(context).as_json()})


def _read(context: PageContext) -> TrialRow:
    number = context.variables["nct_id"]
    row = trial(context.conn, number)
    if row is None:
        raise not_held(number)
    return row


def _tie(source: str, kind: str | None) -> str:
    said = {"databank": "the article’s databank list", "text": "its number stands in the text"}
    if source in said:
        return said[source]
    by_registry = {"RESULT": "named by the sponsor as its result", "DERIVED": "found by the registry to name the trial"}
    return by_registry.get(kind or "", "background, named in the trial’s entry")


_NUMBER = r"(?P<nct_id>[Nn][Cc][Tt][0-9]{8})"
ROUTES = [
    (r"^/trials/?$", trials),
    (r"^/trials\.json$", trials_json),
    (r"^/trials\.atom$", trials_feed),
    (rf"^/trials/{_NUMBER}$", one_trial),
    (rf"^/trials/{_NUMBER}\.json$", one_trial_json),
]
