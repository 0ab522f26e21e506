"""The number of patients or animals that the record is about.

Every count that could be the sample size is a candidate (a number before "patients", "n = 46", a sum of arms, cases
plus matched controls); a linear model trained on the gold chooses among them and "none", by noun, verb, place and
company.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from db.topics import per_topic
from nlp.cues import patterns
from nlp.cues.disease import disease_pattern
from nlp.facts.reading import Reading
from nlp.facts.size_sums import NUMBER, Candidate, sums, sums_across
from nlp.models.linear import LinearModel, softmax
from nlp.text.numbers import COUNT_DIGITS, NUMBER_WORDS, read_count

_I = re.IGNORECASE
_CUES = patterns("counted")
_NOUNS = "|".join(_CUES[name].pattern for name in ("people", "animals", "parts", "studies"))
_COUNTED = re.compile(
    rf"(?P<number>{NUMBER})(?P<middle>(?:[\s-]+(?!(?:of|and|to|in|were|was|had|with|the|or|from|for|at"
    rf"|by|phases|years?|months?|weeks?|days?|hours?|times|fractions|doses|{NUMBER_WORDS})\b|\d+\s)[\w/-]+){{0,6}}?)"
    rf"[\s-]+(?P<noun>{_NOUNS})\b",
    _I,
)
_N_EQUALS = re.compile(
    rf"\b[nN]\s?=\s?(?P<number>{COUNT_DIGITS})(?P<parts> (?:[\w-]+ )?(?:{_CUES['parts'].pattern})\b)?", _I
)
#: "(45% n = 19)": those of a group who had it, not a group.
_PERCENT_BEFORE = re.compile(r"%[ ;,]{0,2}\(?$")
_PARTS_BEFORE = re.compile(rf"\b(?:{_CUES['parts'].pattern})\b[^.;()]{{0,30}}\b(?:in|of|on|from)\s$", _I)
_OPENING = re.compile(
    rf"(?:^|: |\b(?:in|reviewed|studied|examined|analy[sz]ed|followed|included|enrolled|treated|of) )"
    rf"(?P<number>{NUMBER})"
    r"(?P<noun>(?: (?!(?:years?|months?|weeks?|days?|hours?|and|to)\b)[\w-]+){1,5}?),? (?=(?:with|who|whose|had|were"
    r"|was|underwent|received|in whom|after|operated|aged|treated|between|from)\b)",
    _I,
)
_SHARE = r"(?: \(\d[^()]{0,12}%\))?"
_OF = re.compile(
    rf"(?P<part>{NUMBER}){_SHARE} (?:of|out of|from) (?:the |these |those |our "
    rf"|all )?(?P<whole>{NUMBER})(?!\s?(?:%|mm\b|cm\b|mg\b|Gy\b))(?: (?P<noun>[\w-]+))?",
    _I,
)
_BARE = re.compile(
    rf"(?P<number>{NUMBER})(?={_SHARE},? (?:were|was|met|survived|completed|attended|had|received|took|remained"
    rf"|underwent|could|who|developed|"
    r"in whom|agreed|responded|consented|entered|without|with|for|in each|per (?:arm|group)|each)\b)",
    _I,
)
_SINGLE = re.compile(r"\b(?:an? (?:previously healthy |otherwise healthy |\w+ )?\d+-(?:year|month|week|day)-old"
    r"|(?:in|of) (?:one|a) (?:patient|case)\b(?! series)"
    r"|an? (?:[\w-]+ ){0,3}(?:man|woman|boy|girl|patient|infant|soldier|athlete|dancer|child) "
                     r"(?:of|aged|who|with|presented|developed|in (?:his|her)))", _I)  # fmt: skip
#: What is said of those whom the results are about, behind their number and before it.
_ANALYSED = re.compile(
    r"(?: ?\([^)]*\))?(?: (?!\d)[\w-]+){0,4}? (?:met (?:[a-z]+ ){0,3}criteria|qualified|were available for"
    r"|could be (?:followed|evaluated|assessed|analy[sz]ed|examined|included)|completed (?:[a-z]+ )?follow"
    r"|remained for (?:analysis|evaluation|study)|survived and could)",
    _I,
)
_LEFT = re.compile(
    r"(?:which left|leaving|there remained|evaluation was possible in|follow-up was complete (?:in|for))\s?$", _I
)
_COUNTS_OF_PEOPLE = ("noun:people", "noun:animals", "noun:bare", "noun:opening", "noun:part of")
_ITT = re.compile(r"intention[- ]to[- ]treat|intent[- ]to[- ]treat", _I)

_SYNTHESES = frozenset(("meta-analysis", "systematic review", "review", "guideline"))
_VERB = "verb_"


@per_topic
def _verbs() -> dict[str, re.Pattern[str]]:
    """The verbs of a count; those who developed the disease are also those who had it."""
    verbs = {name.removeprefix(_VERB): cues for name, cues in _CUES.items() if name.startswith(_VERB)}
    had = disease_pattern(rf"{verbs['developed'].pattern}|had <name>\b")
    return {**verbs, "developed": re.compile(had.pattern, _I)}


def candidates(reading: Reading) -> list[Candidate]:
    """Returns every candidate with its features, in order of the text."""
    found: list[Candidate] = []
    told: list[tuple[str, list[Candidate]]] = []
    itt = bool(_ITT.search(reading.text))
    for sentence in reading.sentences:
        if sentence.category == "background" and sentence.field == "abstract" and sentence.label:
            continue
        text = reading.sentence_text(sentence)
        if not text:
            continue
        mine = list(_sentence_candidates(text, sentence.start))
        mine += list(sums(text, sentence.start, mine))
        for candidate in mine:
            candidate.features += _context_features(text, candidate, sentence.start, itt)
            candidate.features.append(f"category:{sentence.category}")
        told.append((text, list(mine)))
        found += mine
    found += sums_across(told)
    if reading.abstract and _SINGLE.search(reading.abstract):
        found.append(Candidate(1, "one patient", reading.text.find(reading.abstract[:20]), ["single case"]))
    _compare(reading, found, itt)
    return found


def _noun_class(noun: str) -> str:
    for name in ("people", "animals", "parts", "studies"):
        if _CUES[name].fullmatch(noun):
            return name
    return "noun"


def _sentence_candidates(text: str, start: int) -> Iterator[Candidate]:
    seen = set()
    for match in _COUNTED.finditer(text):
        value = read_count(match.group("number"))
        year = value is not None and 1900 <= value <= 2030 and "," not in match.group("number")
        if value is None or (year and (match.group("middle") or _noun_class(match.group("noun")) != "people")):
            continue
        seen.add(match.start("number"))
        kind = _noun_class(match.group("noun"))
        features = [f"noun:{kind}", f"noun:{match.group('noun').lower()}"]
        middle = match.group("middle").lower()
        features += [f"middle:{word}" for word in re.findall(r"[a-z]{3,}", middle)[:3]]
        yield Candidate(value, match.group(), start + match.start(), features)
    for match in _OPENING.finditer(text):
        value = read_count(match.group("number"))
        year = value is not None and 1900 <= value <= 2030
        if value is not None and value > 1 and not year and match.start("number") not in seen:
            seen.add(match.start("number"))
            last = match.group("noun").split()[-1].lower()
            yield Candidate(
                value, match.group(), start + match.start("number"), ["noun:opening", f"plural:{last[-1] == 's'}"]
            )
    for match in _N_EQUALS.finditer(text):
        value = read_count(match.group("number"))
        if value is not None:
            share = _PERCENT_BEFORE.search(text, max(0, match.start() - 6), match.start())
            kind = "noun:share" if share else "noun:parts" if match.group("parts") else "noun:n="
            yield Candidate(value, match.group(), start + match.start(), [kind])
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
        if value is not None and match.start("number") not in seen and value > 3 and not 1950 <= value <= 2030:
            yield Candidate(value, match.group(), start + match.start(), ["noun:bare"])


def _context_features(text: str, candidate: Candidate, start: int, itt: bool) -> list[str]:
    at = candidate.position - start
    before, after = text[max(0, at - 45) : at], text[at + len(candidate.text) : at + len(candidate.text) + 45]
    features = [f"first:{at <= 3}"]
    for name, pattern in _verbs().items():
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
    if _PARTS_BEFORE.search(before):
        features.append("parts before")
    if itt:
        features.append("itt")
    return features


def _compare(reading: Reading, found: list[Candidate], itt: bool) -> None:
    """Adds features that need all candidates: rank by size, repetition, being first, being in the title."""
    if not found:
        return
    people = [c.value for c in found if c.features[0] in ("noun:people", "noun:animals")]
    largest = max(people, default=0)
    values = Counter(c.value for c in found)
    studies = any(c.features[0] == "noun:studies" for c in found)
    animals = "animal" in reading.text[:3000]
    for order, candidate in enumerate(found):
        noun = candidate.features[0]
        extra = [f"repeats:{min(values[candidate.value], 3)}", f"order:{min(order, 4)}"]
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
        extra += [f"size:{size}", f"animals:{animals}", f"reviewed:{studies}"]
        if itt:
            extra.append("trial by intention")
        candidate.features += [*extra, *[f"{noun}|{feature}" for feature in (*extra, *candidate.features[1:])]]


#: The choice that no candidate is the sample size.
NONE = "no sample size"


def options(reading: Reading, design: str, species: str) -> list[tuple[int | None, str | None, list[str]]]:
    """Returns (value, words, features) of each candidate, and last of the choice that there is none."""
    return _offered(candidates(reading), design, species)


def _offered(counts: Sequence[Candidate], design: str, species: str) -> list[tuple[int | None, str | None, list[str]]]:
    found: list[tuple[int | None, str | None, list[str]]] = [
        (candidate.value, candidate.text, _with_study(candidate.features, design, species)) for candidate in counts
    ]
    return [*found, (None, None, [NONE, f"{NONE}|{design}", f"{NONE}|{species}"])]


def _said_analysed(reading: Reading, counts: Sequence[Candidate]) -> dict[int, str]:
    """The counts of which the record says that these people could be analysed, each with its words."""
    found: dict[int, str] = {}
    for candidate in counts:
        end = candidate.position + len(candidate.text)
        if candidate.features[0] not in _COUNTS_OF_PEOPLE or candidate.value < 2:
            continue
        before = reading.text[max(0, candidate.position - 50) : candidate.position]
        if _ANALYSED.match(reading.text, end) or _LEFT.search(before):
            found[candidate.value] = candidate.text
    return found


def choose(reading: Reading, design: str, species: str, model: LinearModel) -> tuple[int | None, str | None]:
    """Returns the sample size and the words it was read from, or (None, None).

    Where a single smaller number is said to be that of the people who could be analysed, it wins over the model's.
    """
    if not reading.abstract:
        return None, None
    counts = candidates(reading)
    offered = _offered(counts, design, species)
    chances = softmax([model.scores(features)[0] for _, _, features in offered])
    whole: dict[int | None, float] = {}
    for (value, _, _), chance in zip(offered, chances, strict=True):
        whole[value] = whole.get(value, 0.0) + chance
    best = max(whole, key=lambda value: whole[value])
    if best and design not in _SYNTHESES and not _ITT.search(reading.text):
        analysed = [(value, words) for value, words in _said_analysed(reading, counts).items() if value < best]
        if len(analysed) == 1:
            return analysed[0]
    ranked = [(chance, words) for (value, words, _), chance in zip(offered, chances, strict=True) if value == best]
    return best, max(ranked, key=lambda entry: entry[0])[1]


def _with_study(features: list[str], design: str, species: str) -> list[str]:
    """Adds what the rest of the facts say to a candidate's features."""
    head = features[0]
    return [*features, f"design:{design}", f"{head}|design:{design}", f"{head}|species:{species}", "bias"]
