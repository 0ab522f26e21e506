"""One selection, several views: the tabs of list, evidence, matrix, plot and timeline, each with the same filter."""

from urllib.parse import quote

from db.select.filter import ArticleFilter
from db.select.search.search import terms
from db.site.page import PageContext

#: A tab: its words, its address, and whether it is the page that is open.
Tab = tuple[str, str, bool]


def tabs(context: PageContext, chosen: ArticleFilter, here: str) -> list[Tab]:
    """Returns the tabs of a selection; `here` is the name of the open one (articles, evidence, matrix, plot, time)."""
    query = chosen.query_string()
    found = [("List", context.url("articles", query), "articles")]
    evidence = _evidence(context, chosen)
    if evidence:
        found.append(("Evidence", evidence, "evidence"))
    found += [
        ("Matrix", context.url("matrix", query), "matrix"),
        ("Plot", _plot(context, chosen), "plot"),
        ("Timeline", context.url("plots/time", query), "time"),
    ]
    return [(words, href, name == here) for words, href, name in found]


def _evidence(context: PageContext, chosen: ArticleFilter) -> str | None:
    """Returns the page of the concept that the selection is about, under the rest of the selection."""
    for facet in ("intervention", "risk_factor", "outcome"):
        for value in chosen.chosen(facet):
            rest = chosen.without_choice(facet, value).without_finding()
            return context.url(f"concepts/{quote(value, safe='')}", rest.query_string())
    searched = [concept for node in chosen.search.required for term in terms(node) for concept in term.concepts]
    if searched or chosen.search:
        return context.url("answer", ArticleFilter(search=chosen.search).query_string())
    return None


def _plot(context: PageContext, chosen: ArticleFilter) -> str:
    """Returns the plot of the pair or the risk factor that the selection names, else of all risk factors."""
    factors = chosen.chosen("risk_factor")
    if factors:
        rest = chosen.without_facet("risk_factor")
        return context.url(f"plots/risk/{quote(factors[0], safe='')}", rest.query_string())
    pair = [(name, chosen.chosen(name)[0]) for name in ("intervention", "outcome") if chosen.chosen(name)]
    rest = chosen.without_facet("intervention").without_facet("outcome")
    if pair:
        return context.url("plots/effect", rest.query_string(*pair))
    return context.url("plots/risk/all", chosen.query_string())
