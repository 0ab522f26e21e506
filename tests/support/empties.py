"""What a page leaves empty though words should stand there: headings, links, labels, facts, attributes, its title."""

import re

_WORDS = "a|h[1-6]|th|dt|dd|b|strong|em|label|button|summary|legend|caption|option|kbd|cite|mark|title|code|figcaption"
_FACTS = (
    "count|name|n|design|what|said|estimate|part|more|hint|facts|empty|authors|row-title|row-facts|row-source|chips|"
    "row-finding|tags|near|rows|active|links|decided|against|vh|tally|of|decisions|items|sentence|read-as|band"
)
_EMPTY = re.compile(
    rf'<(?:{_WORDS})\b[^>]*>\s*</(?:{_WORDS})>|<(?:span|p|ul|div|section|li) class="(?:{_FACTS})\b[^"]*"[^>]*>\s*</'
)
_UNNAMED = re.compile(r'<[^>]+ (?:href|action|name|id|for|aria-label|aria-labelledby|title|scope)=""[^>]*>')


def empties(page: str) -> list[str]:
    """Returns the elements of a page in which words are missing; a page has one heading of the first order."""
    found = [match[0] for pattern in (_EMPTY, _UNNAMED) for match in pattern.finditer(page)]
    if len(re.findall(r"<h1\b", page)) != 1:
        found.append("<h1>")
    return found if re.search(r"<title>[^<\s·]", page) else [*found, "<title>"]
