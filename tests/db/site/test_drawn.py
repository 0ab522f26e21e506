"""Pictures draw what they are given: places on the axis, ends beyond it, sizes, words; nothing of it is markup."""

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from db.evidence.effects.estimates import ReportedEstimate
from db.site.plots.bars import year_bars
from db.site.plots.forest import adjusted_words, forest, interval_words, panel_words, plotted
from db.site.plots.svg import element, number, shortened, text

SVG = "{http://www.w3.org/2000/svg}"
ONE = ReportedEstimate(
    1, 7, "Li W", 2016, False, "cohort", "3", 1234, "a", "aspirin", "p", "pain", "placebo", "none or placebo",
    "decreases", "OR", 1.0, 0.5, 2.0, None, None, "A sentence.",
)  # fmt: skip


def drawn(*estimates: ReportedEstimate, narrow: bool = False, **options: Any) -> ElementTree.Element:
    return ElementTree.fromstring(forest(estimates, "Name", narrow=narrow, **options))  # noqa: S314 - our own


def texts(picture: ElementTree.Element) -> list[str]:
    return ["".join(one.itertext()) for one in picture.iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("value", "low", "high", "ends"),
    [
        (1.0, 0.5, 2.0, ("0.5", "2")), (1.0, 0.49, 2.0, ("0.2", "2")), (1.0, 0.5, 2.01, ("0.5", "5")),
        (1.0, 0.2, 5.0, ("0.2", "5")), (0.1, 0.05, 0.4, ("0.05", "2")), (300.0, 100.0, 999.0, ("0.5", "1000")),
        (1.0, 0.001, 5000.0, ("0.01", "1000")),
    ],
)  # fmt: skip
def test_the_axis_holds_every_interval_between_its_ends(
    value: float, low: float, high: float, ends: tuple[str, str]
) -> None:
    picture = drawn(replace(ONE, value=value, ci_low=low, ci_high=high))
    described = picture.findtext(f"{SVG}desc") or ""
    assert f"from {ends[0]} to {ends[1]}," in described
    assert "Forest plot of 1 reported ratios" in described
    arrows = [one for one in picture.iter(f"{SVG}path") if one.get("fill") == "none"]
    assert len(arrows) == (low < 0.01) + (high > 1000)
    assert texts(picture).count("1") == 2  # above and below


def test_an_axis_has_a_tick_at_one_two_and_five_of_each_power_of_ten() -> None:
    found = texts(drawn(replace(ONE, value=1.0, ci_low=0.21, ci_high=49.0)))
    assert [words for words in found if re.fullmatch(r"[\d.]+", words)][::2] == [
        "0.2",
        "0.5",
        "1",
        "2",
        "5",
        "10",
        "20",
        "50",
    ]


def test_an_estimate_stands_at_its_place_on_a_logarithmic_axis() -> None:
    picture = drawn(ONE, replace(ONE, value=0.5, ci_low=None, ci_high=None), replace(ONE, value=2.0, ci_low=1.9))
    squares = [one for one in picture.iter(f"{SVG}rect") if (one.get("class") or "").startswith("mark")]
    middles = [float(one.get("x") or 0) + float(one.get("width") or 0) / 2 for one in squares]
    assert middles == pytest.approx([743, 596, 890], abs=0.1)  # the middle, the low and the high end of the axis
    assert [one.get("class") for one in squares] == ["mark fill", "mark hollow", "mark fill"]
    assert [one.get("width") for one in squares] == ["7.4", "6", "13"]
    line = next(one for one in picture.iter(f"{SVG}line") if one.get("class") == "one")
    assert line.get("x1") == line.get("x2") == "743"
    bounds = [(one.get("x1"), one.get("x2")) for one in picture.iter(f"{SVG}line") if one.get("class") == "mark"]
    assert ("596", "890") in bounds


@pytest.mark.parametrize("narrow", [False, True])
def test_each_estimate_is_said_in_words(narrow: bool) -> None:
    retracted = replace(
        ONE, retracted=True, subject_id="b", subject="naproxen", study_design=None, sample_size=None, adjusted=True,
        comparator=None, year=None,
    )  # fmt: skip
    picture = drawn(ONE, retracted, narrow=narrow)
    said = " | ".join(texts(picture))
    titles = ["".join(one.itertext()) for one in picture.iter(f"{SVG}title")]
    assert titles[1:] == [
        "Li W 2016, aspirin v placebo: OR 1.00 (0.50–2.00), not stated; cohort",
        "RETRACTED: Li W n.d., naproxen v (not read): OR 1.00 (0.50–2.00), adjusted; design not stated",
    ]
    for part in ("OR 1.00 (0.50–2.00)", "cohort, n 1\u202f234", "design not stated", "RETRACTED: Li W n.d., naproxen"):
        assert part in said
    assert ("study" in texts(picture)) == (not narrow)
    alone = [one for one in texts(drawn(ONE, narrow=narrow)) if "Li W" in one]
    assert all("aspirin" not in one for one in alone)
    assert picture.get("width") == ("360" if narrow else "1220")


def test_a_risk_factor_is_compared_with_nothing() -> None:
    factor = replace(ONE, comparator_class=None, comparator=None)
    assert panel_words(factor) == "Studies, risk factor"
    assert panel_words(replace(factor, study_design="meta-analysis")) == "Reviews, risk factor"
    assert not any(one.startswith("v ") for one in texts(drawn(factor)))


def test_what_is_no_ratio_is_left_out_and_nothing_is_said() -> None:
    others = [replace(ONE, measure="MD"), replace(ONE, value=0.0), replace(ONE, measure=None), replace(ONE, value=-1.0)]
    assert plotted([*others, ONE]) == [ONE]
    assert "no ratio stated in any of these abstracts" in texts(drawn(*others))
    assert "no ratio stated in any of these abstracts" not in texts(drawn(ONE))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "1.00 (0.50–2.00)"), ({"ci_low": None}, "1.00"), ({"value": 0.0123, "ci_low": 0.005, "ci_high": 0.1},
         "0.0123 (0.005–0.10)"),
        ({"measure": "MD", "value": -2.5, "ci_low": -4.0, "ci_high": -1.0}, "−2.50 (−4.00 to −1.00)"),
        ({"value": 1234.5, "ci_low": 1000.0, "ci_high": 2000.0}, "1\u202f234.50 (1\u202f000.00–2\u202f000.00)"),
    ],
)  # fmt: skip
def test_an_interval_is_written_as_readers_write_it(values: dict[str, Any], words: str) -> None:
    assert interval_words(replace(ONE, **values)) == words


def test_whether_an_estimate_was_adjusted_is_said() -> None:
    said = [adjusted_words(replace(ONE, adjusted=value)) for value in (True, False, None)]
    assert said == ["adjusted", "unadjusted", "not stated"]


def test_words_of_a_picture_are_escaped_cut_and_hold_no_sign_that_xml_cannot() -> None:
    assert text(1, 2, "a<b>&\x00\x9f\ud800\ufffe") == '<text x="1" y="2">a&lt;b&gt;&amp;    </text>'
    assert (
        element("a", "", title='"<x>"', rx=None, stroke_width=1.5)
        == '<a title="&quot;&lt;x&gt;&quot;" stroke-width="1.5"/>'
    )
    assert [number(value) for value in (1.0, 0.0, 1.256, -0.5)] == ["1", "0", "1.26", "-0.5"]
    assert shortened("abcdef", 0.56 * 10 * 6, 10) == "abcdef"
    assert shortened("abc def", 0.56 * 10 * 5, 10) == "abc…"
    hostile = replace(ONE, authors="<script>", subject="<b>", comparator="<i>", study_design="<u>")
    for narrow in (False, True):
        assert not re.search("<(script|b|i|u)>", forest([hostile], "<script>", narrow=narrow))


def test_bars_of_years_stand_in_their_order_and_link() -> None:
    picture = ElementTree.fromstring(  # noqa: S314 - our own
        year_bars({2001: 10, 2003: 1}, "Articles a year", "outcome", {2001: "/a?x=1&y=2"})
    )
    bars = list(picture.iter(f"{SVG}rect"))
    assert [one.get("x") for one in bars] == ["0", "106.67"]
    assert [one.get("height") for one in bars] == ["92", "9.2"]
    assert [one.get("y") for one in bars] == ["7", "89.8"]
    assert [one.text for one in picture.iter(f"{SVG}title")] == [
        "Articles a year", "2001: 10 articles", "2003: 1 article",
    ]  # fmt: skip
    assert [one.get("href") for one in picture.iter(f"{SVG}a")] == ["/a?x=1&y=2"]
    assert picture.findtext(f"{SVG}desc") == "Articles a year from 2001 to 2003, at most 10 in one year."
    assert texts(picture) == ["2001", "2003"]
    assert texts(ElementTree.fromstring(year_bars({2001: 1}, "x", "site"))) == ["2001"]  # noqa: S314 - our own
    assert year_bars({}, "x", "site") == ""
