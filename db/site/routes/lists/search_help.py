"""How to search, and what the words on the pages mean."""

from datasette.utils.asgi import Response

from db.evidence.asked import read_asked
from db.evidence.effects.finding_words import AGAINST
from db.select.search.parser import FIELDS
from db.site.page import PageContext, page


@page
def help_page(context: PageContext) -> Response:
    """The page of help."""
    names = dict(context.conn.execute("SELECT id, name FROM concepts WHERE kind = 'aetiology'"))
    return context.render(
        "help.html",
        fields=FIELDS,
        against=[entry for key, entry in AGAINST.items() if key],
        settings=[names[concept] for concept in read_asked()["setting"] if concept in names],
    )


ROUTES = [(r"^/help/?$", help_page)]
