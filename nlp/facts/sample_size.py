"""The number of patients or animals that the record is about.

Every count that could be the sample size is a candidate (a number before "patients", "n = 46", a sum of arms, cases
plus matched controls); a linear model trained on the gold ranks them by noun, verb, place and company.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from nlp.facts.reading import Reading
from nlp.linear import LinearModel
from nlp.numbers import COUNT_DIGITS, NUMBER_WORDS, read_count

_I = re.IGNORECASE
_PEOPLE = (
    r"patients?|participants?|subjects?|individuals?|people|persons?|adults?|men|women|children|adolescents"
    r"|infants|athletes?|"
    r"veterans?|soldiers?|service ?members|survivors?|amputees|inpatients?|cases|controls|respondents|residents"
    r"|recipients|"
    r"girls?|boys?|brothers|sisters|siblings|servicemen|casualties|members|players|volunteers|probands|families"
    r"|relatives|"
    r"man|woman|workers|candidates|admissions|users|outpatients|attendees|carriers|completers|kindreds?"
    r"|infantrymen|children"
)
_ANIMALS = (
    r"mice|mouse|rats?|rabbits?|animals?|sheep|dogs?|pigs?|minipigs?|hamsters?|goats?|pups|juveniles"
    r"|littermates"
)
_PARTS = (
    r"hips?|knees?|elbows?|shoulders?|ankles?|joints?|limbs?|amputations?|levels?|procedures?|operations?"
    r"|arthroplast(?:y|ies)|"
    r"replacements?|THAs?|TKAs?|prostheses|segments?|dis[ck]s|implants?|resections?|fractures?|excisions?"
    r"|radiographs?|"
    r"arthroscopies|surgeries|flare-ups|tendons?|feet|wrists?|hands|lesions?|stumps|donors|specimens|samples"
    r"|biopsies|charts|records"
)
_STUDIES = (
    r"trials?|studies|articles|papers|reports|publications|cohorts|series|RCTs|publications|countries"
    r"|hospitals|centers|centres|sites|statements"
)
_NUMBER = rf"(?:(?<![\w.,/%-])(?:{COUNT_DIGITS})|\b{NUMBER_WORDS}\b)"
_COUNTED = re.compile(
    rf"(?P<number>{_NUMBER})(?P<middle>(?:[\s-]+(?!(?:of|and|to|in|were|was|had|with|the|or|from|for|at"
    rf"|by)\b)[\w-]+){{0,6}}?)"
    rf"[\s-]+(?P<noun>{_PEOPLE}|{_ANIMALS}|{_PARTS}|{_STUDIES})\b",
    _I,
)
_N_EQUALS = re.compile(rf"\b[nN]\s?=\s?(?P<number>{COUNT_DIGITS})")
_OF = re.compile(
    rf"(?P<part>{_NUMBER}) (?:of|out of|from) (?:the |these |those |our "
    rf"|all )?(?P<whole>{_NUMBER})(?!\s?%)(?: (?P<noun>[\w-]+))?",
    _I,
)
_BARE = re.compile(
    rf"(?P<number>{_NUMBER})(?=,? (?:were|was|met|survived|completed|attended|had|received|took|remained"
    rf"|underwent|could|who|developed|"
    r"agreed|responded|consented|entered|without|with|for|in each|per (?:arm|group)|each)\b)",
    _I,
)
_MATCHED = re.compile(r"matched (?:1 ?: ?(?P<ratio>\d)|one-to-one|1-to-1|\w+-to-one)", _I)
_EACH = re.compile(
    rf"(?P<number>{_NUMBER})(?: \w+)? (?:in each|per|each in|in either) (?:arm|group"
    rf"|of)|\bn ?= ?(?P<n>\d+) (?:each|per group|in each)",
    _I,
)
_GROUPS = re.compile(r"\b(?:into|of|in) (?P<number>two|three|four|five|six|2|3|4|5|6) (?:\w+ )?(?:groups|arms)", _I)
_SINGLE = re.compile(r"\b(?:an? (?:previously healthy |otherwise healthy |\w+ )?\d+-(?:year|month|week|day)-old"
    r"|an? (?:[\w-]+ ){0,3}(?:man|woman|boy|girl|patient|infant|soldier|athlete|dancer|child) "
                     r"(?:of|aged|who|with|presented|developed|in (?:his|her)))", _I)  # fmt: skip
_ITT = re.compile(r"intention[- ]to[- ]treat|intent[- ]to[- ]treat", _I)

_VERBS = {
    "analysed": r"analy[sz]ed|evaluable|available for|radiographed|reviewed|examined|assessed"
    r"|had (?:\w+ )?(?:radiographs|films|CT|follow)",
    "included": r"includ|eligible|enrol|recruit|identified|studied|entered|comprised|cohort of|series of"
    r"|total of|overall|in total|in all",
    "randomised": r"randomi[sz]|allocat|assigned|divided",
    "completed": r"complet|attended|survived|remained|followed|final|followup|follow-up|underwent",
    "searched": r"trials|studies|pooled|articles",
    "matched": r"match",
    "developed": r"developed|had HO|occurred|found in|seen in|was (?:seen|found|present|observed|noted"
    r"|recorded)|showed|visible",
    "excluded": r"exclu|lost|died|withdr|missing|declin",
}
_VERB_PATTERNS = {name: re.compile(pattern, _I) for name, pattern in _VERBS.items()}


@dataclass
class Candidate:
    """A possible sample size: value, what it was read from, where, and its features."""

    value: int
    text: str
    position: int
    features: list[str] = field(default_factory=list)


def candidates(reading: Reading) -> list[Candidate]:
    """Returns every candidate with its features, in order of the text."""
    found: list[Candidate] = []
    for sentence in reading.sentences:
        if sentence.category == "background" and sentence.field == "abstract" and sentence.label:
            continue
        text = reading.sentence_text(sentence)
        if not text:
            continue
        mine = list(_sentence_candidates(text, sentence.start))
        mine += list(_sums(text, sentence.start, mine))
        for candidate in mine:
            candidate.features += _context_features(reading, text, candidate, sentence.start)
            candidate.features.append(f"category:{sentence.category}")
        found += mine
    if reading.abstract and _SINGLE.search(reading.abstract):
        found.append(Candidate(1, "one patient", reading.text.find(reading.abstract[:20]), ["single case"]))
    _compare(reading, found)
    return found


def _noun_class(noun: str) -> str:
    for name, pattern in (("people", _PEOPLE), ("animals", _ANIMALS), ("parts", _PARTS), ("studies", _STUDIES)):
        if re.fullmatch(pattern, noun, _I):
            return name
    return "noun"


def _sentence_candidates(text: str, start: int) -> Iterator[Candidate]:
    seen = set()
    for match in _COUNTED.finditer(text):
        value = read_count(match.group("number"))
        if value is None or (
            1900 <= value <= 2030
            and "," not in match.group("number")
            and not match.group("middle")
            and _noun_class(match.group("noun")) != "people"
        ):
            continue
        seen.add(match.start("number"))
        kind = _noun_class(match.group("noun"))
        features = [f"noun:{kind}", f"noun:{match.group('noun').lower()}"]
        middle = match.group("middle").lower()
        features += [f"middle:{word}" for word in re.findall(r"[a-z]{3,}", middle)[:3]]
        yield Candidate(value, match.group(), start + match.start(), features)
    for match in _N_EQUALS.finditer(text):
        value = read_count(match.group("number"))
        if value is not None:
            yield Candidate(value, match.group(), start + match.start(), ["noun:n="])
    for match in _OF.finditer(text):
        part, whole = read_count(match.group("part")), read_count(match.group("whole"))
        if part is None or whole is None or part > whole:
            continue
        noun = _noun_class(match.group("noun") or "")
        yield Candidate(part, match.group(), start + match.start(), ["noun:part of", f"part of:{noun}"])
        if match.start("whole") not in seen:
            yield Candidate(whole, match.group(), start + match.start("whole"), ["noun:whole of", f"whole of:{noun}"])
    for match in _BARE.finditer(text):
        value = read_count(match.group("number"))
        if value is not None and match.start("number") not in seen and value > 3:
            yield Candidate(value, match.group(), start + match.start(), ["noun:bare"])


def _sums(text: str, start: int, mine: list[Candidate]) -> Iterator[Candidate]:
    """Sums of arms: (n=118) and (n=143); 88 patients ... and 74 patients; 32 per arm in three arms; 1:3 matching."""
    counts = [c for c in mine if c.features[0] == "noun:n="]
    if 2 <= len(counts) <= 6:
        yield Candidate(sum(c.value for c in counts), "sum of n", start, ["noun:sum n", f"sum n:{len(counts)}"])
    people = [c for c in mine if c.features[0] in ("noun:people", "noun:animals", "noun:bare")]
    if 2 <= len(people) <= 3:
        yield Candidate(sum(c.value for c in people), "sum of counts", start, ["noun:sum", f"sum:{len(people)}"])
    matched = _MATCHED.search(text)
    if matched and people:
        ratio = int(matched.group("ratio") or 1)
        yield Candidate(people[0].value * (1 + ratio), "cases and controls", start, ["noun:matched"])
        values = sorted({c.value for c in mine})
        for first in values:
            if first * ratio in values and ratio > 1:
                yield Candidate(first * (1 + ratio), "cases and controls", start, ["noun:matched both"])
    each, groups = _EACH.search(text), _GROUPS.search(text)
    if each:
        size = read_count(each.group("number") or each.group("n"))
        number = read_count(groups.group("number")) if groups else None
        if size and number:
            yield Candidate(size * number, "groups of equal size", start, ["noun:each"])


def _context_features(reading: Reading, text: str, candidate: Candidate, start: int) -> list[str]:
    at = candidate.position - start
    before, after = text[max(0, at - 45) : at], text[at + len(candidate.text) : at + len(candidate.text) + 45]
    features = [f"first:{at <= 3}"]
    for name, pattern in _VERB_PATTERNS.items():
        if pattern.search(before):
            features.append(f"before:{name}")
        if pattern.search(after):
            features.append(f"after:{name}")
    if re.match(r"\s?\(?\s?\d+(?:\.\d+)?\s?(?:%|per cent)", after):
        features.append("percent follows")
    if re.match(r"\s?\((?:\d|[a-z-]+ )[^)]*(?:hips?|knees?|elbows?|shoulders?|ankles?|joints|limbs)\)", after):
        features.append("parts follow")
    if re.search(r"\b(?:of|in|among|from)(?: the| these)?\s?$", before, _I):
        features.append(f"preposition:{before.split()[-1].lower() if before.split() else ''}")
    if re.search(r"(?:remaining|other|additional|further|first|only|least|than|about)\s?$", before, _I):
        features.append("partial word before")
    if re.search(r"\(\s?$", before):
        features.append("bracketed")
    if _ITT.search(reading.text):
        features.append("itt")
    return features


def _compare(reading: Reading, found: list[Candidate]) -> None:
    """Adds features that need all candidates: rank by size, repetition, being first, being in the title."""
    if not found:
        return
    people = [c.value for c in found if c.features[0] in ("noun:people", "noun:animals")]
    largest = max(people, default=0)
    values = [c.value for c in found]
    studies = any(c.features[0] == "noun:studies" for c in found)
    itt = bool(_ITT.search(reading.text))
    for order, candidate in enumerate(found):
        noun = candidate.features[0]
        extra = [f"repeats:{min(values.count(candidate.value), 3)}", f"order:{min(order, 4)}"]
        if people:
            extra.append(
                "largest" if candidate.value == largest else "larger" if candidate.value > largest else "smaller"
            )
            share = candidate.value / largest if largest else 0
            extra.append(f"share:{'high' if 0.6 <= share < 1 else 'low' if share < 0.6 else 'full'}")
        size = (
            "1"
            if candidate.value == 1
            else "few"
            if candidate.value < 10
            else "tens"
            if candidate.value < 100
            else "many"
        )
        extra += [f"size:{size}", f"animals:{'animal' in reading.text[:3000]}", f"reviewed:{studies}"]
        if any(c.value < candidate.value and f"part of:{''}" in c.features for c in found):
            extra.append("has part")
        if itt:
            extra.append("trial by intention")
        candidate.features += [*extra, *[f"{noun}|{feature}" for feature in (*extra, *candidate.features[1:])]]


def choose(reading: Reading, design: str, species: str, model: LinearModel) -> tuple[int | None, str | None]:
    """Returns the sample size and the words it was read from, or (None, None)."""
    if not reading.abstract:
        return None, None
    best: tuple[float, int, Candidate] | None = None
    pool: dict[int, float] = {}
    for candidate in candidates(reading):
        features = with_study(candidate.features, design, species)
        chance = model.probability(features, "yes")
        pool[candidate.value] = 1 - (1 - pool.get(candidate.value, 0.0)) * (1 - chance)
        if best is None or chance > best[0]:
            best = (chance, candidate.position, candidate)
    if best is None or best[0] < 0.3:
        return None, None
    return best[2].value, best[2].text


def with_study(features: list[str], design: str, species: str) -> list[str]:
    """Adds what the rest of the facts say to a candidate's features."""
    head = features[0]
    return [*features, f"design:{design}", f"{head}|design:{design}", f"{head}|species:{species}", "bias"]
