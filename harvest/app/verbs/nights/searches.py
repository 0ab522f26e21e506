"""The verb searches: the saved searches of the file, one by one."""

from datetime import datetime

import click

from db.evidence.digests.formats import FORMATS
from db.evidence.digests.lines import Links
from db.evidence.digests.saved import held_count, read_selection
from db.select.facets import FilterError
from db.select.trial_filter import TrialFilter
from db.store.store import open_store
from harvest.app.common import EXIT_DONE, EXIT_PARTIAL, json_option, pass_settings, print_json, say
from harvest.app.searches.edit import add_search, leave_searches, remove_search
from harvest.app.searches.file import (
    FORMATS as SEARCH_FORMATS,
)
from harvest.app.searches.file import (
    QUIET,
    BadSearch,
    SavedSearch,
    SearchFile,
    find_search,
    make_search,
    read_searches,
    written,
)
from harvest.app.searches.tell import begin_searches, look_at_search
from harvest.app.settings import Settings
from harvest.app.steps.update import pass_settings_of_store
from harvest.mail.address import read_server


@click.group("searches")
def command() -> None:
    """Saved searches: who is told what is new in which list, and when."""


@command.command("list")
@json_option
@pass_settings_of_store
def list_(settings: Settings, as_json: bool) -> int:
    """List the saved searches; what is wrong with an entry is said beside it, and ends with 2."""
    file = read_searches(settings.searches)
    held, wrong = _held(settings, file)
    problems = [entry.line for entry in (*file.bad, *wrong)]
    if as_json:
        rows = [
            {"name": s.name, "address": s.address, "who": list(s.who), "when": s.when.words, "format": s.form,
             "quiet": s.quiet, "holds": held.get(s.name)}
            for s in file.searches
        ]  # fmt: skip
        print_json({"searches": rows, "problems": problems})
    else:
        lines = [
            f"  {s.name}: {s.when.words}, {s.form} {_where(settings, s)}\n"
            f"      {s.address}{f' ({_held_words(s, held[s.name])})' if s.name in held else ''}"
            for s in file.searches
        ]
        head = f"{len(file.searches)} saved searches in {settings.searches}"
        say("\n".join([head, *lines, *problems]), EXIT_PARTIAL if problems else EXIT_DONE)
    return EXIT_PARTIAL if problems else EXIT_DONE


def _held(settings: Settings, file: SearchFile) -> tuple[dict[str, int], list[BadSearch]]:
    """Returns how many articles or trials each search has now, and which of them name what the store does not have."""
    held: dict[str, int] = {}
    wrong: list[BadSearch] = []
    if not file.searches or not settings.db.exists():
        return held, wrong
    today = datetime.now().astimezone().date()
    with open_store(settings.db, create=False) as store:
        for search in file.searches:
            try:
                selection = read_selection(store.db.conn, search.name, search.address, today)
            except FilterError as error:
                wrong.append(BadSearch(search.name, str(error)))
            else:
                held[search.name] = held_count(store.db.conn, selection)
    return held, wrong


def _held_words(search: SavedSearch, held: int) -> str:
    name = "trial" if isinstance(search.chosen, TrialFilter) else "article"
    return f"{held:,} {name}{'' if held == 1 else 's'} now"


def _where(settings: Settings, search: SavedSearch) -> str:
    """Returns where a search's digests go, in words."""
    if not search.who:
        return "to the folder"
    people = ", ".join(search.who)
    return f"to {people}" if settings.smtp_url else f"for {people} to the folder: HO_TRACKER_SMTP_URL is not set"


@command.command("add")
@click.argument("name")
@click.argument("address")
@click.option("--who", multiple=True, metavar="EMAIL", help="Who is told; may be given again.")
@click.option("--when", default="weekly monday", show_default=True, help="daily, weekly DAY, or monthly DAY.")
@click.option("--format", "form", default="mail", show_default=True, type=click.Choice(SEARCH_FORMATS))
@click.option("--quiet", "quiet", default="silent", show_default=True, type=click.Choice(QUIET))
@pass_settings_of_store
def add(settings: Settings, name: str, address: str, who: tuple[str, ...], when: str, form: str, quiet: str) -> None:
    """Save the list at ADDRESS as NAME, at the end of the file; it is told what comes from now on."""
    search = make_search(
        {"name": name, "address": address, "who": list(who), "when": when, "format": form, "quiet": quiet}
    )
    if settings.db.exists():
        with open_store(settings.db, create=False) as store:
            now = datetime.now().astimezone()
            read_selection(store.db.conn, search.name, search.address, now.date())  # what does not exist is said now
            add_search(settings.searches, search)
            begin_searches(store, read_searches(settings.searches), now)
    else:
        add_search(settings.searches, search)
    say(f"Saved in {settings.searches}:\n{written(search)}".rstrip())


@command.command("remove")
@click.argument("name")
@pass_settings
def remove(settings: Settings, name: str) -> None:
    """Take a saved search out of the file. One that comes back under its name goes on where it ended."""
    remove_search(settings.searches, name)
    say(f"“{name}” is no longer in {settings.searches}")


@command.command("leave")
@click.argument("email")
@click.option("--search", "name", metavar="NAME", help="Of this saved search alone.")
@pass_settings
def leave(settings: Settings, email: str, name: str | None) -> None:
    """Take somebody out of all saved searches, or of one; what still waits is not sent to them."""
    left = leave_searches(settings.searches, email.strip(), name)
    say(f"{email.strip()} is no longer told by {', '.join(left)}")


@command.command("test")
@click.argument("name")
@click.option("--format", "form", default="text", show_default=True, type=click.Choice(list(FORMATS)))
@pass_settings_of_store
def test(settings: Settings, name: str, form: str) -> None:
    """Show what a saved search would send now, to whom; nothing is sent and nothing changes."""
    search = find_search(settings.searches, name)
    now = datetime.now().astimezone()
    with open_store(settings.db, create=False) as store:
        digest, letter = look_at_search(store, search, settings, now)
        held = held_count(store.db.conn, read_selection(store.db.conn, search.name, search.address, now.date()))
    if form == "text":
        where = f"to the folder {settings.digests}"
        if settings.smtp_url and search.who:
            where = f"by {read_server(settings.smtp_url).shown} to {', '.join(search.who)}"
        said = search.quiet == "silent" and digest.quiet
        click.echo(f"{search.when.words}, {search.form}, {where}; Message-ID {letter.message_id}")
        click.echo(f"{search.address} ({_held_words(search, held)})")
        click.echo("Nothing would be sent: there is nothing to tell.\n" if said else "")
    click.echo(FORMATS[form](digest, Links(settings.site_url)), nl=False)
