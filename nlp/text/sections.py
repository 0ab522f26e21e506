"""What each sentence is for: title, background, aim, methods, results or conclusion.

Labelled abstracts say so themselves; for the others the category is inferred from cue words and the order in which
the parts come. A label that has a category from PubMed keeps it.
"""

import re
from dataclasses import replace

from spacy.language import Language
from spacy.tokens import Doc

from nlp.document import Sentence, attribute

CATEGORIES = ("title", "background", "aim", "methods", "results", "conclusion")

_LABELS = (
    ("results", re.compile(r"result|finding|case|recommendation|main outcomes? and|observation", re.I)),
    (
        "conclusion",
        re.compile(r"conclu|interpret|discussion|significance|relevance|implication|summary|evidence|level", re.I),
    ),
    (
        "methods",
        re.compile(
            r"method|design|setting|patient|participant|intervention|measure|material|procedure|selection|"
            r"data|source|subject|population|eligib|search|analysis|outcome",
            re.I,
        ),
    ),
    ("aim", re.compile(r"aim|objective|purpose|hypothes|question|goal", re.I)),
    ("background", re.compile(r"background|introduction|context|rationale|importance", re.I)),
)
_AIM = re.compile(
    r"\b(?:aim(?:ed|s)? (?:to|of|was)|purpose of|objective (?:of|was)|we (?:asked|sought|hypothesi[sz]ed|aimed"
    r"|tested|wanted)|"
    r"to (?:determine|evaluate|assess|compare|investigate|examine|describe|establish|identify) (?:the|whether"
    r"|if|how))",
    re.I,
)
_METHODS = re.compile(
    r"\b(?:were (?:randomi[sz]ed|randomly|allocated|assigned|enrolled|recruited|included|eligible|reviewed"
    r"|followed|measured|"
    r"graded|treated|divided|searched|cultured|given|matched|invited|entered)|we (?:reviewed|randomi[sz]ed"
    r"|included|followed|"
    r"studied|measured|searched|analy[sz]ed|used|performed|enrolled|evaluated|describe|examined|identified|compared)|"
    r"(?:was|were) (?:measured|graded|assessed|recorded|quantified|determined|evaluated|defined)"
    r"|primary (?:endpoint|outcome)|"
    r"underwent|received|retrospective|prospective)\b",
    re.I,
)
_RESULTS = re.compile(
    r"(?:\bp\s*[=<>≤]\s*0?[.·]\d|\d\s?%|±|\b(?:was|were) (?:found|seen|observed|present|noted|higher|lower|more"
    r"|less|similar|"
    r"associated|not|significantly|recorded|visible|reduced|increased|developed)|did not|95\s?%|developed in"
    r"|no difference|"
    r"odds ratio|compared with|\bresults showed)",
    re.I,
)
_CONCLUSION = re.compile(
    r"^(?:in (?:conclusion|summary)|we conclude|these (?:data|findings|results)|our (?:data|findings|results)|thus|"
    r"the (?:findings|results|data|present study|numerical)|this (?:study|review|series|report)|therefore|overall,)"
    r"|\b(?:should be|may be (?:useful|considered|warranted)|is recommended|warranted|further (?:studies"
    r"|research|trials))\b",
    re.I,
)


def category_of_label(label: str) -> str:
    """Returns the category of a section label; "results" for a label that says nothing."""
    for category, pattern in _LABELS:
        if pattern.search(label):
            return category
    return "results"


def infer_categories(texts: list[str]) -> list[str]:
    """Returns the category of each sentence of an unlabelled abstract, in order; parts never go backwards."""
    categories = []
    current = 0
    order = CATEGORIES[1:]
    for index, text in enumerate(texts):
        late = index >= len(texts) * 0.6
        if late and index >= len(texts) - 3 and _CONCLUSION.search(text):
            wanted = "conclusion"
        elif _RESULTS.search(text) and index > 0:
            wanted = "results" if current >= 2 or index >= 2 or not _METHODS.search(text) else "methods"
        elif _METHODS.search(text):
            wanted = "methods"
        elif _AIM.search(text):
            wanted = "aim"
        else:
            wanted = order[current]
        current = max(current, order.index(wanted))
        if wanted == "methods" and current == order.index("results"):
            current = order.index("results")
        categories.append(order[current])
    return categories


@Language.component("ho_sections", requires=["doc._.sentences"], assigns=["doc._.sentences"])
def ho_sections(document: Doc) -> Doc:
    """Gives every sentence its category."""
    text: str = attribute(document, "text")
    sentences: list[Sentence] = list(attribute(document, "sentences"))
    plain = [i for i, s in enumerate(sentences) if s.field == "abstract" and not s.label and not s.category]
    inferred = dict(
        zip(plain, infer_categories([text[sentences[i].start : sentences[i].end] for i in plain]), strict=True)
    )
    for index, sentence in enumerate(sentences):
        if sentence.field == "title":
            category = "title"
        elif index in inferred:
            category = inferred[index]
        else:
            category = category_of_label(sentence.label or sentence.category)
        sentences[index] = replace(sentence, category=category)
    document._.sentences = tuple(sentences)
    return document
