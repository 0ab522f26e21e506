"""The verb topic: which there are, and what is wrong in one."""

from pathlib import Path

import click

from db.topics import bundled, current
from harvest.app.common import EXIT_DONE, EXIT_WRONG, json_option, print_json, say
from harvest.app.topics.check import check_topic


@click.group("topic")
def command() -> None:
    """Look a topic folder through, or list the bundled ones."""


@command.command("check")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@json_option
def check_command(folder: Path | None, as_json: bool) -> int:
    """Name what is missing or contradicts itself in FOLDER (the topic in force without one), a line each."""
    found = check_topic(folder if folder is not None else current().home)
    if as_json:
        print_json({"problems": [{"file": one.file, "key": one.key, "problem": one.problem} for one in found]})
    else:
        for one in found:
            click.echo(str(one))
        say(f"{len(found)} problems" if found else "nothing is wrong")
    return EXIT_WRONG if found else EXIT_DONE


@command.command("list")
def list_command() -> None:
    """Name the bundled topics, the one without a setting first."""
    for name in bundled():
        click.echo(name)
