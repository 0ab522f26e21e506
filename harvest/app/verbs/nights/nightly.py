"""The verb nightly: all steps of a night."""

import logging
from typing import cast

import click

from db.errors import TrackerError
from db.store.ledger.ledger import Status
from harvest.app.common import json_option, pass_settings, print_json, say, stopping_on_sigterm
from harvest.app.night import Step, StepResult, run_night
from harvest.app.settings import EUTILS_URL, Settings
from harvest.app.steps.digest import digest_step, searches_are_due, searches_step
from harvest.app.steps.enrich import enrich_step
from harvest.app.steps.harvest import harvest_step
from harvest.app.steps.publish import publish_step
from harvest.app.steps.reparse import reparse_is_due, reparse_step
from harvest.app.steps.tag import tag_step
from harvest.enrich.run import steps_within
from harvest.enrich.step import STEPS
from harvest.sync.plan import Options

log = logging.getLogger(__name__)


@click.command("nightly")
@click.option("--yes", is_flag=True, help="Accept what a changed query drops, or a large loss.")
@json_option
@pass_settings
def command(settings: Settings, yes: bool, as_json: bool) -> int:
    """Run one night: harvest, enrich, tag, publish, digest, under one lock; each step may fail alone."""
    with stopping_on_sigterm():
        report = run_night(settings.db, night_steps(settings, Options(yes=yes)))
    if as_json:
        print_json(report.as_json())
    else:
        say(report.as_text(), report.exit_code)
    return report.exit_code


def night_steps(settings: Settings, options: Options) -> list[Step]:
    """Returns the steps of a night, in order."""
    return [
        Step("searches", lambda: _searches(settings), lambda: searches_are_due(settings)),
        Step("reparse", lambda: _reparse(settings), lambda: reparse_is_due(settings.db)),
        Step("harvest", lambda: _harvest(settings, options)),
        Step("enrich", lambda: _enrich(settings)),
        Step("tag", lambda: _tag(settings)),
        Step("publish", lambda: _publish(settings)),
        Step("digest", lambda: _digest(settings)),
    ]


def _searches(settings: Settings) -> StepResult:
    """Lets new and edited searches begin; a file of them that cannot be used fails no night."""
    try:
        return StepResult("done", searches_step(settings))
    except TrackerError as error:
        log.error("%s", error)  # its words may hold an address, and a night's message is published
        return StepResult("partial", "the file of saved searches cannot be used; ho-tracker status says why")


def _reparse(settings: Settings) -> StepResult:
    report = reparse_step(settings)
    details = {"records": report.records, "reparsed": report.reparsed}
    return StepResult("partial" if report.unreadable else "done", report.message, details)


def _harvest(settings: Settings, options: Options) -> StepResult:
    report = harvest_step(settings, options)
    counted = f"PubMed counts {report.pubmed_count}, the store holds {report.held_count}"
    changes = ", ".join(f"{count} {name}" for name, count in report.changes.items() if count) or "no changes"
    message = report.message or f"{changes}; {counted}"
    return StepResult(cast(Status, report.status), message, report.as_json())


def _enrich(settings: Settings) -> StepResult:
    """Asks the services; where E-utilities stand elsewhere, only those whose address is set too.

    Who points the harvest at another address than NCBI's works on a closed network or with stand-ins: the public
    services are then left alone.
    """
    steps = steps_within(settings.services) if settings.eutils_url != EUTILS_URL else STEPS
    if not steps:
        return StepResult("done", "no service asked: E-utilities stand elsewhere, and no other address is set")
    report = enrich_step(settings, steps)
    return StepResult(cast(Status, report.status), report.message, report.as_json())


def _tag(settings: Settings) -> StepResult:
    report = tag_step(settings)
    words = f"{report.articles} articles tagged, {report.retagged} with other tags than before"
    return StepResult("done", words, {"tagged": report.articles, "retagged": report.retagged})


def _publish(settings: Settings) -> StepResult:
    report = publish_step(settings)
    return StepResult("done", f"{report.articles} articles in {report.site}", {"articles": report.articles})


def _digest(settings: Settings) -> StepResult:
    report = digest_step(settings)
    searches = [{"name": outcome.name, "told": outcome.sent, "problem": outcome.problem} for outcome in report.searches]
    details = {"counts": report.digest.counts, "searches": searches, "mails": report.delivered.mails}
    return StepResult("partial" if report.faults else "done", report.message, details)
