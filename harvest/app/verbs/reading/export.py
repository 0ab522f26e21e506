"""The verb export."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args
from urllib.parse import parse_qsl

import click

from db.citations import FORMATS, Format, Options
from db.citations.formats.common import Markup
from db.citations.manifest import Checksum, list_date, manifest_text
from db.citations.output import ExportError, Limits, is_device, write_file, write_files, write_pieces
from db.citations.records import CitationRecord
from db.citations.selection import Selection, open_for_reading, select, write_list
from db.citations.tools import Tool, load_tools
from db.screening.decide import prisma_numbers
from db.screening.pmid_list import read_pmids
from db.select.addresses.resolve import resolve_filter
from db.select.filter import ArticleFilter
from db.select.suggest import nearest, shown
from harvest.app.common import json_option, print_json
from harvest.app.progress import progress
from harvest.app.settings import Settings
from harvest.app.steps.update import pass_settings_of_store


def _known(name: str, known: Iterable[str], what: str) -> str:
    """Returns the name in lower case; raises ExportError that names the nearest ones."""
    if name.lower() in known:
        return name.lower()
    near = nearest(name, known)
    hint = f"{near} All are" if near.startswith("did you mean") else "known are"
    raise ExportError(f"there is no {what} {shown(name)}; {hint} {', '.join(known)}")


@click.command("export")
@click.option("--format", "format_name", metavar="FORMAT", help=f"One of {', '.join(FORMATS)} (default ris).")
@click.option("--markup", type=click.Choice(get_args(Markup)), default="text", help="Of vancouver, ama and apa.")
@click.option(
    "-o", "--output", "target", metavar="FILE", help="A file, or for a tool a folder/. Default: standard output."
)
@click.option("--search", default="", metavar="TEXT", help="Words, phrases, -excluded, title:word.")
@click.option("--intervention", multiple=True, metavar="CONCEPT", help="Id, name or synonym; may be repeated.")
@click.option("--risk-factor", multiple=True, metavar="CONCEPT")
@click.option("--outcome", multiple=True, metavar="CONCEPT")
@click.option("--study-design", multiple=True, metavar="DESIGN")
@click.option("--year", default="", metavar="FROM-TO", help="2015, 2015-2020, 2015- or -2020.")
@click.option(
    "--pmids", type=click.Path(path_type=Path), metavar="FILE", help="Only these PMIDs; - for standard input."
)
@click.option("--as-of", default="", metavar="DAY", help="What was held at the end of that day, such as 2026-01-31.")
@click.option("--filter", "query", default="", metavar="QUERY", help="A filter as the site's address bar shows it.")
@click.option("--include-retracted/--exclude-retracted", default=True, show_default=True)
@click.option("--no-tags", is_flag=True, help="Leave our tags out of keywords and notes.")
@click.option("--for", "tool_name", metavar="TOOL", help=f"Write what a tool takes: {', '.join(load_tools())}.")
@click.option("--prisma", is_flag=True, help="Print the PRISMA numbers of the list instead of the list.")
@json_option
@pass_settings_of_store
def command(
    settings: Settings,
    /,
    format_name: str | None,
    markup: Markup,
    target: str | None,
    tool_name: str | None,
    no_tags: bool,
    prisma: bool,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Write a citation list: every article of the filter, newest first.

    \b
    Example: ho-tracker export --format ris --intervention aspirin --year 2010- -o aspirin.ris
    """
    output = None if target is None else Path(target)
    if output is not None and target and target.endswith("/"):
        output.mkdir(exist_ok=True)  # who ends a name with a slash means a folder
    tool = load_tools()[_known(tool_name, load_tools(), "tool")] if tool_name else None
    if format_name is not None:
        format_name = _known(format_name, FORMATS, "format")
    wanted = FORMATS[tool.format_name(format_name) if tool else format_name or "ris"]
    if markup != "text" and not wanted.formatted:
        raise ExportError(f"--markup {markup} is for vancouver, ama and apa; {wanted.name} has a form of its own")
    if output is not None and str(output) == "-":
        output, tool = None, None
    if as_json and output is None and tool is None and not prisma:
        raise ExportError("--json prints what a file holds; name the file with -o")
    asked = _filter(**chosen)
    options = Options(tags=not no_tags, markup=markup)
    with open_for_reading(settings.db) as connection:
        found, _ = resolve_filter(connection, asked)
        if prisma:
            numbers = prisma_numbers(connection, found)
            if output is None:
                print_json(numbers)
            else:
                write_file(output, [manifest_text(numbers).encode()])
            return
        selection = select(connection, found, wanted.order)
        _say_what_is_odd(selection)
        path = _path(output, tool, wanted, options, list_date(connection))
        if path is None:
            write_pieces(
                sys.stdout.buffer,
                Checksum().encoded(write_list(connection, selection, wanted, options)),
            )
            sys.stdout.flush()
            return
        _write(connection, selection, wanted, options, path, tool, as_json)


def _write(
    connection: Any,
    selection: Selection,
    wanted: Format,
    options: Options,
    path: Path,
    tool: Tool | None,
    as_json: bool,
) -> None:
    def watch(records: Iterable[CitationRecord]) -> Iterator[CitationRecord]:
        return progress(records, len(selection.pmids), f"writing {path.name}", 5000)

    if is_device(path):
        write_file(path, Checksum().encoded(write_list(connection, selection, wanted, options, watch)))
        return
    more = {"prisma": prisma_numbers(connection, selection.chosen)}
    limits = tool.limits if tool else Limits()
    written, manifest = write_files(connection, selection, wanted, options, path, limits, more, watch)
    if as_json:
        print_json(manifest)
        return
    for part in written:
        click.echo(f"Wrote {part.count} records to {part.path}", err=True)


def _path(output: Path | None, tool: Tool | None, wanted: Format, options: Options, date: str) -> Path | None:
    """Returns the file to write: as named, or for a tool a dated name in the folder named (or the working one)."""
    if tool is None or (output is not None and not output.is_dir()):
        return output
    return (output or Path()) / f"ho-tracker-{tool.name}-{date}.{wanted.extension_for(options)}"


def _say_what_is_odd(selection: Selection) -> None:
    if selection.missing:
        named = ", ".join(map(str, selection.missing[:10])) + (" ..." if len(selection.missing) > 10 else "")
        click.echo(f"ho-tracker: {len(selection.missing)} PMIDs are not in the store: {named}", err=True)
    if not selection.pmids:
        click.echo(f"ho-tracker: no article matches ({selection.words}); the list is empty", err=True)


def _filter(
    *,
    search: str,
    year: str,
    as_of: str,
    query: str,
    pmids: Path | None,
    include_retracted: bool,
    **facets: tuple[str, ...],
) -> ArticleFilter:
    """Returns the filter that the options mean; they are read as the site reads its address bar."""
    pairs = [("q", search), ("year", year), ("as_of", as_of)]
    for name, values in facets.items():
        if any(not value.strip() for value in values):
            raise ExportError(f"--{name.replace('_', '-')}: empty; give an id, name or synonym, or leave it out")
        pairs += [(name, value) for value in values]
    asked = ArticleFilter.from_query([*_query_pairs(query), *pairs], also=("sort", "page", "size"))
    if pmids is not None:
        asked = replace(asked, pmids=_read_pmids(pmids))
    return asked if include_retracted else asked.switched("retracted", False)


def _query_pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query.rpartition("?")[2], keep_blank_values=True)


def _read_pmids(path: Path) -> tuple[int, ...]:
    """Reads PMIDs parted by blanks, commas, semicolons or line ends; "PMID: 1", links, quotes and # comments may be."""
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ExportError(f"{path}: not a text file; write one PMID a line") from error
    return tuple(sorted(set(read_pmids(text, str(path)))))
