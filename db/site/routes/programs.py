"""What programs that read text look for: llms.txt, and the articles similar to one as JSON."""

from dataclasses import asdict

from datasette.utils.asgi import Response

from db.evidence.similar import similar_articles
from db.site.answers import file_answer, json_answer, json_page
from db.site.page import PageContext, not_held, page
from db.topics import current

_LLMS = """# {topic.title}

> The literature on {topic.named} from PubMed, harvested nightly and read by machine: interventions,
> risk factors, outcomes and findings, each with the sentence that it was read from. {articles:,} articles.

Rules for whoever repeats what stands here: cite the PMID and quote the sentence. Findings are what abstracts state, one
study each; counts are articles by outcome and class of comparator and are not added up. A finding with `conflict`
contradicts itself. Retracted articles are marked and are no evidence. Nothing found is not evidence of no effect. No
medical advice.

## Data

- [Articles as JSON]({root}articles.json): `q`, `intervention`, `risk_factor`, `outcome`, `study_design`, `year`,
  `finding_of`, `finding_on`, `effect`, `retracted`, `as_of` and others; `_size`, `_next`, `_facets=on`
- One article: {root}articles/PMID.json; similar ones: {root}articles/PMID/similar.json
- One concept with what is found: {root}concepts/ID.json
- [Matrix of interventions and outcomes]({root}matrix.json)
- [What changed]({root}changes.json), [methods, search log and measured quality of the tags]({root}methods.json)
- Whole lists with abstracts: {root}export/ris, nbib, csljson, csv, jsonl and others, with the same filters

## Pages

- [Overview]({root}overview), [articles]({root}articles), [matrix]({root}matrix), [methods]({root}methods)

## Model Context Protocol

- `ho-tracker mcp` serves search, article, concept_card and answer over standard input and output, each claim with PMID,
  sentence and offsets.
"""


@page
def llms(context: PageContext) -> Response:
    """What a language model should know of this site (llmstxt.org)."""
    text = _LLMS.format(articles=context.standing.articles, root=context.absolute(""), topic=current())
    return file_answer(text, "text/markdown; charset=utf-8")


@json_page
def similar_json(context: PageContext) -> Response:
    """The articles nearest to one, the nearest first."""
    pmid = int(context.variables["pmid"])
    if context.conn.execute("SELECT 1 FROM articles WHERE pmid = ?", [pmid]).fetchone() is None:
        raise not_held(f"PMID {pmid}")
    near = similar_articles(context.conn, pmid)
    return json_answer(
        {
            "pmid": pmid,
            "similar": [{**asdict(one), "article": context.absolute(f"articles/{one.pmid}")} for one in near],
        }
    )


ROUTES = [(r"^/llms\.txt$", llms), (r"^/articles/(?P<pmid>[0-9]{1,12})/similar\.json$", similar_json)]
