"""Marks stand where the mentions are, whatever the text holds, and never let the text become markup."""

import re
from html import unescape
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from db.sections import Section
from db.site.show.marks import Mark, abstract_blocks, first_places, marked, marks_of


def mark(start: int, end: int, assertion: str = "affirmed", concept: str | None = "x") -> Mark:
    return Mark(
        start, end, "intervention", concept, concept, assertion, "no" if assertion != "affirmed" else None, "rule"
    )


class Reader(HTMLParser):
    """Collects the visible text, and the text inside each mark, as a browser would see them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.open: list[tuple[str, int]] = []
        self.marks: list[str] = []
        self.tags: set[str] = set()
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert tag != "a" or all(opened != "a" for opened, _ in self.open), "a link inside a link"
        self.hidden += ("class", "vh") in attrs
        self.open.append((f"hidden {tag}" if ("class", "vh") in attrs else tag, len(self.text)))

    def handle_endtag(self, tag: str) -> None:
        opened, start = self.open.pop()
        assert opened.removeprefix("hidden ") == tag
        self.hidden -= opened.startswith("hidden")
        if tag == "mark":
            self.marks.append(self.text[start:])

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open
    return reader


TEXT = st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"]) | st.sampled_from("<>&\"'"), max_size=60)


@given(text=TEXT, data=st.data())
def test_the_text_comes_out_as_it_went_in(text: str, data: st.DataObject) -> None:
    place = st.integers(0, len(text))
    spans = st.tuples(place, place).map(sorted).filter(lambda span: span[0] < span[1])
    found = data.draw(st.lists(spans, max_size=6)) if text else []
    sentences = sorted(tuple(span) for span in data.draw(st.lists(spans, max_size=2))) if text else []
    marks = [mark(start, end, ("affirmed", "negated")[n % 2]) for n, (start, end) in enumerate(found)]
    reader = read(str(marked(text, 0, len(text), marks, sentences)))  # type: ignore[arg-type]
    assert reader.text == text
    assert reader.tags <= {"mark", "a", "span"}
    for start, _ in found:
        assert "".join(reader.marks).count(text[start]) >= 1


def test_a_nested_mark_stands_inside_the_other() -> None:
    reader = read(str(marked("acute heterotopic ossification here", 0, 35, [mark(6, 30), mark(18, 30)])))
    assert reader.marks == ["ossification", "heterotopic ossification"]


def test_of_two_overlapping_marks_the_later_is_cut_in_two() -> None:
    reader = read(str(marked("abcdef", 0, 6, [mark(0, 4), mark(2, 6)])))
    assert reader.text == "abcdef"
    assert sorted(reader.marks) == ["abcd", "cd", "ef"]


def test_markup_in_a_text_stays_text() -> None:
    html = str(marked('<script>alert(1)</script> & "x"', 0, 31, [mark(0, 8)]))
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_markup_in_names_and_cues_stays_text() -> None:
    hostile = Mark(0, 1, "intervention", '"><script>', '"><b>', "negated", "<i>", '"x')
    html = str(marked("ab", 0, 2, [hostile]))
    assert not re.search(r"<(script|b|i)\b", html)
    assert "&lt;i&gt;" in unescape(html.replace("&amp;", "&")) or "&lt;i&gt;" in html


def test_negation_is_said_to_screen_readers_and_has_its_own_look() -> None:
    html = str(marked("no NSAID", 0, 8, [mark(3, 8, "negated")]))
    assert 'class="k-intervention negated"' in html
    assert '<span class="vh"> [negated] </span>' in html
    assert "negated by “no”" in html


def test_text_outside_of_sections_is_kept() -> None:
    sections = [Section("METHODS", None, 6, 12)]
    blocks = abstract_blocks("Intro\nMethod\nRest.", sections, [], [], "/")
    assert [(block.label, str(block.text)) for block in blocks] == [
        (None, "Intro\n"),
        ("METHODS", "Method"),
        (None, "\nRest."),
    ]


def test_a_sentence_over_two_sections_is_parted_and_no_word_stands_twice() -> None:
    text = "One two. Three four."
    blocks = abstract_blocks(text, [Section("A", None, 0, 8), Section("B", None, 8, 20)], [mark(4, 12)], [(4, 14)], "/")
    assert [read(str(block.text)).text for block in blocks] == ["One two.", " Three four."]
    assert [str(block.text).count('class="s"') for block in blocks] == [1, 1]


def test_a_sentence_gets_an_anchor() -> None:
    html = str(marked("One. Two.", 0, 9, [mark(5, 8)], [(5, 9)]))
    assert '<span class="s" id="a-5" tabindex="-1"><mark' in html


def test_a_mark_around_another_links_what_the_other_leaves() -> None:
    html = str(marked("ICU length of stay", 0, 18, [mark(0, 18, concept="stay"), mark(0, 3, concept="icu")]))
    assert html.count("<a ") == 2
    assert '<a href="/concepts/icu">ICU</a>' in html
    assert '<a href="/concepts/stay"> length of stay</a>' in html


def test_a_concept_of_any_name_is_one_piece_of_its_address() -> None:
    text = marked("coxibs", 0, 6, [mark(0, 6, concept="a/b?c#d&e")])
    assert 'href="/concepts/a%2Fb%3Fc%23d%26e"' in text


def test_no_two_marks_are_the_same_place_of_a_page() -> None:
    said = {"field": "abstract", "kind": "outcome", "assertion": "affirmed", "cue": None, "source": "rule"}
    found = [
        {**said, "start": start, "end": start + 4, "concept_id": concept, "concept": concept}
        for start, concept in ((0, "a"), (0, "b"), (9, "a"), (9, "c"))
    ]
    places = [mark.place for mark in marks_of(found, "abstract", first_places(found))]
    assert places == ["m-abstract-0-4", None, None, "m-abstract-9-13"]


def test_why_a_mark_stands_is_no_markup() -> None:
    told = Mark(0, 4, "intervention", "x", '"><img src=x>', "negated", "<i>no</i>", "rule")
    assert read(marked("text", 0, 4, [told])).tags <= {"mark", "a", "span"}
