"""Why an article has its tags: each mention and finding with sentence, cue and source, as plain text."""

from collections.abc import Iterator, Mapping

from db.tagged import Estimate, Finding, Mention, TaggedArticle, TagInput
from db.topics import current
from nlp.document import field_text
from nlp.vocabulary.loader import Vocabulary, load_vocabulary


def explain(
    article: TagInput,
    tagged: TaggedArticle,
    vocabulary: Vocabulary | None = None,
    rejected: Mapping[str, str] | None = None,
) -> str:
    """Returns the explanation of one tagged article; `rejected` says by concept who took its tags away."""
    concepts = (vocabulary or load_vocabulary()).concepts
    names = {key: concept.name for key, concept in concepts.items()}
    return "\n".join(_lines(article, tagged, names, rejected or {})) + "\n"


def _lines(
    article: TagInput, tagged: TaggedArticle, names: Mapping[str, str], rejected: Mapping[str, str]
) -> Iterator[str]:
    facts = tagged.facts
    yield f"PMID {tagged.pmid}: {article.title}"
    yield f"tagger {tagged.tagger}"
    yield ""
    topic = current()
    yield f"topic: {'' if facts.topic == topic.id else 'not '}about {topic.short_name}"
    types, text = facts.design_from_types or "none", facts.design_from_text or "none"
    yield f"study design: {facts.study_design} (PubMed's types: {types}; text: {text})"
    size = "not stated" if facts.sample_size is None else str(facts.sample_size)
    yield f"sample size: {size}" + (f' (from "{facts.sample_size_text}")' if facts.sample_size_text else "")
    yield f"species: {facts.species}"
    yield f"sites: {', '.join(facts.sites) or 'none'}"
    yield f"aetiologies: {', '.join(facts.aetiologies) or 'none'}"
    yield f"evidence level (OCEBM 2011): {facts.evidence_level or 'none'}"
    yield f"follow-up: {facts.follow_up or 'not stated'}"
    yield ""
    yield f"mentions: {len(tagged.mentions)}"
    for mention in tagged.mentions:
        yield from _mention(article, mention, names)
        if mention.concept_id and mention.concept_id in rejected:
            yield f"  not shown: rejected by {rejected[mention.concept_id]}"
    yield ""
    yield f"findings: {len(tagged.findings)}; left undecided: {tagged.abstained}"
    for finding in tagged.findings:
        yield from _finding(article, finding, names)
        for concept in (finding.subject_id, finding.outcome_id, finding.comparator_id):
            if concept and concept in rejected:
                yield f"  not shown: {names.get(concept, concept)} rejected by {rejected[concept]}"


def _mention(article: TagInput, mention: Mention, names: Mapping[str, str]) -> Iterator[str]:
    concept = names.get(mention.concept_id or "", "no concept")
    where = mention.section or mention.field
    yield f"- {mention.kind}: {mention.text} -> {concept} [{mention.field} {mention.start}-{mention.end}, {where}]"
    said = mention.assertion + (f' by "{mention.cue}"' if mention.cue else "")
    yield f"  {said}; source {mention.source}, confidence {mention.confidence:.2f}"
    yield f"  {field_text(article, mention.field)[mention.sentence_start : mention.sentence_end]}"


def _finding(article: TagInput, finding: Finding, names: Mapping[str, str]) -> Iterator[str]:
    subject = f"{finding.subject_text} ({names.get(finding.subject_id or '', 'no concept')})"
    if finding.kind == "effect":
        against = f" against {finding.comparator_text}" if finding.comparator_text else ""
        yield f"- effect: {subject}{against}: {finding.outcome_text}: {finding.direction}{_numbers(finding.estimate)}"
    else:
        yield f"- risk: {subject}: {finding.direction}{_numbers(finding.estimate)}"
    if finding.cue:
        yield f'  cue "{finding.cue}"'
    yield f"  {field_text(article, finding.field)[finding.sentence_start : finding.sentence_end]}"


def _numbers(estimate: Estimate) -> str:
    parts = []
    if estimate.measure is not None and estimate.value is not None:
        adjusted = "adjusted " if estimate.adjusted else ""
        interval = (
            f" ({estimate.ci_low:g} to {estimate.ci_high:g})"
            if estimate.ci_low is not None and estimate.ci_high is not None
            else ""
        )
        parts.append(f"{adjusted}{estimate.measure} {estimate.value:g}{interval}")
    if estimate.p_value:
        parts.append(f"p {estimate.p_value}")
    return f" [{', '.join(parts)}]" if parts else ""
