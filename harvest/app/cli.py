"""The `ho-tracker` command: settings, logging, and the verbs."""

import logging
import sys
import textwrap
from importlib import import_module
from keyword import iskeyword

import click

from harvest.app.common import OneLineErrors
from harvest.app.settings import load_settings

#: What the list of verbs says of each, by room of `verbs/`; its module there is loaded when it is called, so that
#: neither `status` nor the list waits for spaCy.
VERBS = {
    "nights": {
        "nightly": "Run one night: harvest, enrich, tag, publish, digest, under one lock; each step may fail alone.",
        "harvest": "Bring the store in line with PubMed: what is new, revised, retracted, vanished, returned.",
        "enrich": "Join what others know: trials, citations, free full text, preprints; each service fails alone.",
        "reparse": "Read the kept records again with today's parser; runs by itself after an update that changed it.",
        "tag": "Tag the articles that are new, changed, or known only to an older tagger.",
        "publish": "Build the site's file, check it, and swap it in under the running server.",
        "digest": "Say what changed, first what was retracted: of all articles, or of a saved search.",
        "searches": "Saved searches: who is told what is new in which list, and when.",
        "status": "Say how the tracker is; ends with 1 (red) after a night that was missed or failed.",
    },
    "store": {
        "import": "Import PubMed XML (.xml, .xml.gz, with deletions) or .nbib files; keeps what is on the topic.",
        "check": "Look through the whole store for anything that must not be; ends with 1 where something is.",
        "backup": "Copy the whole store into FILE while it is in use, and check the copy.",
        "restore": "Bring a backup back in place of the store, after checking it; the one that was there is kept.",
        "decide": "Keep a person's correction of an article's tags; no tagging overwrites it.",
        "decisions": "Take decisions out, and bring those of a screening tool in.",
        "reviewers": "Say who may sign in on the review page of the site.",
    },
    "reading": {
        "serve": "Serve the published site.",
        "trials": "List the trials held, or those that were completed long ago and have published nothing.",
        "export": "Write a citation list: every article of the filter, newest first.",
        "review": "Go on with a review: its studies matched, the retracted named, newer candidates ranked.",
        "snapshot": "Write a dated snapshot of the published file into FOLDER, for a methods section.",
        "mcp": "Serve search, articles, concept cards and answers to programs.",
        "demo": "Take the bundled made-up sample through import, tag and publish, and serve it.",
        "explain": "Show every tag of one article with its sentence, its cue and the rule that made it.",
    },
    "tagger": {
        "predict": "Tag gold-form RECORDS (JSON lines) outside any database; one prediction a line.",
        "evaluate": "Score the tags against GOLD records: strict, relaxed, concepts, findings, estimates, study facts.",
        "vocabulary": "Compare vocabularies; find words that articles use and it does not know.",
    },
    "topics": {
        "init-topic": "Write a working topic of another disease into FOLDER, to be written on.",
        "topic": "Look a topic folder through, or list the bundled ones.",
    },
    "lake": {
        "lake": "All of PubMed's files as Parquet: records, tags, and any topic's store out of them.",
    },
}
#: What the list calls each room.
ROOMS = {
    "nights": "Nights",
    "store": "The store",
    "reading": "Reading and lists",
    "tagger": "The tagger",
    "topics": "Other diseases",
    "lake": "All of PubMed",
}


class Verbs(OneLineErrors):
    """The command group over `VERBS`, in the order of the table."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """Returns the names of all verbs."""
        return [name for verbs in VERBS.values() for name in verbs]

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Returns the verb's command, or None where there is no such verb."""
        room = next((room for room, verbs in VERBS.items() if name in verbs), None)
        if room is None:
            return None
        module = f"{name}_" if iskeyword(name) else name.replace("-", "_")
        command: click.Command = import_module(f"harvest.app.verbs.{room}.{module}").command
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list of verbs by room, without loading them."""
        width = max(map(len, self.list_commands(context)))
        limit = formatter.width - 6 - width
        for room, verbs in VERBS.items():
            with formatter.section(ROOMS[room]):
                short = {name: textwrap.shorten(text, limit, placeholder=" ...") for name, text in verbs.items()}
                shown = [(name.ljust(width), text) for name, text in short.items()]
                formatter.write_dl(shown)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ho-tracker", prog_name="ho-tracker")
@click.option("--db", metavar="FILE", help="The store (default TOPIC.db, or HO_TRACKER_DB).")
@click.option("--site", metavar="FILE", help="The published file (default evidence.db, or HO_TRACKER_SITE).")
@click.option("--topic", metavar="FOLDER", help="The disease: a folder or a bundled name (or HO_TRACKER_TOPIC).")
@click.option("-q", "--quiet", is_flag=True, help="Say only what went wrong.")
@click.pass_context
def main(context: click.Context, db: str | None, site: str | None, topic: str | None, quiet: bool) -> None:
    """Tracks the literature on a disease: harvests PubMed, tags evidence, publishes a site."""
    logging.basicConfig(
        level=logging.WARNING if quiet else logging.INFO,
        format="%(message)s" if sys.stderr.isatty() else "%(asctime)s %(levelname)s %(message)s",
        stream=sys.stderr,
        force=True,
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    context.obj = load_settings({"db": db, "site": site, "topic": topic})


if __name__ == "__main__":
    main(prog_name="ho-tracker")
