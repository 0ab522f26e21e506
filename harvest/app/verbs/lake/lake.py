"""The verb lake."""

import csv
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from harvest.app.common import Function, json_option, pass_settings, print_json, say, stopping_on_sigterm
from harvest.app.settings import Settings
from harvest.app.steps.lake import LakeReport, build_step, read_again_step
from harvest.app.steps.lake_subset import subset_step
from harvest.lake.engine import Engine
from harvest.lake.folder import Lake
from harvest.lake.questions import answer

lake_option = click.option(
    "--lake",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("lake"),
    show_default=True,
    metavar="FOLDER",
    help="The lake.",
)


def engine_options(function: Function) -> Function:
    """Adds the options that say where the work is done, as one argument `engine`."""
    workers = click.option(
        "--workers",
        type=click.IntRange(0, 256),
        default=os.cpu_count() or 1,
        show_default=True,
        help="Local processes of Dask's; 0: this process alone, without Dask.",
    )
    scheduler = click.option(
        "--scheduler", metavar="ADDRESS", help="A Dask scheduler instead, whose workers see the same folders."
    )
    return workers(scheduler(function))


@click.group("lake")
def command() -> None:
    """All of PubMed's files as Parquet: records, tags, and any topic's store out of them.

    On local processes or a cluster of Dask's. Needs: pip install 'ho-tracker[lake]'.
    """


@command.command("build")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option("--again", is_flag=True, help="Read the lake's own records again with today's parser.")
@lake_option
@engine_options
@json_option
def build(
    files: tuple[Path, ...], again: bool, folder: Path, workers: int, scheduler: str | None, as_json: bool
) -> int:
    """Make Parquet of PubMed's yearly and daily files (or .xml, .nbib); what is there already stays."""
    if bool(files) == again:
        raise click.UsageError("name the files to read, or --again without any")
    engine = Engine(workers, scheduler)
    with stopping_on_sigterm():
        report = read_again_step(folder, engine) if again else build_step(folder, files, engine)
    return _tell(report, as_json)


@command.command("tag")
@click.option("--all", "keep_all", is_flag=True, help="Tag every record, whatever it is about.")
@lake_option
@engine_options
@json_option
def tag(keep_all: bool, folder: Path, workers: int, scheduler: str | None, as_json: bool) -> int:
    """Tag the records on the topic, those whose text or tagger is another than before."""
    from harvest.app.steps.lake_tags import tag_lake_step  # loads spaCy, which no other verb of the lake needs

    with stopping_on_sigterm():
        report = tag_lake_step(folder, keep_all, Engine(workers, scheduler))
    return _tell(report, as_json)


@command.command("ask")
@click.argument("sql")
@lake_option
@json_option
def ask(sql: str, folder: Path, as_json: bool) -> None:
    """Answer a question in SQL over everything that the lake holds, as CSV; the tables: docs/lake.md."""
    with answer(Lake(folder), sql) as found:
        if as_json:
            print_json({"columns": found.columns, "rows": [[_shown(value) for value in row] for row in found.rows]})
            return
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(found.columns)
        writer.writerows([_cell(value) for value in row] for row in found.rows)


def _cell(value: Any) -> Any:
    """Returns a value as a cell of a table: what has parts as JSON."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=_shown)
    return _shown(value)


def _shown(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, int | float | list | dict | None) else str(value)


@command.command("subset")
@click.option("--all", "keep_all", is_flag=True, help="Take every record, not only those on the topic.")
@click.option("--tags", "with_tags", is_flag=True, help="Take the lake's tags, too, and tag what it has none of.")
@lake_option
@engine_options
@json_option
@pass_settings
def take_subset(
    settings: Settings,
    keep_all: bool,
    with_tags: bool,
    folder: Path,
    workers: int,
    scheduler: str | None,
    as_json: bool,
) -> int:
    """Make or continue a topic's store out of the lake: what `import` makes of the same files."""
    with stopping_on_sigterm():
        report = subset_step(settings, folder, keep_all, Engine(workers, scheduler))
        if with_tags:
            from harvest.app.steps.lake_tags import take_tags_step

            take_tags_step(settings, folder)
    if as_json:
        print_json(report.as_json())
    else:
        say(report.as_text(), report.exit_code)
    return report.exit_code


def _tell(report: LakeReport, as_json: bool) -> int:
    """Prints what was made; raises the error of what was not."""
    if as_json:
        print_json(asdict(report))
    problem = report.problem
    if problem:
        raise problem
    if not as_json:
        made = f"{report.files} files with {report.rows} rows made in {report.seconds} s"
        say(f"{made}, {report.files_already_there} stood already.")
    return 0
