"""What the tagger says of an article, and the vocabulary it says it in: `nlp` makes it, `db.store` writes it.

Every offset is a 0-based character offset with an exclusive end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from db.sections import Section
from db.terms import ComparatorClass, Effect, Kind, Polarity

Assertion = Literal["affirmed", "negated", "hedged"]
TextField = Literal["title", "abstract"]


@dataclass(frozen=True, slots=True)
class TagInput:
    """What the tagger reads of one article: text, sections, and PubMed's own publication types and MeSH headings."""

    pmid: int
    title: str
    abstract: str | None
    sections: tuple[Section, ...] = ()
    publication_types: tuple[str, ...] = ()
    mesh_terms: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    text_hash: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """One tagged stretch of text: `text` equals the `field` sliced by `start` and `end`, and stands in its sentence.

    `source` names the rule or model that found it, `cue` the words that made it negated or hedged; `confidence` is
    1.0 for rules and the model's probability otherwise.
    """

    field: TextField
    start: int
    end: int
    text: str
    kind: Kind
    concept_id: str | None
    sentence_start: int
    sentence_end: int
    section: str | None
    assertion: Assertion
    cue: str | None
    source: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A reported estimate; `p_value` keeps its sign ("<0.001"), `adjusted` is None where the text does not say."""

    measure: str | None = None
    value: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: str | None = None
    adjusted: bool | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A result that a sentence states.

    `kind` is `effect` (an intervention changed an outcome: increases, decreases, no difference) or `risk` (a factor
    and the disease: increases, decreases, no association, unclear). Of effects, `comparator_class` says with what the
    intervention was compared with, and `effect` is the direction seen through the outcome's polarity. `conflict` names
    two signs of the sentence that disagree ("words: decreases; interval: no difference"): such a finding counts in no
    balance.
    """

    kind: Literal["effect", "risk"]
    subject_id: str | None
    subject_text: str
    comparator_text: str | None
    outcome_id: str | None
    outcome_text: str | None
    direction: str
    estimate: Estimate
    field: TextField
    sentence_start: int
    sentence_end: int
    section: str | None
    cue: str | None
    comparator_id: str | None = None
    comparator_class: ComparatorClass | None = None
    effect: Effect | None = None
    conflict: str | None = None


@dataclass(frozen=True, slots=True)
class ArmResult:
    """What one arm (or the whole cohort) showed for an outcome, as its sentence states it.

    `events` of `total` and `percent` (0 to 100) for what happened or not, `mean` and `sd` in `unit` for what was
    measured, `time` in the sentence's own words ("at 12 months").
    """

    arm_text: str
    concept_id: str | None
    outcome_id: str | None
    outcome_text: str | None
    events: int | None
    total: int | None
    percent: float | None
    mean: float | None
    sd: float | None
    unit: str | None
    time: str | None
    field: TextField
    sentence_start: int
    sentence_end: int
    section: str | None


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """What the whole record says about the study; the two designs differ where PubMed's types and the text do."""

    topic: str
    study_design: str
    design_from_types: str | None
    design_from_text: str | None
    sample_size: int | None
    sample_size_text: str | None
    species: str
    evidence_level: str | None
    sites: tuple[str, ...]
    aetiologies: tuple[str, ...]
    follow_up: str | None = None


@dataclass(frozen=True, slots=True)
class TaggedArticle:
    """All that one tagger version says about one text; `abstained` counts the results it would not decide."""

    pmid: int
    text_hash: str
    tagger: str
    facts: StudyFacts
    mentions: tuple[Mention, ...]
    findings: tuple[Finding, ...]
    results: tuple[ArmResult, ...] = ()
    abstained: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Concept:
    """One row of the vocabulary as the store keeps it; `parent_id` names a concept of the same kind.

    `polarity` says of an outcome which way is good for the patient, None where neither or not known.
    """

    id: str
    kind: Kind
    name: str
    parent_id: str | None
    mesh_ui: str | None
    synonyms: tuple[str, ...]
    note: str | None = None
    polarity: Polarity | None = None
