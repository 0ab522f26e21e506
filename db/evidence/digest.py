"""What changed in the store since a run or a day: the difference between then and now, each article once a change."""

import html
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from db.changes import HEADINGS
from db.errors import TrackerError
from db.evidence.services.trial_changes import TrialChange, trial_changes
from db.evidence.services.trials import trial_address
from db.notices import MARKED, NOTICES, says_mark
from db.preprints import article_address
from db.store.ledger.digests import last_begun, last_finished, told_until
from db.store.people.verdicts import Standing, to_review
from db.store.records.changes import ORDER_WITHIN_A_RUN
from db.store.store import Store

#: The heading of decisions that were made on another text.
_REVIEWS = "Decisions on texts that have changed since: please look again"
_TRIALS = "Trials"
_PRESENCE = ("new", "returned", "vanished")


class DigestError(TrackerError):
    """A run or day that the digest cannot begin at."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One article in the digest; `retracted` is its state now, `notices` the kinds that came to it meanwhile."""

    change: str
    pmid: int
    title: str
    authors: str | None
    journal: str | None
    year: int | None
    study_design: str | None
    retracted: bool
    columns: tuple[str, ...]
    notices: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Returns the entry as a JSON object."""
        return {
            "pmid": self.pmid,
            "change": self.change,
            "title": self.title,
            "authors": self.authors,
            "journal": self.journal,
            "year": self.year,
            "study_design": self.study_design,
            "retracted": self.retracted,
            "columns": list(self.columns),
            "notices": list(self.notices),
        }


@dataclass(frozen=True, slots=True)
class Digest:
    """Everything that changed; `since` in words, from the run after `after_run` to `last_run`.

    `reviews` are the decisions of people whose article's text has changed since, whenever that was.
    """

    since: str
    last_run: int
    entries: tuple[Entry, ...]
    reviews: tuple[Standing, ...] = ()
    trials: tuple[TrialChange, ...] = ()
    after_run: int = 0

    def of(self, change: str) -> list[Entry]:
        """Returns the entries of one change."""
        return [entry for entry in self.entries if entry.change == change]

    @property
    def counts(self) -> dict[str, int]:
        """How many articles each change has."""
        return {change: len(self.of(change)) for change in HEADINGS}


def make_digest(store: Store, since: str | None) -> Digest:
    """Compares the store now with what it was.

    `since` is a run's number (its own changes are not counted), or a day (YYYY-MM-DD, UTC, counted); None means the
    last digest that was written, whatever ran since: nothing falls between two digests. Raises DigestError.
    """
    conn = store.db.conn
    words, after, day = _beginning(store, since)
    last = last_finished(conn) if since is None else last_begun(conn)  # only the digest itself must not come too early
    seen: dict[int, list[tuple[str, Any]]] = {}
    sql = (
        "SELECT pmid, change, detail FROM changes WHERE run_id > ? AND run_id <= ? AND at >= ? "
        f"ORDER BY run_id, at, {ORDER_WITHIN_A_RUN}"
    )
    for pmid, change, detail in conn.execute(sql, [after, last, day]):
        seen.setdefault(pmid, []).append((change, json.loads(detail) if detail else {}))
    entries = [entry for pmid in sorted(seen) for entry in _entries(store, pmid, seen[pmid])]
    order = list(HEADINGS)
    entries.sort(key=lambda entry: (order.index(entry.change), -(entry.year or 0), entry.pmid))
    trials = tuple(trial_changes(conn, "run_id > ? AND run_id <= ? AND at >= ?", [after, last, day]))
    return Digest(words, last, tuple(entries), tuple(to_review(store)), trials, after)


def _beginning(store: Store, since: str | None) -> tuple[str, int, str]:
    """Returns where a digest begins: in words, the run after which, and the first moment."""
    if since is None:
        return "the last digest", told_until(store.db.conn), ""
    if since.isdigit():
        if not store.db.execute("SELECT 1 FROM runs WHERE id = ?", [int(since[:18])]).fetchone():
            raise DigestError(f"there is no run {since}; ho-tracker status names the last one")
        return f"run {since}", int(since), ""
    try:
        day = date.fromisoformat(since)
    except ValueError:
        raise DigestError(f"{since!r} is neither a run's number nor a day like 2026-03-01") from None
    return f"{day}", 0, day.isoformat()


def _entries(store: Store, pmid: int, changes: list[tuple[str, Any]]) -> Iterator[Entry]:
    """Yields what is different now about one article under one heading, the gravest.

    What came and went in between is no difference.
    """
    sql = (
        "SELECT title, authors, journal, year, study_design, retracted, vanished, cites_retracted FROM articles "
        "WHERE pmid = ?"
    )
    title, authors, journal, year, design, retracted, vanished, cites = store.db.execute(sql, [pmid]).fetchone()
    kinds = [change for change, _ in changes]
    first = next((kind for kind in kinds if kind in _PRESENCE), None)
    is_there = not vanished
    was_there = first == "vanished" if first else is_there
    columns, notices = (
        tuple(sorted({name for _, detail in changes for name in detail.get(key, ())})) for key in ("columns", "notices")
    )
    retracted_now = is_there and retracted and "retracted" in kinds
    if is_there and not was_there:
        named = "new" if "new" in kinds else "returned"
        named = "retracted" if retracted_now and named == "returned" else named
    elif was_there and not is_there:
        named = "vanished"
    elif not is_there:
        return
    else:
        differs = {
            "retracted": retracted_now,
            "reinstated": "reinstated" in kinds and not retracted,
            "cites retracted": "cites retracted" in kinds and cites,
            "revised": "revised" in kinds,
            "retagged": "retagged" in kinds,
        }
        named = next((change for change, is_so in differs.items() if is_so), "")
    if named:
        yield Entry(named, pmid, title, authors, journal, year, design, bool(retracted), columns, notices)


def as_json(digest: Digest) -> str:
    """Returns the digest as one JSON object."""
    value = {
        "since": digest.since,
        "last_run": digest.last_run,
        "counts": digest.counts,
        "articles": [entry.as_json() for entry in digest.entries],
        "trials": [trial.as_json() for trial in digest.trials],
        "decisions_to_review": [_unsigned(standing) for standing in digest.reviews],
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def as_text(digest: Digest) -> str:
    """Returns the digest as plain text."""
    lines = [f"Since {digest.since}: {_summary(digest)}"]
    for change, heading in HEADINGS.items():
        if entries := digest.of(change):
            lines.extend(["", f"{heading} ({len(entries)})"])
            lines.extend(f"  {entry.pmid}  {_cited(entry)}" for entry in entries)
    if digest.trials:
        lines.extend(["", f"{_TRIALS} ({len(digest.trials)})"])
        lines.extend(f"  {trial.nct_id}  {trial.line}" for trial in digest.trials)
    if digest.reviews:
        lines.extend(["", f"{_REVIEWS} ({len(digest.reviews)})"])
        lines.extend(f"  {standing.unsigned}" for standing in digest.reviews)
    return "\n".join(lines) + "\n"


def as_markdown(digest: Digest) -> str:
    """Returns the digest as Markdown."""
    lines = [f"# Changes since {digest.since}", "", _summary(digest)]
    for change, heading in HEADINGS.items():
        if entries := digest.of(change):
            lines.extend(["", f"## {heading} ({len(entries)})", ""])
            lines.extend(f"- {_escape_markdown(_cited(entry))} [{entry.pmid}]({_address(entry)})" for entry in entries)
    if digest.trials:
        lines.extend(["", f"## {_TRIALS} ({len(digest.trials)})", ""])
        lines.extend(
            f"- {_escape_markdown(trial.line)} [{trial.nct_id}]({trial_address(trial.nct_id)})"
            for trial in digest.trials
        )
    if digest.reviews:
        lines.extend(["", f"## {_REVIEWS} ({len(digest.reviews)})", ""])
        lines.extend(f"- {_escape_markdown(standing.unsigned)}" for standing in digest.reviews)
    return "\n".join(lines) + "\n"


def as_html(digest: Digest) -> str:
    """Returns the digest as an HTML page of its own."""
    title = html.escape(f"Changes since {digest.since}")
    parts = [f"<h1>{title}</h1>", f"<p>{html.escape(_summary(digest))}</p>"]
    for change, heading in HEADINGS.items():
        if entries := digest.of(change):
            items = "\n".join(map(_html_item, entries))
            parts.append(f"<h2>{heading} ({len(entries)})</h2>\n<ul>\n{items}\n</ul>")
    if digest.trials:
        items = "\n".join(
            f'<li>{html.escape(trial.line)} <a href="{html.escape(trial_address(trial.nct_id))}">'
            f"{html.escape(trial.nct_id)}</a></li>"
            for trial in digest.trials
        )
        parts.append(f"<h2>{_TRIALS} ({len(digest.trials)})</h2>\n<ul>\n{items}\n</ul>")
    if digest.reviews:
        items = "\n".join(f"<li>{html.escape(standing.unsigned)}</li>" for standing in digest.reviews)
        parts.append(f"<h2>{_REVIEWS} ({len(digest.reviews)})</h2>\n<ul>\n{items}\n</ul>")
    body = "\n".join(parts)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _html_item(entry: Entry) -> str:
    return f'<li>{html.escape(_cited(entry))} <a href="{_address(entry)}">{entry.pmid}</a></li>'


#: One writer a format, by its name on the command line.
FORMATS: dict[str, Callable[[Digest], str]] = {"text": as_text, "md": as_markdown, "html": as_html, "json": as_json}


def _summary(digest: Digest) -> str:
    said = ", ".join(f"{count} {change}" for change, count in digest.counts.items() if count)
    trials = f"{len(digest.trials)} changes of trials" if digest.trials else ""
    return ", ".join(filter(None, (said, trials))) or "nothing changed"


def _cited(entry: Entry) -> str:
    marks = list(dict.fromkeys(str(NOTICES[kind].mark) for kind in MARKED if kind in entry.notices))
    if entry.retracted:
        marks = [] if says_mark(entry.title, "RETRACTED") else ["RETRACTED"]
    flag = "".join(f"{mark}. " for mark in marks)
    authors = _few(entry.authors)
    source = " ".join(str(part) for part in (entry.journal, entry.year) if part)
    return flag + " ".join(f"{part.rstrip('.')}." for part in (authors, entry.title, source) if part)


def _few(authors: str | None) -> str:
    names = (authors or "").split(", ")
    return ", ".join(names) if len(names) <= 3 else f"{names[0]} et al"


def _address(entry: Entry) -> str:
    return article_address(entry.pmid)


def _unsigned(standing: Standing) -> dict[str, Any]:
    """A decision without who made it: a digest goes to people who may not see names."""
    return {name: value for name, value in asdict(standing).items() if name != "who"}


def _escape_markdown(text: str) -> str:
    return "".join(f"\\{char}" if char in "\\`*_[]<>#|" else char for char in text)
