"""What a server does before it answers, so that the first visitor doesn't wait for it."""

import asyncio
from pathlib import Path

from db.site.server import build_datasette, warm


def test_the_table_of_articles_was_made_before_the_first_visitor_asks_for_it(evidence: Path) -> None:
    datasette = build_datasette(evidence)
    asyncio.run(warm(datasette, evidence))
    compiled = {name for _, name in datasette.jinja_env.cache or ()}
    assert "table.html" in compiled, sorted(compiled)
