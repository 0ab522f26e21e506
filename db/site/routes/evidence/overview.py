"""The overview: the disease as a textbook tells it, every number a link to the list behind it."""

from typing import Any

from datasette.utils.asgi import Response
from markupsafe import Markup

from db.evidence.index.article_index import ARTICLE_INDEX
from db.evidence.overview import LineEvidence, Section, read_overview
from db.evidence.picture import Picture, read_picture
from db.per_build import PerBuild
from db.site.answers import balance_json, count_json, json_answer, json_page
from db.site.page import PageContext, page
from db.site.plots.picture import disease_picture

Chapters = list[tuple[Section, list[LineEvidence]]]
_CHAPTERS: PerBuild[Chapters] = PerBuild(lambda conn: read_overview(conn, ARTICLE_INDEX.of(conn)))
_PICTURE: PerBuild[Picture] = PerBuild(lambda conn: read_picture(conn, ARTICLE_INDEX.of(conn)))


@page
def overview(context: PageContext) -> Response:
    """The picture of the disease, and the chapters with their evidence."""
    picture = _PICTURE.of(context.conn)
    forms = (False, True) if picture.panels else ()
    drawn = [Markup(disease_picture(picture, context.root, narrow)) for narrow in forms]  # noqa: S704 - escaped
    return context.render("overview.html", chapters=_chapters(context), picture=picture, drawn=drawn)


@json_page
def overview_json(context: PageContext) -> Response:
    """The overview as JSON."""
    sections = [
        {
            "id": section.id,
            "title": section.title,
            "text": section.text,
            "lines": [_line(context, line) for line in lines],
        }
        for section, lines in _chapters(context)
    ]
    return json_answer({"sections": sections, "picture": _picture_json(_PICTURE.of(context.conn))})


def _chapters(context: PageContext) -> Chapters:
    """Returns the chapters, read once a build: no filter changes them."""
    return _CHAPTERS.of(context.conn)


def _line(context: PageContext, line: LineEvidence) -> dict[str, Any]:
    return {
        "text": line.text,
        "concepts": [concept for concept, _, _ in line.concepts],
        **(count_json(context, line.count) if line.count else {"articles": None, "list": None}),
        "best_designs": {design: count_json(context, count) for design, count in line.designs},
        "newest_pmid": line.newest.pmid if line.newest else None,
        "findings": balance_json(context, line.balance),
        "findings_on": line.weighed,
    }


def _picture_json(picture: Picture) -> list[dict[str, Any]]:
    return [
        {
            "id": panel.id,
            "title": panel.title,
            "leads_to": panel.leads_to,
            "acts_on": panel.acts_on,
            "items": [{"concept": item.concept, "text": item.text, "articles": item.articles} for item in panel.items],
        }
        for panel in picture.panels
    ]


ROUTES = [(r"^/overview/?$", overview), (r"^/overview\.json$", overview_json)]
