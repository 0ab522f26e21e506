"""Whether a record is about HO at all, or is a look-alike that an HO query pulls in.

HO is unwanted bone in soft tissue. OPLL, calcification, heterotopic organs and tissue, heme oxygenase (HO-1) and
wanted bone on a scaffold share its words; where only they are met, the record is not about HO.
"""

import re

from nlp.cues import patterns
from nlp.facts.reading import Reading

#: For lower-case text: folding case while matching takes several times as long.
_CUES = patterns("topic", re.NOFLAG)
_BARE_HO = re.compile(r"\bHO\b(?!\s?-?\s?[12]\b)(?![:•·])")
_HO_HEADINGS = frozenset({"Ossification, Heterotopic", "Myositis Ossificans"})


def topic_features(reading: Reading) -> list[str]:
    """Returns what the topic's linear model weighs."""
    title, body = reading.title, reading.abstract
    features = ["bias"]
    low_title, low_body = title.lower(), body.lower()
    found = {
        "ho": (_CUES["ho"].findall(low_title), _CUES["ho"].findall(low_body)),
        "bare": (_BARE_HO.findall(title), _BARE_HO.findall(body)),
        "alike": (_CUES["look_alike"].findall(low_title), _CUES["look_alike"].findall(low_body)),
        "result": (_CUES["result"].findall(low_title), _CUES["result"].findall(low_body)),
    }
    for name, (in_title, in_body) in found.items():
        features += [f"{name} in title:{min(len(in_title), 2)}", f"{name} in body:{min(len(in_body), 4)}"]
    features += [f"alike:{match[:24]}" for match in sorted({match for part in found["alike"] for match in part})]
    mesh = " ".join(reading.mesh)
    features.append(
        "mesh ho"
        if "Ossification, Heterotopic" in mesh or "Myositis Ossificans" in mesh
        else "mesh other"
        if mesh
        else "mesh none"
    )
    if not body:
        features.append("no abstract")
    counts = {name: len(in_title) + len(in_body) for name, (in_title, in_body) in found.items()}
    share = counts["ho"] + counts["bare"] - counts["alike"]
    features.append("more ho" if share > 1 else "more alike" if share < -1 else "even")
    return features


def names_ho(reading: Reading) -> bool:
    """True where title, abstract, MeSH headings or keywords hold a word that HO goes by; without one it is not HO."""
    text = " ; ".join((reading.text, *reading.article.keywords))
    low = text.lower()
    if _CUES["ho"].search(low) or _CUES["ossified"].search(low):
        return True
    if _HO_HEADINGS & reading.mesh:
        return True
    return bool(_BARE_HO.search(text) and _CUES["defined"].search(low))
