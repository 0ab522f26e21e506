"""The verbs that fill the store: harvest and import."""

import hashlib
import logging
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import cast

import click

from db.errors import TrackerError
from db.store.ledger import Query, Status
from db.store.store import Store, open_store
from harvest.app.common import json_option, pass_settings, print_json
from harvest.app.lock import locked
from harvest.app.night import StepResult
from harvest.app.settings import EUTILS_URL, Settings
from harvest.eutils.client import Client, Identity
from harvest.sync.bulk import Selection, check_files, import_files
from harvest.sync.harvest import Options, QueryChange, harvest
from harvest.sync.report import RunReport
from harvest.sync.topic import load_topic, matches

log = logging.getLogger(__name__)


class WrongOptionError(TrackerError):
    """Options that cannot be used."""


@click.command("harvest")
@click.option("--query", metavar="Q", help="Harvest this PubMed query instead of the topic's.")
@click.option("--full", is_flag=True, help="List every PMID and read again all that changed since the last full run.")
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="Fetch at most N records now, the rest later.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, change nothing.")
@click.option("--yes", is_flag=True, help="Accept what a changed query drops, or a large loss.")
@json_option
@pass_settings
def harvest_command(
    settings: Settings, query: str | None, full: bool, limit: int | None, dry_run: bool, yes: bool, as_json: bool
) -> int:
    """Bring the store in line with PubMed: what is new, revised, retracted, vanished, returned."""
    if query is not None and not query.strip():
        raise WrongOptionError("--query is empty; give a PubMed query, or leave the option out for the topic's")
    options = Options(full=full, limit=limit, dry_run=dry_run, yes=yes, confirm=_confirm)
    return _print_report(harvest_step(settings, options, query), as_json)


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--all", "keep_all", is_flag=True, help="Keep every record, not only those on the topic.")
@json_option
@pass_settings
def import_command(settings: Settings, files: tuple[Path, ...], keep_all: bool, as_json: bool) -> int:
    """Import PubMed XML (.xml, .xml.gz, with deletions) or .nbib files; keeps what is on the topic."""
    check_files(files)
    with stopping_on_sigterm(), locked(settings.db, "import"), open_store(settings.db) as store:
        return _print_report(import_files(store, files, selection(keep_all)), as_json)


def harvest_step(settings: Settings, options: Options, query: str | None = None) -> RunReport:
    """Runs one harvest of the topic, or of another query, under the store's lock."""
    asked = topic_query() if query is None else _own_query(query)
    if settings.eutils_url == EUTILS_URL and not settings.email:
        log.info("NCBI_EMAIL is not set; with it NCBI can write to you before it blocks this address")
    options = replace(options, workers=2 * options.workers) if settings.api_key else options
    client = Client(settings.eutils_url, Identity(settings.email, settings.api_key), connections=options.workers)
    try:
        if options.dry_run:
            with _store_to_look_at(settings.db) as store:
                return harvest(store, client, asked, options)
        with (
            stopping_on_sigterm(),
            locked(settings.db, "harvest"),
            open_store(settings.db) as store,
            _progress() as progress,
        ):
            return harvest(store, client, asked, replace(options, progress=progress))
    finally:
        client.close()


def topic_query() -> Query:
    """Returns the topic's query as the ledger names it."""
    topic = load_topic()
    return Query(topic.query, topic.short_name, str(topic.version), topic.hash)


def selection(keep_all: bool) -> Selection:
    """Returns which records an import keeps; the name changes with the topic."""
    if keep_all:
        return Selection("all", lambda _article: True)
    topic = load_topic()
    return Selection(f"topic {topic.hash}", lambda article: bool(matches(article, topic)))


@contextmanager
def stopping_on_sigterm() -> Iterator[None]:
    """Ends on SIGTERM as on Ctrl-C, so that a stopped service leaves the ledger in order."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _own_query(text: str) -> Query:
    text = " ".join(text.split())
    return Query(text, "own query", "-", hashlib.sha256(text.encode()).hexdigest()[:16])


@contextmanager
def _store_to_look_at(path: Path) -> Iterator[Store]:
    """Opens the store for a dry run; where there is none yet, an empty one that is thrown away."""
    if path.exists():
        with open_store(path) as store:
            yield store
        return
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "empty.db") as store:
        yield store


def _confirm(change: QueryChange) -> bool:
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        return False
    return click.confirm(
        f"The query changed (version {change.version_before} to {change.version_now}): {change.added} articles would "
        f"be added and {change.dropped} of {change.held} marked as vanished. Go on?",
        err=True,
    )


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Gives a function that shows how many records are stored: a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _stored, _total: None
        return
    with click.progressbar(length=1, label="Fetching records", file=sys.stderr) as bar:

        def show(stored: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(stored - bar.pos)

        yield show


def harvest_as_step(settings: Settings) -> StepResult:
    """Runs the harvest as a step of a night."""
    report = harvest_step(settings, Options())
    counted = f"PubMed counts {report.pubmed_count}, the store holds {report.held_count}"
    changes = ", ".join(f"{count} {name}" for name, count in report.changes.items() if count) or "no changes"
    message = report.message or f"{changes}; {counted}"
    return StepResult(cast(Status, report.status), message, report.as_json())


def _print_report(report: RunReport, as_json: bool) -> int:
    if as_json:
        print_json(report.as_json())
    else:
        click.echo(report.as_text())
    return report.exit_code
