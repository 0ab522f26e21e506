"""One article: its abstract with the marks, its findings, notices, links and neighbours."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from datasette.utils.asgi import Response

from db.curation.in_place import decided_now, key_of_row
from db.evidence import articles
from db.evidence.asked import read_asked
from db.evidence.services.joined import read_joined
from db.evidence.similar import similar_articles
from db.model import Article
from db.notices import NOTICES, NoticeKind, title_says
from db.site.page import PageContext, not_held, page
from db.site.serving.desk import desk_of
from db.site.show.citation_tags import citation_tags, json_ld
from db.site.show.formatting import FORMAT_LABELS
from db.site.show.marks import Mark, abstract_blocks, first_places, marked, marks_of
from db.store.records.articles import read_articles
from db.terms import KINDS
from db.topics import current

_REGISTRIES = {
    "NCT": "https://clinicaltrials.gov/study/{}",
    "ISRCTN": "https://www.isrctn.com/{}",
    "PROSPERO": "https://www.crd.york.ac.uk/prospero/display_record.php?RecordID={}",
}
#: Other primary registries of the WHO's network: its search portal shows each entry under its number.
_WHO_REGISTRIES = frozenset(
    "ChiCTR ITMCTR CTIS EudraCT ANZCTR DRKS UMIN-CTR JapicCTI JMACCT jRCT JPRN CTRI NL-OMON NTR IRCT CRiS PACTR ReBec "
    "TCTR SLCTR RPCEC REPEC LBCTR".split()
)
_WHO_PORTAL = "https://trialsearch.who.int/Trial2.aspx?TrialID={}"
_SIMILAR = 6
#: What the page shows of PubMed's record beside its facts and notices.
_PARTS = frozenset("authors sections other_abstracts mesh_headings publication_types keywords registry_numbers".split())


@page
def article(context: PageContext) -> Response:
    """The article page."""
    pmid = int(context.variables["pmid"])
    row = articles.article(context.conn, pmid)
    if row is None:
        raise not_held(f"PMID {pmid}")
    mentions = articles.mentions(context.conn, pmid)
    places = first_places(mentions)
    findings = articles.findings(context.conn, [pmid]).get(pmid, [])
    findings.sort(key=lambda finding: (finding["field"] == "title", finding["sentence_start"], finding["id"]))
    tags = articles.tags(context.conn, [pmid]).get(pmid, [])
    kinds = [notice["kind"] for notice in articles.notices(context.conn, pmid)]
    (record,) = read_articles(context.conn, [pmid], _PARTS)
    return context.render(
        "article.html",
        article=row,
        record=record,
        title=_marked_title(context, row, marks_of(mentions, "title", places), findings),
        blocks=_blocks(context, record, marks_of(mentions, "abstract", places), findings),
        first_marks=places,
        findings=_by_outcome(context, [_shown(context, row, finding) for finding in findings]),
        tags=[(kind, [tag for tag in tags if tag.kind == kind]) for kind in KINDS],
        notices=_notices(context, pmid),
        title_says=title_says(row["title"] or ""),
        joined=read_joined(context.conn, pmid),
        decisions=articles.decisions(context.conn, pmid),
        now=decided_now(desk_of(context.datasette).store, pmid) if context.reviewer else None,
        registrations=_registrations(record),
        similar=similar_articles(context.conn, pmid, _SIMILAR),
        citation_tags=citation_tags(row, record.authors, kinds),
        json_ld=json_ld(row, record.authors, context.absolute(f"articles/{pmid}"), kinds),
        formats=FORMAT_LABELS.items(),
        doi_href="https://doi.org/" + quote(row["doi"], safe="/:;()._-") if row["doi"] else None,
    )


def _shown(context: PageContext, row: Mapping[str, Any], finding: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a finding with its sentence, the outcome that it is grouped by, and where to report a wrong reading."""
    group = finding["outcome"] or finding["outcome_text"] or current().short_name
    sentence = articles.sentence_of(row, finding)
    read = f"{finding['subject_text']} / {finding['comparator_text'] or 'comparator not read'} / {group}"
    words = (
        f"PMID {row['pmid']}: “{sentence}”\nRead as: {read}: {finding['direction']}, {finding['means']}\nIt should be: "
    )
    report = context.report(f"Reading of PMID {row['pmid']}", words)
    key = key_of_row(finding, sentence) if context.reviewer else ""
    return {**finding, "sentence": sentence, "group": group, "report": report, "key": key}


def _by_outcome(context: PageContext, findings: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Returns findings by outcome: those that readers ask about first, then as the text has them."""
    parents = {line.id: line.parent_id for line in context.index.concepts}
    asked = {concept: place for place, concept in enumerate(read_asked()["outcome"])}
    groups: dict[str, list[dict[str, Any]]] = {}
    for finding in findings:
        groups.setdefault(finding["group"], []).append(finding)

    def place(group: list[dict[str, Any]]) -> int:
        concept = group[0]["outcome_id"]
        if concept is None and group[0]["kind"] == "risk":
            return 0
        while concept and concept not in asked:
            concept = parents.get(concept)
        return asked.get(concept, len(asked)) if concept else len(asked)

    return sorted(groups.values(), key=place)


def _marked_title(
    context: PageContext,
    row: Mapping[str, Any],
    marks: Sequence[Mark],
    findings: Sequence[Mapping[str, Any]],
) -> Any:
    sentences = sorted({(f["sentence_start"], f["sentence_end"]) for f in findings if f["field"] == "title"})
    return marked(row["title"], 0, len(row["title"]), marks, sentences, context.root, anchor="t")


def _blocks(
    context: PageContext,
    record: Article,
    marks: Sequence[Mark],
    findings: Sequence[Mapping[str, Any]],
) -> Any:
    if not record.abstract:
        return []
    sentences = [(f["sentence_start"], f["sentence_end"]) for f in findings if f["field"] == "abstract"]
    return abstract_blocks(record.abstract, record.sections, marks, sentences, context.root)


def _notices(context: PageContext, pmid: int) -> list[dict[str, Any]]:
    """Returns the notices with words and gravity, the gravest first; `held` says that the other record is here."""
    found = articles.notices(context.conn, pmid)
    for notice in found:
        kind = NOTICES.get(notice["kind"]) or NoticeKind(notice["kind"], "", notice["kind"])
        notice.update(words=kind.words, gravity=kind.gravity)
        held = context.conn.execute("SELECT 1 FROM articles WHERE pmid = ?", [notice["ref_pmid"]]).fetchone()
        notice["held"] = held is not None
    order = list(NOTICES)
    return sorted(found, key=lambda notice: order.index(notice["kind"]) if notice["kind"] in order else len(order))


def _registrations(record: Article) -> list[tuple[str, str | None]]:
    """Returns an article's registry numbers, each once, with the address of its entry where the registry has one."""
    found: dict[str, str | None] = {}
    for entry in record.registry_numbers:
        number = entry.number
        pattern = next((url for prefix, url in _REGISTRIES.items() if number.upper().startswith(prefix)), None)
        if pattern is None and entry.registry in _WHO_REGISTRIES:
            pattern = _WHO_PORTAL
        found.setdefault(number, pattern.format(quote(number, safe="")) if pattern else None)
    return list(found.items())


ROUTES = [(r"^/articles/(?P<pmid>[0-9]{1,12})$", article)]
