"""Whether a record is about HO at all, or is a look-alike that an HO query pulls in.

HO is unwanted bone in soft tissue. OPLL, calcification, heterotopic organs and tissue, heme oxygenase (HO-1) and
wanted bone on a scaffold share its words; where only they are met, the record is not about HO.
"""

import re

from nlp.cues import lower_pattern
from nlp.facts.reading import Reading

_I = re.IGNORECASE
_HO = lower_pattern(
    r"heterotopic(?:ally)? (?:new )?(?:bone|ossif|endochondral|osteo|mineral)|heterot(?:ro|o)ph?ic (?:bone|ossif)|"
    r"ectopic (?:new )?(?:bone|ossif|endochondral)|extra-?skeletal (?:bone|ossif)|extra-?osseous ossif|"
    r"(?:peri|para)-?articular (?:new bone|ossif)|pericapsular ossif|soft[- ]tissue ossif|myositis ossificans|"
    r"fibrodysplasia ossificans|osseous heteroplasia|para-?osteo-?arthropath|neurogenic (?:ossif|osteoma)|"
    r"(?:intra)?tendin(?:ous|e)? ossif|intramuscular (?:bone|ossif)|fasciitis ossificans|panniculitis ossificans|"
    r"ossification (?:of|in|within) the (?:achilles|patellar|quadriceps|muscle|tendon|soft)|pellegrini|"
    r"post-?traumatic ossif|periprosthetic ossif|ossification (?:after|about|around|of) the (?:hip|elbow|knee"
    r"|shoulder)|"
    r"albright hereditary|\bNHO\b|residual[- ]limb ossif"
)
_BARE_HO = re.compile(r"\bHO\b(?!\s?-?\s?[12]\b)(?![:•·])")
_LOOK_ALIKES = lower_pattern(
    r"posterior longitudinal ligament|\bOPLL\b|ligamentum flavum|\bOLF\b|vascular calcif|(?:coronary|arterial"
    r"|aortic|valv\w+) "
    r"(?:\w+ )?calcif|calcinosis|dystrophic calcif|calcific tend|heterotopic (?:heart|cardiac|liver|kidney"
    r"|renal|lung|ovarian|transplant|"
    r"gr[ae]y matter|pancrea|gastric|tissue|auxiliary|pregnan|nodul|thyroid|uter|trachea)|heterotopia"
    r"|transplantation, heterotopic|"
    r"ectopic (?:pregnan|pancrea|thyroid|beat|ACTH|kidney|ureter|eruption|atrial|lens|Cushing|mineral|calcif)"
    r"|he?aem?e oxygenase|heme oxygenase|\bHO-[12]\b|"
    r"holmium|\bHo:YAG|osteosarcoma|osteochondroma|(?:bone )?tissue engineering|bone (?:graft )?substitute|scaffold|"
    r"bone regeneration|hydrogel|osteoinducti|hydroxyl radical|\bHO[•·]|uremic|calciphylaxis|hypothalamic obesity|"
    r"lumbar fusion|spinal fusion rate"
)
_RESULT_HO = re.compile(r"(?:no|without|incidental) (?:heterotopic|ectopic|HO\b)", _I)


def topic_features(reading: Reading) -> list[str]:
    """Returns what the topic's linear model weighs."""
    title, body = reading.title, reading.abstract
    features = ["bias"]
    low_title, low_body = title.lower(), body.lower()
    found = {
        "ho": (_HO.findall(low_title), _HO.findall(low_body)),
        "bare": (_BARE_HO.findall(title), _BARE_HO.findall(body)),
        "alike": (_LOOK_ALIKES.findall(low_title), _LOOK_ALIKES.findall(low_body)),
        "result": (_RESULT_HO.findall(title), _RESULT_HO.findall(body)),
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


_DEFINED = re.compile(r"ossif|osteoma|bone form|new bone|ectopic|heterotopic|osteogen|ossicle", _I)
_OSSIFIED = re.compile(
    r"\bossif(?:ication|ications|ied|ying)\b|ossificans|heterotopic|\bectopic (?:new )?bone|\bossicles?\b|"
    r"osteoma cutis|albright hereditary|\bACVR1\b|stone man|m[uü]nchmeyer",
    _I,
)


def names_ho(reading: Reading) -> bool:
    """True where title, abstract, MeSH headings or keywords hold a word that HO goes by; without one it is not HO."""
    text = " ; ".join((reading.text, *reading.article.keywords))
    if _HO.search(text.lower()) or _OSSIFIED.search(text):
        return True
    if _HO_HEADINGS & reading.mesh:
        return True
    return bool(_BARE_HO.search(text) and _DEFINED.search(text))


_HO_HEADINGS = frozenset({"Ossification, Heterotopic", "Myositis Ossificans"})
