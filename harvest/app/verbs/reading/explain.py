"""The verb explain."""

import click

from db.store.people.verdicts import CHANGED_SINCE, decisions_in_force
from db.store.store import open_store
from harvest.app.common import PMID
from harvest.app.settings import Settings
from harvest.app.steps.tag import article_to_tag
from harvest.app.steps.update import pass_settings_of_store
from nlp.pipeline import tag_one
from nlp.scoring.explain import explain


@click.command("explain")
@click.argument("pmid", type=PMID)
@pass_settings_of_store
def command(settings: Settings, pmid: int) -> None:
    """Show every tag of one article with its sentence, its cue and the rule that made it."""
    with open_store(settings.db, create=False) as store:
        article = article_to_tag(store, pmid)
        decided = decisions_in_force(store, pmid)
    rejected = {
        standing.concept_id: standing.who
        for standing in decided
        if standing.verdict == "reject" and standing.concept_id and not standing.target
    }
    click.echo(explain(article, tag_one(article), rejected=rejected))
    click.echo(f"decisions: {len(decided)}")
    for standing in decided:
        click.echo(f"- {standing.words}{CHANGED_SINCE if standing.text_changed else ''}")
