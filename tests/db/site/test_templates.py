"""What no template and no script of the site may do, whatever a page shows: read from their texts."""

import re
from importlib.resources import files
from typing import Any

import pytest

from db.site.show.rendering import environment

FOLDER: Any = files("db.site")
OURS = {entry.name: entry.read_text("utf-8") for entry in (FOLDER / "templates" / "tracker").iterdir()}
ALL = OURS | {f"raw/{e.name}": e.read_text("utf-8") for e in (FOLDER / "templates").iterdir() if e.is_file()}
SCRIPTS = {e.name: e.read_text("utf-8") for e in (FOLDER / "static").iterdir() if e.name.endswith(".js")}
#: What no record can fill with text of its own, so that it may stand in an address as it is.
_NUMBER = re.compile(
    r"(?:\w+\.)*(?:pmid|ref_pmid|published_pmid)|(?:run|latest|told)\.id|card\.newest\[1\]|primary_key_values\[0\]"
)
_CLOSED = re.compile(r"facet\.name|queue\.name|name|format|listed|position\.before")


@pytest.mark.parametrize("name", ALL)
def test_no_template_takes_text_for_markup(name: str) -> None:
    assert environment().autoescape is True
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", ALL[name])
    assert not re.search(r"<[^>]*\s[\w-]+=\{", ALL[name]), "an attribute without quotes"
    assert not re.search(r"<[^>]*\son\w+=|<style|javascript:", ALL[name]), "script or style that stands in the page"
    sources = re.findall(r'<(?:script|link|img|iframe)[^>]*?(?:src|href)="([^"]*)"', ALL[name])
    assert [source for source in sources if not source.startswith("{{")] == []


@pytest.mark.parametrize("name", OURS)
def test_each_value_in_an_address_is_one_piece_of_it(name: str) -> None:
    """A name with a slash, an ampersand or a question mark leads to its own page and no other."""
    steps = re.findall(r'(?:href|action)="[^"]*?/\{\{ ([^}]*?) \}\}', OURS[name])
    values = re.findall(r"[?;]\w+=\{\{ ([^}]*?) \}\}", OURS[name])
    for value in steps + values:
        assert value.endswith("| path") or _NUMBER.fullmatch(value) or _CLOSED.fullmatch(value), value
    for typed in re.findall(r"[?]\{\{ (\{.*?\}[^}]*?) \}\}", OURS[name]):
        assert typed.endswith("| urlencode"), typed


@pytest.mark.parametrize("name", ALL)
def test_each_address_stands_below_the_sites_root(name: str) -> None:
    """A path that begins with a word or a slash leads elsewhere where the site hangs under a path of its own."""
    places = re.findall(r'(?:href|action|formaction|src)="([^"]*)', ALL[name])
    assert [place for place in places if not re.match(r"\{\{ |\{% if |#|https://", place)] == []


@pytest.mark.parametrize("name", [name for name, text in OURS.items() if 'method="post"' in text])
def test_each_form_that_changes_something_carries_the_visitors_token(name: str) -> None:
    forms = re.findall(r'<form[^>]*method="post"[^>]*>.*?</form>', OURS[name], re.DOTALL)
    assert forms
    for form in forms:
        if 'action="{{ root }}review"' not in form:  # it changes nothing, and is refused from other sites
            assert re.search(r'name="csrftoken" value="\{\{ token \}\}"|token_field\(\)|parts\.fields\(token, ', form)
    assert 'name="csrftoken" value="{{ token }}"' in OURS["curate_parts.html"].partition("{% endmacro %}")[0]
    assert re.search(r'macro token_field.*name="csrftoken" value="\{\{ token \}\}"', OURS["curate_base.html"])


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_makes_markup_of_text_or_asks_anybody_else(name: str) -> None:
    text = SCRIPTS[name]
    assert text.partition("\n")[2].startswith('"use strict";\n')
    assert not re.search(r"(?:inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\.srcdoc", text)
    assert not re.search(
        r"sendBeacon|XMLHttpRequest|WebSocket|EventSource|postMessage|document\.cookie|https?:|import\(", text
    )
    asked = re.findall(r"fetch\((.*?)\)(?:\)|;)", text)
    assert all(one.startswith(("link.href", "`${root}suggest.json?q=${encodeURIComponent(")) for one in asked)
    assert re.findall(r"(?:local|session)Storage\.\w+\((.*?)[,)]", text) == {
        "kept.js": ["place(name", "place(name"], "curate.js": ['"ho-tracker-keys"'] * 2,
    }.get(name, [])  # fmt: skip
