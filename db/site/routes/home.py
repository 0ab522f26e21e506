"""The first page: what this is, how fresh it is, and the doors."""

from datasette.utils.asgi import Response

from db.evidence.asked import read_asked
from db.select.facets import FACET_OF_KIND
from db.select.filter import ArticleFilter
from db.site.answers import year_curve
from db.site.page import PageContext, page
from db.site.questions import example_questions

_DOORS = ("intervention", "risk factor", "outcome")
_CONCEPTS_A_DOOR = 8


@page
def home(context: PageContext) -> Response:
    """What the tracker is, how many articles it holds and since when, a search, the year curve and the doors."""
    everything = ArticleFilter()
    counts = context.index.facet_counts(context.conn, everything)
    names = {line.id: line.name for line in context.index.concepts}
    doors = []
    for kind in _DOORS:
        facet = FACET_OF_KIND[kind]
        found = counts[facet.name]
        asked = [concept for concept in read_asked()[facet.name] if concept in found]
        shown = (asked or sorted(found, key=lambda concept: (-found[concept], names[concept])))[:_CONCEPTS_A_DOOR]
        doors.append((facet, len(found), [(concept, names[concept], found[concept]) for concept in shown]))
    return context.render(
        "home.html",
        doors=doors,
        designs=counts["study_design"],
        curve=year_curve(context, everything),
        questions=example_questions(),
        news=_news(context),
        new=context.index.count(context.conn, ArticleFilter(run="last")),
    )


def _news(context: PageContext) -> list[tuple[str, int, str]]:
    """Returns the trials, reviews and retracted articles that the last run brought: words, number, list."""
    last = ArticleFilter(run="last")
    reviews = last.with_choice("study_design", "meta-analysis").with_choice("study_design", "systematic review")
    found = (
        ("of these randomized trials", last.with_choice("study_design", "randomized controlled trial")),
        ("of these meta-analyses and systematic reviews", reviews),
        ("retracted in all", ArticleFilter().switched("retracted", True)),
    )
    return [
        (words, context.index.count(context.conn, chosen), context.url("articles", chosen.query_string()))
        for words, chosen in found
    ]


ROUTES = [(r"^/$", home)]
