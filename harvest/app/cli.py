"""The `ho-tracker` command: settings, logging, and the verbs."""

import logging
import sys
import textwrap
from importlib import import_module

import click

from harvest.app.common import OneLineErrors
from harvest.app.settings import load_settings

#: Each verb, where it is, and what the list of verbs says of it; a module is loaded when its verb is called, so that
#: neither `status` nor the list waits for spaCy.
VERBS = {
    "harvest": (
        "harvest.app.verbs.harvesting:harvest_command",
        "Bring the store in line with PubMed: what is new, revised, retracted, vanished, returned.",
    ),
    "import": (
        "harvest.app.verbs.harvesting:import_command",
        "Import PubMed XML (.xml, .xml.gz, with deletions) or .nbib files; keeps what is on the topic.",
    ),
    "nightly": (
        "harvest.app.verbs.nights:nightly_command",
        "Run one night: harvest, tag, publish, digest, under one lock; each step may fail alone.",
    ),
    "status": (
        "harvest.app.verbs.looking:status_command",
        "Say how the tracker is; ends with 1 (red) after a night that was missed or failed.",
    ),
    "check": (
        "harvest.app.verbs.looking:check_command",
        "Look through the whole store for anything that must not be; ends with 1 where something is.",
    ),
    "digest": (
        "harvest.app.verbs.looking:digest_command",
        "Say what changed: new, revised, retracted, vanished, returned articles.",
    ),
    "tag": (
        "harvest.app.verbs.tags:tag_command",
        "Tag the articles that are new, changed, or known only to an older tagger.",
    ),
    "publish": (
        "harvest.app.verbs.publishing:publish_command",
        "Build the site's file, check it, and swap it in under the running server.",
    ),
    "serve": (
        "harvest.app.verbs.publishing:serve_command",
        "Serve the published site.",
    ),
    "export": (
        "harvest.app.verbs.exporting:export_command",
        "Write a citation list: every article of the filter, newest first.",
    ),
    "decisions": (
        "harvest.app.verbs.exporting:decisions_command",
        "Take decisions out, and bring those of a screening tool in.",
    ),
    "demo": (
        "harvest.app.verbs.demo:demo_command",
        "Take the bundled made-up sample through import, tag and publish, and serve it.",
    ),
    "predict": (
        "harvest.app.verbs.tagging:predict_command",
        "Tag gold-form RECORDS (JSON lines) outside any database; one prediction a line.",
    ),
    "evaluate": (
        "harvest.app.verbs.tagging:evaluate_command",
        "Score the tags against GOLD records: strict, relaxed, concepts, findings, estimates, study facts.",
    ),
    "explain": (
        "harvest.app.verbs.tags:explain_command",
        "Show every tag of one article with its sentence, its cue and the rule that made it.",
    ),
    "decide": (
        "harvest.app.verbs.tags:decide_command",
        "Keep a person's correction of an article's tags; no tagging overwrites it.",
    ),
    "vocabulary": (
        "harvest.app.verbs.vocabularies:vocabulary_command",
        "Compare vocabularies: what another one changes in concepts and articles.",
    ),
}


class Verbs(OneLineErrors):
    """The command group over `VERBS`, in the order of the table."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """Returns the names of all verbs."""
        return list(VERBS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Returns the verb's command, or None where there is no such verb."""
        if name not in VERBS:
            return None
        module, _, attribute = VERBS[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list of verbs without loading them."""
        limit = formatter.width - 6 - max(map(len, VERBS))
        with formatter.section("Commands"):
            rows = [(name, textwrap.shorten(text, limit, placeholder=" ...")) for name, (_, text) in VERBS.items()]
            formatter.write_dl(rows)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ho-tracker", prog_name="ho-tracker")
@click.option("--db", metavar="FILE", help="The store (default ho.db, or HO_TRACKER_DB).")
@click.option("--site", metavar="FILE", help="The published file (default evidence.db, or HO_TRACKER_SITE).")
@click.option("-q", "--quiet", is_flag=True, help="Say only what went wrong.")
@click.pass_context
def main(context: click.Context, db: str | None, site: str | None, quiet: bool) -> None:
    """Tracks the literature on heterotopic ossification: harvests PubMed, tags evidence, publishes a site."""
    logging.basicConfig(
        level=logging.WARNING if quiet else logging.INFO,
        format="%(message)s" if sys.stderr.isatty() else "%(asctime)s %(levelname)s %(message)s",
        stream=sys.stderr,
        force=True,
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    context.obj = load_settings({"db": db, "site": site})


if __name__ == "__main__":
    main(prog_name="ho-tracker")
