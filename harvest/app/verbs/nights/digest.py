"""The verb digest."""

from datetime import datetime

import click

from db.evidence.digests.build import make_digest
from db.evidence.digests.formats import FORMATS
from db.evidence.digests.lines import Links
from db.evidence.digests.saved import read_selection
from db.store.store import open_store
from harvest.app.common import EXIT_DONE, EXIT_PARTIAL, say
from harvest.app.lock import locked
from harvest.app.searches.deliver import deliver
from harvest.app.searches.file import SavedSearch, find_search, read_searches
from harvest.app.searches.tell import look_at_search, mark_search, tell_search
from harvest.app.settings import Settings
from harvest.app.steps.digest import mark_told, tell_and_deliver
from harvest.app.steps.update import pass_settings_of_store

_EML = "eml"


@click.command("digest")
@click.option("--since", metavar="RUN|DATE", help="After this run, or from this day on (default: the last digest).")
@click.option("--search", "name", metavar="NAME", help="What this saved search has not told yet.")
@click.option(
    "--format", "form", default="text", show_default=True, type=click.Choice([*FORMATS, _EML]), help="eml: the mail."
)
@click.option("--mark", is_flag=True, help="Let the next digest begin where this one ends, as a night does.")
@click.option("--mail", is_flag=True, help="Send it now; without --search all that are due, and what waits.")
@pass_settings_of_store
def command(settings: Settings, since: str | None, name: str | None, form: str, mark: bool, mail: bool) -> int:
    """Say what changed, first what was retracted: of all articles, or of a saved search."""
    if since is not None and (mark or mail):
        raise click.UsageError("--mark and --mail are for the digest since the last one; leave --since out")
    if mark and mail:
        raise click.UsageError("what is sent is marked as told; leave --mark out")
    if form == _EML and (name is None or since is not None):
        raise click.UsageError("a mail is written for a saved search; name one with --search, and leave --since out")
    search = find_search(settings.searches, name) if name else None
    if mail:
        return _send(settings, search)
    with open_store(settings.db, create=False) as store:
        now = datetime.now().astimezone()
        if search is None or since is not None:
            selection = read_selection(store.db.conn, search.name, search.address, now.date()) if search else None
            digest = make_digest(store, since, selection)
            if mark:
                mark_told(store, digest)
        elif mark:
            with locked(settings.db, "digest"):
                digest = mark_search(store, search, now)
        else:
            digest, letter = look_at_search(store, search, settings, now)
            if form == _EML:
                click.echo(letter.document if letter.ending == _EML else letter.mail, nl=False)
                return EXIT_DONE
        click.echo(FORMATS[form](digest, Links(settings.site_url)), nl=False)
    return EXIT_DONE


def _send(settings: Settings, search: SavedSearch | None) -> int:
    """Tells one search whether it is its time or not, or all that are due, and delivers what waits."""
    file, now = read_searches(settings.searches), datetime.now().astimezone()
    problems: list[str] = []
    with locked(settings.db, "digest"), open_store(settings.db, create=False) as store:
        if search is not None:
            outcomes = [tell_search(store, search, settings, now, forced=True)]
            delivered = deliver(store, file, settings, now)
        else:
            outcomes, delivered = tell_and_deliver(store, file, settings, now)
            problems = [outcome.words for outcome in outcomes if outcome.problem]
    exit_code = EXIT_PARTIAL if problems or delivered.failed else EXIT_DONE
    say("\n".join([*(outcome.words for outcome in outcomes), delivered.words or "nothing to deliver"]), exit_code)
    return exit_code
