"""Whole numbers as records hold them, with a bound: what is no number of a sensible size is no number."""

#: Digits that any number of a record may have (PMIDs have eight, versions and days fewer).
_MOST_DIGITS = 9


def whole_number(text: str | None) -> int | None:
    """Returns a text of up to nine ASCII digits as a number (leading noughts and blanks aside), else None."""
    digits = (text or "").strip()
    if not digits or not digits.isascii() or not digits.isdigit():
        return None
    if len(digits) > _MOST_DIGITS:
        digits = digits.lstrip("0") or "0"
        if len(digits) > _MOST_DIGITS:
            return None
    return int(digits)


def positive_number(text: str | None) -> int | None:
    """Returns a text as a whole number above 0, else None: a PMID of noughts only is none."""
    return whole_number(text) or None
