"""Whether a record is about the topic's disease at all, or is a look-alike that its query pulls in.

Other things share its words; where only they are met, the record is not about it. A title that names the disease, and
nothing that looks like it, settles the matter; else where and how the disease is named is weighed: in the aim, in the
results, with a figure, in a row of complications, or only by words that mean other things too. A linear model weighs
it where one was fitted to records of this disease (`weighed_about`), else a rule (`ruled_about`).
"""

import re
from collections import Counter

from nlp.cues import patterns
from nlp.cues.disease import disease_patterns, disease_words
from nlp.facts.reading import Reading
from nlp.models.linear import bucket

#: For lower-case text: folding case while matching takes several times as long.
_CUES = patterns("about", re.NOFLAG)
#: Characters on either side of a name of the disease in which a figure or a denial is its own.
_NEAR = 60
_PLACES = ("title", "background", "aim", "methods", "results", "conclusion")


def topic_features(reading: Reading) -> list[str]:
    """Returns what the topic's linear model weighs."""
    cues = disease_patterns("about")
    title, body = reading.title, reading.abstract
    low_title, low_body = title.lower(), body.lower()
    found = {
        "disease": (cues["named"].findall(low_title), cues["named"].findall(low_body)),
        "bare": (cues["short"].findall(title), cues["short"].findall(body)),
        "alike": (cues["look_alike"].findall(low_title), cues["look_alike"].findall(low_body)),
        "result": (cues["result"].findall(low_title), cues["result"].findall(low_body)),
    }
    features = ["bias"]
    for name, (in_title, in_body) in found.items():
        features += [f"{name} in title:{min(len(in_title), 2)}", f"{name} in body:{min(len(in_body), 4)}"]
    alike = sorted({match for part in found["alike"] for match in part})
    features += [f"alike:{match[:24]}" for match in alike]
    features.append("alike" if alike else "not alike")
    known = "disease" if _headings() & reading.mesh else "other" if reading.mesh else "none"
    features.append(f"mesh {known}")
    if not body:
        features.append("no abstract")
    counts = {name: len(in_title) + len(in_body) for name, (in_title, in_body) in found.items()}
    share = counts["disease"] + counts["bare"] - counts["alike"]
    features.append("more disease" if share > 1 else "more alike" if share < -1 else "even")
    return features + _place_features(reading) + _name_features(reading, bool(alike))


def _place_features(reading: Reading) -> list[str]:
    """Where the disease is named, in how many of the sentences, with figures, apart from rows of complications."""
    cues = disease_patterns("about")
    places = Counter[str]()
    told = denied = alone = sentences = 0
    for sentence in reading.sentences:
        text = reading.sentence_text(sentence)
        sentences += 1
        low = text.lower()
        match = cues["named"].search(low) or cues["short"].search(text)
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
    surely = "surely" if cues["sure"].search(reading.text.lower()) else "perhaps"
    return [
        *(f"named in {place}:{'yes' if places[place] else 'no'}" for place in _PLACES),
        *(f"{surely} named in {place}" for place in ("title", "aim", "results") if places[place]),
        f"share:{'none' if not named else 'low' if share < 0.15 else 'some' if share < 0.4 else 'high'}",
        f"with figures:{min(told, 2)}",
        f"apart:{min(alone, 2)}",
        f"denied:{min(denied, 2)}",
        *(["in passing", f"in passing|figures:{min(told, 1)}|denied:{min(denied, 1)}"] if passing else []),
        f"company:{bucket(len(cues['company'].findall(reading.text.lower())), (1, 3, 8))}",
    ]


def _name_features(reading: Reading, alike: bool) -> list[str]:
    """By which names the disease goes: its own, or only by words that mean other things as well."""
    cues = disease_patterns("about")
    low = _words(reading).lower()
    sure = len(cues["sure"].findall(reading.text.lower()))
    features = [
        f"sure:{min(sure, 3)}",
        f"sure in title:{bool(cues['sure'].search(reading.title.lower()))}",
        f"{'sure' if sure else 'unsure'}|{'alike' if alike else 'not alike'}",
    ]
    if cues["named"].search(low) or cues["short"].search(reading.text):
        return [*features, "named"]
    weak = sorted(set(cues["perhaps"].findall(low)))
    return [
        *features, "named weakly", f"named weakly|{'alike' if alike else 'not alike'}",
        *(f"only by:{word[:20]}" for word in weak),
    ]  # fmt: skip


def _words(reading: Reading) -> str:
    return " ; ".join((reading.text, *reading.article.keywords))


def _headings() -> frozenset[str]:
    return frozenset(disease_words("about").get("headings", ()))


def names_topic(reading: Reading) -> bool:
    """True where title, abstract, MeSH headings or keywords hold a word that the disease goes by."""
    cues = disease_patterns("about")
    text = _words(reading)
    low = text.lower()
    if cues["named"].search(low) or cues["perhaps"].search(low):
        return True
    if _headings() & reading.mesh:
        return True
    return bool(cues["short"].search(text) and cues["defined"].search(low))


def plainly_about(reading: Reading) -> bool:
    """True where the title calls the disease by a name of its own, and names nothing that looks like it."""
    cues = disease_patterns("about")
    title = reading.title.lower()
    return bool(cues["sure"].search(title)) and not cues["look_alike"].search(title)


def ruled_about(reading: Reading) -> bool:
    """Whether a record is about the disease by rule: a heading, the title, or names that outnumber the look-alikes."""
    cues = disease_patterns("about")
    if _headings() & reading.mesh or cues["named"].search(reading.title.lower()):
        return True
    low = _words(reading).lower()
    named = len(cues["named"].findall(low)) + len(cues["short"].findall(reading.text))
    return named > len(cues["look_alike"].findall(low))
