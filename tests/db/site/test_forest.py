"""The picture of reported estimates says what was compared: a panel a class of comparators, reviews apart."""

import sqlite3
from pathlib import Path
from xml.etree import ElementTree

import pytest

from db.evidence.effects.estimates import rank_estimates, read_estimates
from db.select.filter import ArticleFilter
from db.site.plots.forest import forest, panel_words, plotted
from tests.support.sites import Ask

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("narrow", [False, True])
def test_each_estimate_stands_in_the_panel_of_what_it_was_compared_with(evidence: Path, narrow: bool) -> None:
    with sqlite3.connect(evidence) as conn:
        ranked = rank_estimates(conn, ArticleFilter(), "intervention:nsaids", None, None)
        estimates = plotted(read_estimates(conn, ranked[:120]))
    assert {estimate.review for estimate in estimates} == {True, False}
    assert len({estimate.comparator_class for estimate in estimates}) > 2
    picture = ElementTree.fromstring(forest(estimates, "NSAIDs", "intervention", narrow))  # noqa: S314
    panels: dict[str, list[str]] = {}
    under = ""
    for element in picture.iter():
        if element.get("class") == "panel":
            under = "".join(element.itertext())
            assert under not in panels, "a panel is drawn once"
            panels[under] = []
        elif under and element.tag == f"{SVG}text":
            panels[under].append("".join(element.itertext()))
    for estimate in estimates:
        drawn = " | ".join(panels[panel_words(estimate)])
        assert estimate.study in drawn
        if estimate.comparator is not None:
            assert estimate.comparator[:20] in drawn
    assert all(name.startswith(("Studies, ", "Reviews, ")) for name in panels)


def test_the_file_that_people_download_has_the_panels_too(ask: Ask) -> None:
    answer = ask("/plots/effect.svg?intervention=intervention:nsaids")
    assert answer.text.count('class="panel"') > 1
    assert "Studies, against nothing or placebo" in answer.text
