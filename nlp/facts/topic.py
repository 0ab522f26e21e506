"""Whether a record is about HO at all, or is a look-alike that an HO query pulls in.

HO is unwanted bone in soft tissue. OPLL, calcification, heterotopic organs and tissue, heme oxygenase (HO-1) and
wanted bone on a scaffold share its words; where only they are met, the record is not about HO. A title that names the
disease, and nothing that looks like it, settles the matter; else a linear model weighs where and how HO is named: in
the aim, in the results, with a figure, in a row of complications, or only by words that mean other things too.
"""

import re
from collections import Counter

from nlp.cues import patterns
from nlp.facts.reading import Reading
from nlp.models.linear import bucket

#: For lower-case text: folding case while matching takes several times as long.
_CUES = patterns("topic", re.NOFLAG)
_BARE_HO = re.compile(r"\bHO\b(?!\s?-?\s?[12]\b)(?![:•·])")
_HO_HEADINGS = frozenset({"Ossification, Heterotopic", "Myositis Ossificans"})
#: Characters on either side of a name of HO in which a figure or a denial is its own.
_NEAR = 60
_PLACES = ("title", "background", "aim", "methods", "results", "conclusion")


def topic_features(reading: Reading) -> list[str]:
    """Returns what the topic's linear model weighs."""
    title, body = reading.title, reading.abstract
    low_title, low_body = title.lower(), body.lower()
    found = {
        "ho": (_CUES["ho"].findall(low_title), _CUES["ho"].findall(low_body)),
        "bare": (_BARE_HO.findall(title), _BARE_HO.findall(body)),
        "alike": (_CUES["look_alike"].findall(low_title), _CUES["look_alike"].findall(low_body)),
        "result": (_CUES["result"].findall(low_title), _CUES["result"].findall(low_body)),
    }
    features = ["bias"]
    for name, (in_title, in_body) in found.items():
        features += [f"{name} in title:{min(len(in_title), 2)}", f"{name} in body:{min(len(in_body), 4)}"]
    alike = sorted({match for part in found["alike"] for match in part})
    features += [f"alike:{match[:24]}" for match in alike]
    features.append("alike" if alike else "not alike")
    known = "ho" if _HO_HEADINGS & reading.mesh else "other" if reading.mesh else "none"
    features.append(f"mesh {known}")
    if not body:
        features.append("no abstract")
    counts = {name: len(in_title) + len(in_body) for name, (in_title, in_body) in found.items()}
    share = counts["ho"] + counts["bare"] - counts["alike"]
    features.append("more ho" if share > 1 else "more alike" if share < -1 else "even")
    return features + _place_features(reading) + _name_features(reading, bool(alike))


def _place_features(reading: Reading) -> list[str]:
    """Where HO is named, in how many of the sentences, with figures, apart from rows of complications."""
    places = Counter[str]()
    told = denied = alone = sentences = 0
    for sentence in reading.sentences:
        text = reading.sentence_text(sentence)
        sentences += 1
        low = text.lower()
        match = _CUES["ho"].search(low) or _BARE_HO.search(text)
        if not match:
            continue
        places[sentence.category] += 1
        if sentence.category in ("results", "conclusion"):
            around = low[max(0, match.start() - _NEAR) : match.end() + _NEAR]
            told += bool(_CUES["figure"].search(around))
            denied += bool(_CUES["denied"].search(around))
            alone += not _CUES["complication"].search(low)
    named = sum(places.values())
    passing = named == 1 and not places["title"] and not places["aim"]
    share = named / max(sentences, 1)
    surely = "surely" if _CUES["sure"].search(reading.text.lower()) else "perhaps"
    return [
        *(f"named in {place}:{'yes' if places[place] else 'no'}" for place in _PLACES),
        *(f"{surely} named in {place}" for place in ("title", "aim", "results") if places[place]),
        f"share:{'none' if not named else 'low' if share < 0.15 else 'some' if share < 0.4 else 'high'}",
        f"with figures:{min(told, 2)}",
        f"apart:{min(alone, 2)}",
        f"denied:{min(denied, 2)}",
        *(["in passing", f"in passing|figures:{min(told, 1)}|denied:{min(denied, 1)}"] if passing else []),
        f"bone:{bucket(len(_CUES['bone'].findall(reading.text.lower())), (1, 3, 8))}",
    ]


def _name_features(reading: Reading, alike: bool) -> list[str]:
    """By which names HO goes: its own, or only by words that mean other bone as well."""
    low = _words(reading).lower()
    sure = len(_CUES["sure"].findall(reading.text.lower()))
    features = [
        f"sure:{min(sure, 3)}",
        f"sure in title:{bool(_CUES['sure'].search(reading.title.lower()))}",
        f"{'sure' if sure else 'unsure'}|{'alike' if alike else 'not alike'}",
    ]
    if _CUES["ho"].search(low) or _BARE_HO.search(reading.text):
        return [*features, "named"]
    weak = sorted(set(_CUES["ossified"].findall(low)))
    return [
        *features, "named weakly", f"named weakly|{'alike' if alike else 'not alike'}",
        *(f"only by:{word[:20]}" for word in weak),
    ]  # fmt: skip


def _words(reading: Reading) -> str:
    return " ; ".join((reading.text, *reading.article.keywords))


def names_ho(reading: Reading) -> bool:
    """True where title, abstract, MeSH headings or keywords hold a word that HO goes by; without one it is not HO."""
    text = _words(reading)
    low = text.lower()
    if _CUES["ho"].search(low) or _CUES["ossified"].search(low):
        return True
    if _HO_HEADINGS & reading.mesh:
        return True
    return bool(_BARE_HO.search(text) and _CUES["defined"].search(low))


def plainly_ho(reading: Reading) -> bool:
    """True where the title calls the disease by a name of its own, and names nothing that looks like it."""
    title = reading.title.lower()
    return bool(_CUES["sure"].search(title)) and not _CUES["look_alike"].search(title)
