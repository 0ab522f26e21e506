"""The verb check."""

import click

from db.store.check import check_store
from db.store.ledger.ledger import Ledger
from db.store.store import open_store
from harvest.app.common import EXIT_DONE, EXIT_WRONG, json_option, print_json, say
from harvest.app.settings import Settings
from harvest.app.steps.reparse import parser_for_check
from harvest.app.steps.update import pass_settings_of_store


@click.command("check")
@json_option
@pass_settings_of_store
def command(settings: Settings, as_json: bool) -> int:
    """Look through the whole store for anything that must not be; ends with 1 where something is."""
    with open_store(settings.db, create=False) as store:
        problems = check_store(store, parser_for_check(store))
        articles = Ledger(store).figures()["articles"]
    exit_code = EXIT_WRONG if problems else EXIT_DONE
    if as_json:
        found = [{"check": p.check, "count": p.count, "examples": list(p.examples)} for p in problems]
        print_json({"status": "wrong" if problems else "ok", "articles": articles, "problems": found})
    else:
        words = [problem.words for problem in problems]
        words.append(f"{articles} articles checked: {'all is well' if not problems else 'see above'}")
        say("\n".join(words), exit_code)
    return exit_code
