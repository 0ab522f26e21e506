"""P values as texts state them, in every typography met ("p < .001", "P = 3 × 10-4")."""

import re

P_VALUE = re.compile(
    r"\b[pP](?:[- ]?values?)?(?:\s?\(?(?:for|of)\s?[\w ]{1,20}?\)?)?\s?(?P<sign>=|<|>|≤|≥|&lt;|&gt;|&amp;lt;"
    r"|of|less than|(?<=[vV]alue)(?=\s0?\.\d)|(?<=[vV]alue):)\s?(?:(?P<value>0?\.\d{1,12}|[01](?:\.\d{1,12})?)"
    r"(?![\d.]*[eE]-\d)(?![\d.]*\s?[×x]\s?10)(?!\d)|(?P<digits>\d(?:\.\d{1,4})?)(?:\s?[×x]\s?10\s?\^?|[eE])-\s?(?P<power>\d{1,2})"
    r"|10\s?\^?-\s?(?P<of_ten>\d{1,2})(?!\d))"
)


def p_text(match: re.Match[str]) -> str:
    """Returns a match of `P_VALUE` as it is kept: "0.04", "<0.001"."""
    sign = match.group("sign").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    sign = "<" if sign == "less than" else sign
    if match.group("of_ten"):
        value = f"{10.0 ** -int(match.group('of_ten')):.{int(match.group('of_ten'))}f}"
    elif match.group("power"):
        places = int(match.group("power")) + len(match.group("digits").partition(".")[2])
        value = f"{float(match.group('digits')) / 10 ** int(match.group('power')):.{places}f}".rstrip("0")
    else:
        value = match.group("value")
        value = "0" + value if value.startswith(".") else value
    return value if sign in ("=", "of", "", ":") else sign + value
