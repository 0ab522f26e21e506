"""The closed lists of the field and of PubMed, each once: kinds of concept, designs, directions, languages, months.

What is stored, asked, shown and written takes its words from here; kinds of notice stand in `db.notices`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

Kind = Literal["intervention", "risk factor", "outcome", "site", "aetiology", "diagnostic test", "mechanism"]
#: Kinds of concept in the order in which they are shown.
KINDS: tuple[Kind, ...] = get_args(Kind)

ComparatorClass = Literal["none or placebo", "active", "dose or timing", "before", "not read"]
#: What an intervention was compared with, the strongest ground for an effect of its own first.
COMPARATOR_CLASSES: tuple[ComparatorClass, ...] = get_args(ComparatorClass)

Effect = Literal["better", "worse", "no difference", "unclear"]
#: A direction as the patient sees it: through the polarity of the outcome.
EFFECTS: tuple[Effect, ...] = get_args(Effect)

Polarity = Literal["less is better", "more is better"]
#: Which way of an outcome is good for the patient.
POLARITIES: tuple[Polarity, ...] = get_args(Polarity)


def effect_of(direction: str, polarity: Polarity | None) -> Effect:
    """Returns a direction as the patient sees it; "unclear" where the outcome is good neither way."""
    if direction == "no difference":
        return "no difference"
    if polarity is None or direction not in ("increases", "decreases"):
        return "unclear"
    return "better" if (direction == "increases") == (polarity == "more is better") else "worse"


@dataclass(frozen=True, slots=True)
class StudyDesign:
    """A study design: its name, its plural, its short name in narrow places, and what it rests on.

    `rests_on` parts reviews of studies from studies of people, of animals or cells, and from what is neither.
    """

    name: str
    plural: str
    short: str
    rests_on: Literal["studies", "people", "animals or cells", "other"]


_DESIGNS = (
    StudyDesign("meta-analysis", "meta-analyses", "MA", "studies"),
    StudyDesign("systematic review", "systematic reviews", "SR", "studies"),
    StudyDesign("guideline", "guidelines", "guideline", "studies"),
    StudyDesign("randomized controlled trial", "randomized controlled trials", "RCT", "people"),
    StudyDesign("non-randomized trial", "non-randomized trials", "NRT", "people"),
    StudyDesign("cohort", "cohorts", "cohort", "people"),
    StudyDesign("case-control", "case-controls", "case-control", "people"),
    StudyDesign("cross-sectional", "cross-sectionals", "cross-sect.", "people"),
    StudyDesign("case series", "case series", "series", "people"),
    StudyDesign("case report", "case reports", "case", "people"),
    StudyDesign("review", "reviews", "review", "studies"),
    StudyDesign("animal study", "animal studies", "animal", "animals or cells"),
    StudyDesign("in vitro study", "in vitro studies", "in vitro", "animals or cells"),
    StudyDesign("other", "other", "other", "other"),
)
#: Study designs by name, the strongest evidence first.
DESIGNS: Mapping[str, StudyDesign] = {design.name: design for design in _DESIGNS}
STUDY_DESIGNS: tuple[str, ...] = tuple(DESIGNS)
#: The place of each design in that order.
DESIGN_PLACES: Mapping[str, int] = {name: place for place, name in enumerate(STUDY_DESIGNS)}
#: Designs of animals or cells: what they count are no patients.
LABORATORY_DESIGNS: frozenset[str] = frozenset(
    design.name for design in _DESIGNS if design.rests_on == "animals or cells"
)
#: Designs that sum up other studies: never counted with these.
REVIEW_DESIGNS: frozenset[str] = frozenset(design.name for design in _DESIGNS if design.rests_on == "studies")


def design_words(design: str, number: int) -> str:
    """Returns a study design as it is said of `number` articles; an unknown one as it stands."""
    known = DESIGNS.get(design)
    return known.plural if known and number != 1 else design


@dataclass(frozen=True, slots=True)
class Direction:
    """A stored direction of a finding: its sign, and whether an effect or a risk (of the disease) may have it."""

    name: str
    sign: str
    of_effects: bool
    of_risks: bool


_DIRECTIONS = (
    Direction("decreases", "▼", True, True),
    Direction("increases", "▲", True, True),
    Direction("no difference", "=", True, False),
    Direction("no association", "=", False, True),
    Direction("unclear", "?", False, True),
)
#: Directions by name, in the order in which they are shown.
DIRECTION: Mapping[str, Direction] = {direction.name: direction for direction in _DIRECTIONS}
DIRECTIONS: tuple[str, ...] = tuple(DIRECTION)
EFFECT_DIRECTIONS: tuple[str, ...] = tuple(d.name for d in _DIRECTIONS if d.of_effects)
RISK_DIRECTIONS: tuple[str, ...] = tuple(d.name for d in _DIRECTIONS if d.of_risks)


#: PMIDs that PubMed has not given out; the bundled sample uses them, and a site with one says that it is made up.
MADE_UP_PMIDS = (90_000_000, 99_999_999)


def is_made_up(pmid: int) -> bool:
    """Says whether a PMID is one of the bundled sample, whose records are made up."""
    first, last = MADE_UP_PMIDS
    return first <= pmid <= last


#: Month names as PubMed writes them, January first.
MONTHS: tuple[str, ...] = tuple("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())
MONTH_NAMES: tuple[str, ...] = tuple(
    "January February March April May June July August September October November December".split()
)
#: The number (1 to 12) of each month by its first three letters in small letters.
MONTH_NUMBERS: Mapping[str, int] = {name.lower(): number for number, name in enumerate(MONTHS, 1)}


@dataclass(frozen=True, slots=True)
class Language:
    """A language: PubMed's code (MARC), its ISO 639-1 code (or PubMed's where there is none), its English name."""

    code: str
    short: str
    name: str


@cache
def languages() -> Mapping[str, Language]:
    """Returns the languages of `languages.tsv` by PubMed's code (in small letters)."""
    lines = files("db").joinpath("languages.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {code: Language(code, short, name) for code, short, name in rows}


def language(code: str) -> Language:
    """Returns the language of a code in any case; an unknown code is its own name."""
    return languages().get(code.lower()) or Language(code, code, code)
