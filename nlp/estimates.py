"""Estimates as results state them: OR, RR, HR, MD and SMD with interval and p, in every typography met.

Three shapes carry an interval: labelled ("OR 2.1, 95% CI 1.2 to 3.4"), bracketed ("aOR=0.14 (0.06-0.33)"), and bare
after its value ("(2.05; 1.68-2.50)", members of a list of ratios). A fourth is a named measure with a value alone.
The measure is the one named before the value, else the one that the list began with, else the article's only one.
Numbers that are no comparison (prevalence, kappa, AUC, sensitivity) are left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from spacy.language import Language
from spacy.tokens import Doc

from nlp.document import Sentence, attribute
from nlp.estimates_in_words import worded_ratios
from nlp.p_values import P_VALUE, p_text
from nlp.text.numbers import plain, read_number

NUMBER = r"(?<![\d.])-?(?:\d{1,5}(?:\.\d{1,6})?|\.\d{1,6})(?![\d])"
_UNIT = (
    r"(?:\s?(?:°|º|˚|%|[×x] ?10[³3] mm³|degrees?|mm|cm|mL|ml|points?|L|kg|g/dL|µmol/L|days?|weeks?|minutes?|min|h)"
    r"(?![\w/]))?"
)
_BOUNDS = rf"(?P<low>{NUMBER}){_UNIT}\s*(?:to|-|,|;|~|and|\.\.\.)\s*(?P<high>{NUMBER})"
_LABEL = (
    r"(?:\b(?:CI|IC|ICI) ?(?:of )?9[059](?:\.\d)?\s?%"
    r"|(?:9[059](?:\.\d)?\s?%\s?)?(?:(?:confiden(?:ce|t)|credible|credibility)\s+(?:intervals?"
    r"|limits?)|\bCI\b|\bCrI\b|\bCIs\b|C\.I\.)"
    r"(?:\s*[\[(]\s*(?:95\s?%\s?)?(?:CI|CrI)s?\s*[\])])?)"
)
_LABELLED = re.compile(rf"{_LABEL}[\s,:;=]*(?:of |was |from )?[\[(]?\s*{_BOUNDS}", re.I)
_BARE = re.compile(
    rf"(?P<value>{NUMBER}){_UNIT}(?P<per>\s+per\s+[\w/ %-]{{1,25}}?)?\s?(?:[\[(]"
    rf"|[,;:]\s)\s*(?:95%\s)?{_BOUNDS}(?P<unit>\s?%)?"
)
_VALUE_UNIT = re.compile(
    r"\s?(?:°|º|˚|%|[×x] ?10[³3]|degrees?\b|mm|cm|mL\b|ml\b|points?\b|kg\b|µmol|g\b|days?\b|months?\b|weeks?\b|years?\b"
    r"|minutes?\b|h\b)"
)
_PER = re.compile(r"(?:,\s*)?\bper\s+(?:\d+(?:\.\d+)?[\s-]?)?[\w%/²-]+(?:\s[a-z]+)?[\s,;:(\[]*$")
_NUMBERS = re.compile(rf"(?<![A-Za-z]){NUMBER}")
#: The value that follows the name of its measure; what may stand between an estimate and its p.
_FOLLOWING = re.compile(rf"[\s:=,(\[\])]*(?:was|of|is|were)?\s*[\s:=]*(?P<value>{NUMBER})(?P<rest>\s?%|\s?\()?")
_TAIL = re.compile(r"[\s\])%°]{0,4}[,;:]?\s?(?:and\s)?[(\[]?")
#: A power of ten belongs to the unit ("-8.8 × 10³ mm³").
_POWER = re.compile(r"[×x]\s?10\s?(?:\^?\d|[²³])")

_MEASURES = (
    ("SMD", r"standardi[sz]ed\s+mean\s+differences?|\bSMDs?\b|Hedges'?\s?g|Cohen'?s?\s?d\b"),
    ("MD", r"(?:weighted\s+|adjusted\s+|least[- ]squares\s+)?mean\s+differences?|\bWMDs?\b|\bMDs?\b"
        r"|between-group\s+differences?"
           r"|\bdifference (?:of|was)\b"),
    ("HR", r"(?:sub-?distribution\s+|cause-specific\s+)?hazards?\s+ratios?|\b(?:a|s|c|adj\.?\s?)?HRs?\b"),
    ("OR", r"odds\s+ratios?|\b(?:a|u|c|m|p|adj\.?\s?)?ORs?\b|\bAOR\b|\bodds\b"),
    ("RR", r"(?:relative|risk|rate|prevalence|incidence[- ]rate)\s+(?:risks?|ratios?)|\b(?:a|c|I"
        r"|P)?RRs?\b|\bIRR\b|\bPR\b"
           r"|likelihood\s+of\s+[A-Z]{2,6}\b"),
)  # fmt: skip
_MEASURE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _MEASURES))
_LOWER_WORDS = re.compile(
    r"odds\s+ratio|hazards?\s+ratio|relative\s+risk|(?:risk|rate|prevalence)\s+ratio|mean\s+difference", re.I
)
_OTHER_METRIC = re.compile(
    r"\b(?:AUC|AUROC|area under|kappa|κ|ICC|sensitivity|specificity|predictive value|prevalence(?! ratio)|"
    r"incidence (?:of|was)|pooled (?:rate|incidence|proportion)|"
    r"proportion|correlation|concordance|C-statistic|c-index|agreement|accuracy|"
    r"likelihood ratio|median|range|mean (?:age|follow|of)|aged?(?! groups?)|coefficient|β|ρ|diagnostic odds|I²"
    r"|interquartile|IQR|SD)\b",
    re.I,
)
#: Age as a member of a list of ratios: "OR: sex (2.1; 1.2-3.7), age (0.9; 0.5-1.6)"; years of age are more than this.
_LISTED_AGE = re.compile(r"(?<!mean )(?<!median )\bage \($", re.I)
_RATIOS, _MOST_OF_AGE = ("OR", "RR", "HR"), 10
#: A change or difference given in units: "rose by 9 kg", "(difference 11.4%", "larger by 1.3°".
_DIFFERENCE = re.compile(
    r"\b(?:difference|change|gain|rise|fall|reduction|increase)s?(?:\s+(?:of|was"
    r"|in [\w ]{3,30}))?[\s:,=]*$|\bby\s+(?:a mean (?:of )?|about )?$|difference in [^.;()]{3,40} (?:was|of) $"
)
#: A comma for a decimal point, where a ratio or p is written with one.
_DECIMAL_COMMA = re.compile(
    r"(?:\b[au]?(?:OR|RR|HR)|\b[pP])\s?[=<>:]?\s?\d,\d"
    r"|\b(?:ratio|risk|difference|value)s?(?: (?:of|was|is))?\s?[=:,]?\s?-?\d{1,2},\d{1,2}(?!\d)"
)
_ADJUSTED = re.compile(r"(?<!un)adjust|multivari|\ba(?:OR|HR|RR)\b|\bAOR\b|independent", re.I)
_CRUDE = re.compile(r"\bcrude\b|unadjust|univari|\bu(?:OR|HR)\b", re.I)


@dataclass(frozen=True, slots=True)
class EstimateSpan:
    """An estimate in the document: characters `start` to `end`, where its bracket opens (`anchor`), its numbers.

    `measure` is None for a result given by p alone.
    """

    start: int
    end: int
    anchor: int
    measure: str | None
    value: float | None
    low: float | None
    high: float | None
    p_value: str | None
    adjusted: bool | None = None


def _measure_before(text: str, end: int, start: int) -> tuple[str | None, int]:
    """The last measure named in `text[start:end]` and where it begins."""
    found: tuple[str | None, int] = (None, -1)
    for match in _MEASURE.finditer(text, start, end):
        found = (match.lastgroup, match.start())
    if found[0] is None:
        for match in _LOWER_WORDS.finditer(text, start, end):
            name = match.group().lower()
            kind = {"odds": "OR", "haza": "HR", "mean": "MD"}.get(name[:4], "RR")
            found = (kind, match.start())
    return found


def _value_before(text: str, end: int, floor: int) -> tuple[float | None, int, int]:
    """The last number of `text[floor:end]`, its start and end; "per 10 mg/L" is no value."""
    head = text[floor:end]
    cut = _PER.search(head.rstrip(" ,;:([") + " ")
    if cut:
        head = head[: cut.start()]
    tail = _POWER.sub(lambda match: " " * len(match.group()), head[-70:])
    numbers = list(_NUMBERS.finditer(tail))
    last = numbers[-1] if numbers else None
    if last is None:
        return None, -1, -1
    shift = floor + max(0, len(head) - 70)
    return read_number(last.group()), shift + last.start(), shift + last.end()


def _is_adjusted(before: str, behind: str) -> bool | None:
    """Whether the words nearest to an estimate call it adjusted or crude; None where none do."""
    for text, nearest in ((before, max), (behind, min)):
        called = [(m.start(), kind) for kind, cue in ((True, _ADJUSTED), (False, _CRUDE)) for m in cue.finditer(text)]
        if called:
            return nearest(called)[1]
    return None


def _bare_intervals(text: str) -> Iterator[re.Match[str]]:
    """Every number with bounds behind it; a match may begin within another ("1.1%; 2.20, 0.77 to 6.28")."""
    match = _BARE.search(text)
    while match:
        yield match
        match = _BARE.search(text, match.end("value"))


def _is_inside(match: re.Match[str]) -> bool:
    """Whether the value of a match lies within its bounds."""
    value, low, high = (read_number(match.group(name)) for name in ("value", "low", "high"))
    return value is not None and low is not None and high is not None and low <= value <= high


@dataclass
class _Reader:
    """Reads one sentence from left to right, remembering the measure of the list it is in."""

    text: str
    default: str | None
    previous_end: int = 0
    current: str | None = None

    def read(self) -> Iterator[EstimateSpan]:
        """Yields the sentence's estimates in order."""
        spans: list[EstimateSpan] = []
        labelled = {match.start("low"): match for match in _LABELLED.finditer(self.text)}
        bare: dict[int, re.Match[str]] = {}
        for match in _bare_intervals(self.text):
            if match.start("low") not in bare or not _is_inside(bare[match.start("low")]):
                bare[match.start("low")] = match  # of "1.05 per 10 minutes; 1.01-1.09" 1.05, not 10, is the value
        for position in sorted(set(labelled) | set(bare)):
            if position < self.previous_end:
                continue
            match = labelled.get(position) or bare[position]
            span = self._with_interval(match, position in labelled)
            if span:
                spans.append(span)
                self.previous_end = span.end
        spans += self._without_interval(spans)
        spans.sort(key=lambda span: span.start)
        yield from spans

    def _with_interval(self, match: re.Match[str], labelled: bool) -> EstimateSpan | None:
        low, high = read_number(match.group("low")), read_number(match.group("high"))
        if low is None or high is None:
            return None
        floor = self.previous_end
        if labelled:
            value, value_start, value_end = _value_before(self.text, match.start(), floor)
        else:
            value, value_start, value_end = read_number(match.group("value")), match.start("value"), match.end("value")
        if value is None or value_start < floor:
            return None
        named, measure_start = _measure_before(self.text, value_start, max(floor, value_start - 90))
        if not named and labelled and _DIFFERENCE.search(self.text[max(floor, value_start - 50) : value_start]):
            named, measure_start = "MD", value_start
        united = bool(_VALUE_UNIT.match(self.text, value_end))
        counted = not labelled and self.text[match.end() : match.end() + 1] in (")", "]")
        united |= counted and bool(_VALUE_UNIT.match(self.text, match.end() + 1))  # "10 (7 to 14) days" is a median
        if united and named != "MD":
            return None
        if not low <= value <= high:
            return None
        between = self.text[max(floor, measure_start if named else value_start - 60) : value_start]
        if self._is_other_metric(between, named, value):
            return None
        measure = named or self._inherited(labelled, value_start)
        if measure is None:
            return None
        if measure not in ("MD", "SMD") and low < 0:
            return None
        if not labelled and match.groupdict().get("unit") and measure not in ("MD",):
            return None
        self.current = measure
        begin = measure_start if named else value_start
        return self._span(begin, match.end(), measure, value, low, high)

    def _is_other_metric(self, between: str, named: str | None, value: float) -> bool:
        """Whether the words before a value call it something that is no comparison."""
        if self.current in _RATIOS and value < _MOST_OF_AGE:
            between = _LISTED_AGE.sub("(", between)
        if not _OTHER_METRIC.search(between):
            return False
        return not named or re.search(r"\bdiagnostic|likelihood", between) is not None

    def _inherited(self, labelled: bool, value_start: int) -> str | None:
        """The list's measure, else the sentence's, else the article's for a value that opens a bracket."""
        if self.current:
            return self.current
        later, _ = _measure_before(self.text, len(self.text), 0)
        if later and later not in ("MD", "SMD"):
            return later
        before = self.text[max(0, value_start - 2) : value_start].strip()
        bracketed = self.text.rfind("(", 0, value_start) > self.text.rfind(")", 0, value_start)
        if self.default and (labelled or before in ("(", "[", "=") or (before in (",", ";") and bracketed)):
            return self.default
        return None

    def _without_interval(self, spans: list[EstimateSpan]) -> Iterator[EstimateSpan]:
        taken = [(span.start, span.end) for span in spans]
        for match in _MEASURE.finditer(self.text):
            if any(start <= match.start() < end for start, end in taken):
                continue
            follow = _FOLLOWING.match(self.text, match.end())
            if not follow or (follow.group("rest") or "").strip() == "%":
                continue
            value_start = follow.start("value")
            if any(start <= value_start < end for start, end in taken) or match.group().lower() in ("odds", "pr"):
                continue
            value = read_number(follow.group("value"))
            if value is not None and (value > 0 or match.lastgroup in ("MD", "SMD")):
                yield self._span(match.start(), follow.end("value"), match.lastgroup, value, None, None)

    def _span(
        self, start: int, end: int, measure: str | None, value: float | None, low: float | None, high: float | None
    ) -> EstimateSpan:
        p_value = None
        tail = _TAIL.match(self.text, end)
        p_match = P_VALUE.match(self.text, tail.end() if tail else end)
        if p_match:
            p_value, end = p_text(p_match), p_match.end()
        anchor = max(self.text.rfind("(", 0, start), self.text.rfind("[", 0, start))
        if anchor < 0 or ")" in self.text[anchor:start]:
            anchor = start
        adjusted = _is_adjusted(self.text[max(0, start - 14) : start + 4], self.text[start + 4 : start + 30])
        return EstimateSpan(start, end, anchor, measure, value, low, high, p_value, adjusted)


def find_estimates(text: str, default: str | None = None) -> list[EstimateSpan]:
    """Returns the estimates of one sentence, then the p values that stand alone (measure None), by offset.

    `default` is the measure of a value whose sentence names none (a member of a list defined earlier).
    """
    text = plain(text)
    if _DECIMAL_COMMA.search(text):
        text = re.sub(r"(?<=\d),(?=\d)", ".", text)
    spans = list(_Reader(text, default).read())
    for start, end, measure, value, low, high in worded_ratios(text):
        if not any(span.start < end and start < span.end for span in spans):
            spans.append(EstimateSpan(start, end, start, measure, value, low, high, None))
    taken = [(span.start, span.end) for span in spans]
    for match in P_VALUE.finditer(text):
        if not any(start <= match.start() < end for start, end in taken):
            anchor = max(text.rfind("(", 0, match.start()), text.rfind("[", 0, match.start()))
            anchor = match.start() if anchor < 0 or ")" in text[anchor : match.start()] else anchor
            spans.append(EstimateSpan(match.start(), match.end(), anchor, None, None, None, None, p_text(match)))
    spans.sort(key=lambda span: span.start)
    return spans


_RATIO = re.compile(
    r"(?P<OR>(?i:odds\s+ratio)|\ba?ORs?\b)|(?P<HR>(?i:hazards?\s+ratio)|\ba?HRs?\b)"
    r"|(?P<RR>(?i:(?:relative|risk|rate)\s+r(?:isk|atio)s?)|\ba?RRs?\b)"
)


def default_measure(text: str) -> str | None:
    """Returns the ratio measure that an article names first, or None."""
    match = _RATIO.search(text)
    return match.lastgroup if match else None


@Language.component("tracker_estimates", requires=["doc._.text", "doc._.sentences"], assigns=["doc._.estimates"])
def tracker_estimates(document: Doc) -> Doc:
    """Finds the estimates and p values of every sentence."""
    sentences: tuple[Sentence, ...] = attribute(document, "sentences")
    text: str = attribute(document, "text")
    default = default_measure(text)
    found: list[EstimateSpan] = []
    for sentence in sentences:
        if sentence.end - sentence.start < 8 or not any(map(str.isdigit, text[sentence.start : sentence.end])):
            continue
        for span in find_estimates(text[sentence.start : sentence.end], default):
            shift = sentence.start
            found.append(replace(span, start=span.start + shift, end=span.end + shift, anchor=span.anchor + shift))
    document._.estimates = found
    return document
