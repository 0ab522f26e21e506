"""Styles that are settled by kind of item, and lookups that are kept, write what citeproc-py writes without either."""

import subprocess
import sys
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from citeproc.frontend import CitationStylesStyle

from db.citations import Options
from db.citations.formats.common import Markup
from db.citations.styles.kept_lookups import keep_elements, keep_lookups
from tests.support.zoo import ZOO

_STYLES = ("vancouver", "ama", "apa")
_MARKUPS: tuple[Markup, ...] = ("text", "html", "markdown")
#: Writes the zoo in all styles and markups, in a process where citeproc-py was never touched.
_UNTOUCHED = """
import sys
from itertools import product
from db.citations import FORMATS, Options
from db.citations.formats import formatted
from db.citations.records import read_records
from tests.support.stores import load, memory_store
from tests.support.zoo import ZOO

for name in ("settle", "keep_elements", "keep_lookups"):
    setattr(formatted, name, lambda *_: None)
store = memory_store()
load(store, ZOO)
for style, markup in product(("vancouver", "ama", "apa"), ("text", "html", "markdown")):
    records = read_records(store.db.conn, [article.pmid for article in ZOO], FORMATS[style].parts)
    sys.stdout.write("".join(FORMATS[style].write(records, Options(tags=False, markup=markup))) + "\\0")
"""


def test_what_is_settled_or_kept_changes_no_reference(export: Callable[..., str]) -> None:
    said = subprocess.run(
        [sys.executable, "-c", _UNTOUCHED], capture_output=True, check=True, encoding="utf-8", timeout=120
    ).stdout.split("\0")
    for (style, markup), untouched in zip(product(_STYLES, _MARKUPS), said, strict=False):
        ours = export(style, [article.pmid for article in ZOO], Options(tags=False, markup=markup))
        assert ours.splitlines() == untouched.splitlines(), (style, markup)


@pytest.mark.parametrize("style", _STYLES)
def test_the_order_of_a_list_changes_no_reference(style: str, export: Callable[..., str]) -> None:
    """Each kind of item has a style of its own: none may leave anything behind for the next."""
    pmids = [article.pmid for article in ZOO]
    forward = export(style, pmids, Options(tags=False, markup="html")).splitlines()
    backward = export(style, pmids[::-1], Options(tags=False, markup="html")).splitlines()
    assert sorted(forward) == sorted(backward)


def test_a_term_is_found_in_the_form_that_is_asked_for() -> None:
    keep_lookups()
    style: Any = CitationStylesStyle("apa", validate=False)
    keep_elements(style.root)
    forms = [style.root.get_single_term("editor", form).text for form in (None, "short", None, "short")]
    assert forms == ["editor", "ed.", "editor", "ed."]
