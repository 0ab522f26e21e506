"""The picture of the disease: names what vocabulary and overview have, links to lists of its numbers, cuts no word."""

import re
from typing import Any
from xml.etree import ElementTree

from db.evidence.overview import read_sections
from db.evidence.picture import Drawing, Item, Panel, Picture, picture_file
from db.site.plots.picture import disease_picture
from nlp.vocabulary.loader import load_vocabulary

SVG = "{http://www.w3.org/2000/svg}"


def test_every_part_is_in_the_vocabulary_and_every_arrow_has_two_ends() -> None:
    known = load_vocabulary().concepts
    panels = {panel.id: panel for panel in picture_file().panels}
    chapters = {section.id for section in read_sections()}
    for panel in panels.values():
        assert [item.concept for item in panel.items if item.concept not in known] == []
        assert {*panel.leads_to, *panel.acts_on} <= set(panels)
        assert panel.chapter in chapters


def test_no_word_of_the_picture_is_cut_and_no_panel_lies_on_another() -> None:
    known = load_vocabulary().concepts
    panels = tuple(
        Panel(
            **{name: getattr(panel, name) for name in Panel.__slots__ if name != "items"},
            items=tuple(
                Item(i.concept, i.text or known[i.concept].shown, known[i.concept].kind, 12_345) for i in panel.items
            ),
        )
        for panel in picture_file().panels
    )
    picture = Picture(picture_file().title, picture_file().text, picture_file().columns, panels)
    for narrow in (False, True):
        drawn = ElementTree.fromstring(disease_picture(picture, "/", narrow))  # noqa: S314 - our own
        assert "…" not in "".join(drawn.itertext())
        boxes = [
            tuple(float(box.get(name) or 0) for name in ("x", "y", "width", "height"))
            for box in drawn.iter(f"{SVG}rect")
            if box.get("class") == "box"
        ]
        assert len(boxes) == len(panels)
        for place, (x, y, width, height) in enumerate(boxes):
            for x2, y2, width2, height2 in boxes[place + 1 :]:
                assert x + width <= x2 or x2 + width2 <= x or y + height <= y2 or y2 + height2 <= y
        links = [link for link in drawn.iter(f"{SVG}a") if link.get("aria-label")]
        assert len(links) == sum(len(panel.items) for panel in panels)


def test_numbers_of_the_picture_are_those_of_the_lists_and_stand_in_words_beside_it(ask: Any) -> None:
    told = ask("/overview.json").json()["picture"]
    page = ask("/overview").text
    checked = 0
    for item in (item for panel in told for item in panel["items"]):
        listed = ask(f"/concepts/{item['concept']}.json").json()["concept"]["articles"]
        assert item["articles"] == listed, item
        checked += 1
    assert len(re.findall(r"<svg[^>]*class=\"disease", page)) == 2
    assert "The picture in words" in page
    assert checked == page.split("disease-words")[1].split("</details>")[0].count("/concepts/")


def test_another_topic_brings_its_own_picture_and_no_text_of_it_becomes_markup() -> None:
    hostile = '<script>"&'
    panel = Panel(
        hostile, hostile, "a", 0, 0, 1, ("b",), (), (Item("x/y", hostile, "outcome", 3),), Drawing((), (), ())
    )
    other = Panel("b", "B", "b", 0, 1, 1, (), (), (), Drawing(("M0 0H9",), (), ((1, 2, 3),)))
    for narrow in (False, True):
        drawn = disease_picture(Picture(hostile, hostile, 2, (panel, other)), "/base/", narrow)
        ElementTree.fromstring(drawn)  # noqa: S314 - our own
        assert "<script" not in drawn
        assert 'href="/base/concepts/x%2Fy"' in drawn
        assert f'class="disease {"narrow" if narrow else "wide"}-plot"' in drawn


def test_short_items_stand_two_abreast_on_a_phone_and_an_arrow_joins_the_middles() -> None:
    panels = tuple(
        Panel(name, name, "x", 0, column, 1, to, (), tuple(Item(f"{name}{n}", words, "outcome", 3) for n in range(3)),
              Drawing((), (), ()))
        for name, column, words, to in (("one", 0, "short", ("two",)), ("two", 1, "words that need a line", ()))
    )  # fmt: skip
    picture = Picture("Title", "Text", 2, panels)
    narrow = ElementTree.fromstring(disease_picture(picture, "/", True))  # noqa: S314 - our own
    places = [[link.find(f"{SVG}rect") for link in group.iter(f"{SVG}a") if link.get("aria-label")]
              for group in narrow.findall(f"{SVG}g")[1:]]  # fmt: skip
    rows = [[float(box.get("y") or 0) for box in boxes if box is not None] for boxes in places]
    assert [len(set(heights)) for heights in rows] == [2, 3]
    wide = ElementTree.fromstring(disease_picture(picture, "/"))  # noqa: S314 - our own
    box = next(box for box in wide.iter(f"{SVG}rect") if box.get("class") == "box")
    (arrow,) = (path.get("d") or "" for path in wide.iter(f"{SVG}path") if path.get("class") == "leads")
    x, y, to = map(float, re.findall(r"M([\d.]+) ([\d.]+)H([\d.]+)", arrow)[0])
    left, top, width, height = (float(box.get(name) or 0) for name in ("x", "y", "width", "height"))
    assert y == top + height / 2
    assert left + width < x < to
