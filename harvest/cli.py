"""The `ho-tracker` command: settings, logging, and the verbs."""

import logging
import sys
from importlib import import_module

import click

from harvest.commands.common import OneLineErrors
from harvest.settings import load_settings

#: Each verb and where it is; a module is loaded when its verb is called, so that `status` does not wait for spaCy.
VERBS = {
    "harvest": "harvest.commands.harvesting:harvest_command",
    "import": "harvest.commands.harvesting:import_command",
    "nightly": "harvest.commands.nights:nightly_command",
    "status": "harvest.commands.looking:status_command",
    "check": "harvest.commands.looking:check_command",
    "digest": "harvest.commands.looking:digest_command",
    "tag": "harvest.commands.tags:tag_command",
    "publish": "harvest.commands.publishing:publish_command",
    "serve": "harvest.commands.publishing:serve_command",
    "export": "harvest.commands.exporting:export_command",
    "decisions": "harvest.commands.exporting:decisions_command",
    "demo": "harvest.commands.demo:demo_command",
    "predict": "harvest.commands.tagging:predict_command",
    "evaluate": "harvest.commands.tagging:evaluate_command",
    "explain": "harvest.commands.tags:explain_command",
    "decide": "harvest.commands.tags:decide_command",
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
        module, _, attribute = VERBS[name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


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
