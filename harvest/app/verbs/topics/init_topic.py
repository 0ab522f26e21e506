"""The verb init-topic."""

from pathlib import Path

import click

from harvest.app.common import say
from harvest.app.topics.skeleton import Names, read_heading, read_id, write_skeleton


@click.command("init-topic")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="The disease as in running text, such as 'gouty arthritis'.")
@click.option("--short", metavar="NAME", help="Its short name, such as 'gout'; the name without it.")
@click.option("--id", "topic_id", metavar="ID", help="How data and files call it; made of the short name without it.")
@click.option("--mesh", multiple=True, metavar="HEADING", help="A MeSH heading, with its UI: 'Gout=D006073'.")
@click.option("--synonym", multiple=True, metavar="NAME", help="Another name; again for each.")
def command(
    folder: Path, name: str, short: str | None, topic_id: str | None, mesh: tuple[str, ...], synonym: tuple[str, ...]
) -> None:
    """Write a working topic of another disease into FOLDER, to be written on.

    \b
    Example: ho-tracker init-topic gout --name "gouty arthritis" --short gout --mesh "Gout=D006073" --synonym "gout"
    """
    shown = short or name
    names = Names(topic_id or read_id(shown), name, shown, [read_heading(text) for text in mesh], synonym)
    written = write_skeleton(folder, names)
    say(
        f"Wrote {len(written)} files to {folder}. Next: ho-tracker topic check {folder}; "
        f"ho-tracker --topic {folder} demo; docs/topics.md says what each file holds."
    )
