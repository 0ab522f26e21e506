"""Which of the databases that Datasette serves is the published file, found once at the start."""

import logging
from typing import Any

from datasette.utils.asgi import NotFound

from db.evidence.effects.findings_table import FINDINGS
from db.evidence.index.article_index import ARTICLE_INDEX
from db.publish.layout import OlderFileError, check_layout
from db.select.questions.lexicon import LEXICON
from db.topics import take_topic

log = logging.getLogger(__name__)

#: Tables that tell a published file from any other.
_PUBLISHED = ("articles", "article_tags", "concepts", "properties")


def evidence_database(datasette: Any) -> str:
    """Returns the name of the served database that holds the articles: the first one that has the table."""
    found = getattr(datasette, "_ho_tracker_database", None)
    if found is None or found not in datasette.databases:
        raise NotFound("no published file is being served; run ho-tracker publish and serve it")
    return str(found)


async def find_evidence_database(datasette: Any) -> None:
    """Looks for the served database that holds the articles and remembers it; called at the start.

    A file of somebody else's with a table of that name is left alone.
    """
    for name, database in datasette.databases.items():
        if name == "_internal" or database.is_memory:
            continue
        if set(_PUBLISHED) <= set(await database.table_names()):
            datasette._ho_tracker_database = name
            await database.execute_fn(take_topic)
            try:
                await database.execute_fn(check_layout)
            except OlderFileError as error:  # every page says so until it is published anew
                log.warning("%s: %s", database.path, error)
                return
            for kept in (ARTICLE_INDEX, FINDINGS, LEXICON):  # so that the first visitor doesn't wait for them
                await database.execute_fn(kept.of)
            return


async def holds_sample(datasette: Any) -> bool:
    """Returns whether the served file holds the made-up sample."""
    name = getattr(datasette, "_ho_tracker_database", None)
    if name is None:
        return False
    sql = "SELECT 1 FROM properties WHERE name = 'sample' AND value = '1'"
    return bool((await datasette.databases[name].execute(sql)).rows)
