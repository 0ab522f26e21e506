"""The verb trials."""

import csv
import io
import sys
from datetime import UTC, datetime
from typing import Any

import click

from db.evidence.services.trials import CSV_COLUMNS, TrialRow, all_trials, unpublished_trials
from db.store.store import open_store
from harvest.app.common import print_json, say
from harvest.app.settings import Settings
from harvest.app.steps.update import pass_settings_of_store


@click.command("trials")
@click.option(
    "--without-publication",
    is_flag=True,
    help="Only those completed more than 24 months ago without a paper or posted results.",
)
@click.option("--format", "form", type=click.Choice(["text", "csv", "json"]), default="text", show_default=True)
@pass_settings_of_store
def command(settings: Settings, without_publication: bool, form: str) -> None:
    """List the trials held, or those that were completed long ago and have published nothing."""
    with open_store(settings.db, create=False) as store:
        today = datetime.now(UTC).date()
        conn = store.db.conn
        rows = unpublished_trials(conn, today) if without_publication else all_trials(conn)
    if form == "json":
        print_json({"count": len(rows), "trials": [row.as_json() for row in rows]})
    elif form == "csv":
        sys.stdout.write(_csv(rows))
    else:
        say("\n".join([f"{len(rows)} trials", *map(_line, rows)]))


def _csv(rows: list[TrialRow]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for row in rows:
        values = row.as_json()
        writer.writerow([_cell(values[column]) for column in CSV_COLUMNS])
    return stream.getvalue()


def _cell(value: Any) -> Any:
    """Returns a value for a spreadsheet: lists joined, no text that begins as a formula would."""
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _line(row: TrialRow) -> str:
    phase = f", {row.phase}" if row.phase else ""
    ended = f", completed {row.completion_date}" if row.completion_date else ""
    return f"  {row.nct_id}  {row.status_words}{phase}{ended}  {row.title}"
