"""The verb decisions: export and import."""

import sys
from pathlib import Path
from typing import Any

import click

from db.citations.output import write_file, write_pieces
from db.curation.gold import gold_lines
from db.screening.decide import ImportReport, import_decisions, prisma_numbers
from db.screening.read import read_screening_file
from db.screening.write import decision_lines
from db.select.filter import ArticleFilter
from db.store.people.verdicts import Verdict
from db.store.store import open_store, utc_now
from harvest.app.common import json_option, print_json, say_unmatched
from harvest.app.settings import Settings
from harvest.app.steps.update import pass_settings_of_store


@click.group("decisions")
def command() -> None:
    """Take decisions out, and bring those of a screening tool in."""


@command.command("export")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Default: standard output.")
@click.option("--gold", "as_gold", is_flag=True, help="The decided sentences as JSON lines in the form of the gold.")
@pass_settings_of_store
def export_command(settings: Settings, output: Path | None, as_gold: bool) -> None:
    """Write every decision as CSV, which `decisions import` reads back.

    With --gold the sentences that were decided on, with PMID and places, for `evaluate` and for training.
    """
    with open_store(settings.db, create=False) as store:
        lines = gold_lines(store) if as_gold else decision_lines(store)
        pieces = (line.encode() for line in lines)
        if output is None or str(output) == "-":
            write_pieces(sys.stdout.buffer, pieces)
            sys.stdout.flush()
        else:
            write_file(output, pieces)


@command.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--who", help="Who decided, where the file does not say.")
@click.option("--verdict", type=click.Choice(["include", "exclude", "maybe"]), help="Of a file that is one such list.")
@json_option
@pass_settings_of_store
def import_command(
    settings: Settings, files: tuple[Path, ...], who: str | None, verdict: Verdict | None, as_json: bool
) -> None:
    """Keep what Rayyan, Covidence, ASReview or labelled RIS say about articles.

    Articles are found by PMID, else DOI, else our key, else title; those that are not found are named.
    """
    reports = {}
    with open_store(settings.db, create=False) as store:
        now = utc_now()
        for path in files:
            with store.atomic():
                rows = read_screening_file(path, who, verdict)
                reports[path] = import_decisions(store, rows, path.name, now)
        numbers = prisma_numbers(store.db.conn, ArticleFilter())
    if as_json:
        print_json({"files": [_report_object(path, report) for path, report in reports.items()], "prisma": numbers})
        return
    for path, report in reports.items():
        _say_report(path, report)
    said = (f"{numbers[name]} {name}" for name in ("screened", "included", "excluded", "maybe", "conflict"))
    click.echo(f"All articles: {', '.join(said)}.")


def _report_object(path: Path, report: ImportReport) -> dict[str, Any]:
    return {
        "file": path.name,
        "rows": report.rows,
        "undecided": report.undecided,
        "matched": report.matched,
        "matched_by": dict(report.matched_by),
        "added": report.added,
        "known": report.known,
        "older": report.older,
        "unmatched": report.unmatched,
    }


def _say_report(path: Path, report: ImportReport) -> None:
    click.echo(
        f"{path}: {report.rows} records, {report.matched} found here, {report.added} decisions added, "
        f"{report.known} known already, {report.older} older than what is held and left out, "
        f"{report.undecided} records without a decision."
    )
    say_unmatched(report.unmatched, "not in the store", f"{path.name}: ")
