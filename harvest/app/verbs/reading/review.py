"""The verb review."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from db.citations import FORMATS, Options
from db.citations.output import write_files
from db.citations.selection import open_for_reading, select
from db.citations.tools import load_tools
from db.evidence.services.trials import status_words
from db.evidence.similar import article_vectors
from db.screening.brought import MAX_BYTES, is_of_one_kind, read_brought
from db.screening.decide import import_decisions
from db.screening.match import match_rows
from db.screening.rank import Ranked
from db.screening.read import ScreenedRow, ScreeningFileError
from db.screening.review import Candidate, Review, look_over, read_candidates, review_object
from db.select.filter import ArticleFilter
from db.store.store import open_store, utc_now
from db.topics import current
from harvest.app.common import json_option, print_json, say_unmatched
from harvest.app.settings import Settings
from harvest.app.steps.update import pass_settings_of_store


@click.command("review")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--since",
    metavar="DAY",
    default="newest",
    help="Candidates that came after it, or all; default: the newest in FILE.",
)
@click.option("--top", type=click.IntRange(1), default=25, show_default=True, help="As many candidates are shown.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE.ris", help="Candidates as RIS, in order."
)
@click.option("--rest", type=click.Path(path_type=Path), metavar="FILE.ris", help="FILE's undecided as RIS, in order.")
@click.option("--for", "tool_name", type=click.Choice(list(load_tools())), help="Split the RIS at a tool's limits.")
@click.option("--keep", is_flag=True, help="Keep what the file decides as decisions of the store.")
@json_option
@pass_settings_of_store
def command(
    settings: Settings,
    /,
    file: Path,
    since: str,
    top: int,
    tool_name: str | None,
    keep: bool,
    as_json: bool,
    **written: Path | None,
) -> None:
    """Go on with a review: its studies matched, the retracted named, newer candidates ranked.

    FILE is RIS, nbib, CSV or PMIDs: the included studies, or all that was screened with its decisions (Rayyan,
    Covidence, ASReview, labelled RIS). The order is learnt from them. Bring FILE again after some decisions: what it
    leaves undecided is put in order anew. Nothing is kept unless --keep says so.

    \b
    Example: ho-tracker review included.ris --since 2024-06-30 -o to-screen.ris
    """
    rows = _read(file)
    day = None if since == "all" else since
    with open_for_reading(settings.db) as connection:
        review = look_over(connection, article_vectors(connection), match_rows(connection, rows), day)
        first = read_candidates(connection, review.candidates[:top])
        undecided = read_candidates(connection, review.undecided[:top])
        for ranked, path in ((review.candidates, written["output"]), (review.undecided, written["rest"])):
            if path is not None:
                _write(connection, review, ranked, path, tool_name)
    if is_of_one_kind(rows):
        click.echo(f"ho-tracker: nothing in {file.name} says what was decided: all are taken as included", err=True)
    kept = _keep(settings, rows, file) if keep else None
    if as_json:
        print_json({**review_object(review, first, undecided), **({} if kept is None else {"decisions_added": kept})})
        return
    _say(review, first, undecided)
    if kept is not None:
        click.echo(f"{kept} decisions added to the store.")


def _read(file: Path) -> list[ScreenedRow]:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ScreeningFileError(
                f"{file}: larger than {MAX_BYTES // 1_000_000} MB; bring included and excluded alone"
            )
        return read_brought(file.name, file.read_bytes())
    except OSError as error:
        raise ScreeningFileError(f"{file}: {error.strerror}; name a file that can be read") from error


def _write(connection: Any, review: Review, ranked: Sequence[Ranked], output: Path, tool_name: str | None) -> None:
    """Writes ranked articles as RIS, the likeliest first, with a manifest beside it."""
    pmids = tuple(entry.pmid for entry in ranked)
    wanted = FORMATS["ris"]
    selection = replace(select(connection, ArticleFilter(pmids=pmids), wanted.order), pmids=pmids)
    more = {"prisma": review.numbers, "order": "ranked by ho-tracker review", "since": review.since}
    limits = load_tools()[tool_name].limits if tool_name else None
    written, _ = write_files(connection, selection, wanted, Options(), output, limits, more)
    for part in written:
        click.echo(f"Wrote {part.count} records to {part.path}", err=True)


def _keep(settings: Settings, rows: list[ScreenedRow], file: Path) -> int:
    with open_store(settings.db, create=False) as store, store.atomic():
        return import_decisions(store, rows, file.name, utc_now()).added


def _say(review: Review, first: list[Candidate], undecided: list[Candidate]) -> None:
    matched = review.matched
    click.echo(
        f"{len(matched.pmids) + matched.duplicates} of {matched.rows} records are held here: "
        f"{len(matched.included)} included, {len(matched.excluded)} excluded, {len(matched.maybe)} maybe, "
        f"{len(matched.conflict)} in conflict, {len(matched.undecided)} undecided, {matched.duplicates} given twice."
    )
    say_unmatched(matched.unmatched, "not held")
    for study in review.marked:
        click.echo(f"{study.mark}: {study.pmid}  {study.authors or 'no author'} {study.year or ''}  {study.title}")
    for trial in review.trials:
        values = trial.values
        told = f"{status_words(values['status'])}, {values['completion_date'] or 'no date'}"
        click.echo(f"Trial: {values['nct_id']}  {values['title']} ({told})")
    if review.undecided:
        click.echo(f"Undecided in the list: {len(review.undecided)}, the likeliest first:")
        _say_ranked(undecided)
    came = f"came into PubMed after {review.since}" if review.since else "are held besides"
    numbers, topic = review.numbers, current()
    click.echo(
        f"{numbers['identified']} records {came}: {numbers[f'not_about_{topic.id}']} not about {topic.name}, "
        f"{numbers['retracted']} retracted, {numbers['to_screen']} to screen, the likeliest first:"
    )
    _say_ranked(first)


def _say_ranked(candidates: Sequence[Candidate]) -> None:
    for place, entry in enumerate(candidates, 1):
        facts = ", ".join(str(fact) for fact in (entry.year, entry.study_design) if fact)
        why = "; ".join((*entry.why, *([f"citations {entry.ranked.links}"] if entry.ranked.links else [])))
        mark = f"{entry.mark}: " if entry.mark else ""
        click.echo(f"{place:>4}  {entry.ranked.pmid}  {mark}{entry.title} ({facts}) [{why}]")
