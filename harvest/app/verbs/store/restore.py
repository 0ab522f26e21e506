"""The verb restore."""

from pathlib import Path

import click

from db.store.backup import restore
from db.store.ledger.ledger import Ledger
from db.store.store import open_store
from harvest.app.common import json_option, pass_settings, print_json, say
from harvest.app.lock import locked
from harvest.app.settings import Settings
from harvest.app.steps.reparse import parser_for_check
from harvest.version import SOFTWARE


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@json_option
@pass_settings
def command(settings: Settings, file: Path, as_json: bool) -> None:
    """Bring a backup back in place of the store, after checking it; the one that was there is kept."""
    with locked(settings.db, "restore"):
        copied = restore(file, settings.db, parser_for_check)
        with open_store(settings.db) as store:
            ledger = Ledger(store)
            run_id = ledger.begin("restore", SOFTWARE)
            ledger.finish(run_id, "done", f"brought back from {file.name}", 0, 0.0)
    kept = settings.db.with_name(f"{settings.db.name}.before-restore")
    if as_json:
        print_json({"file": str(copied.path), "articles": copied.articles, "decisions": copied.decisions,
                    "kept": str(kept) if kept.exists() else None})  # fmt: skip
    else:
        said = f"Brought back {copied.articles} articles and {copied.decisions} decisions from {file}"
        say(f"{said}; what was there stays as {kept}." if kept.exists() else f"{said}.")
