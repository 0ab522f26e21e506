"""Bars of articles a year: which of them are pale."""

import re

from db.site.plots.bars import year_bars


def test_the_years_that_are_chosen_are_drawn_full_with_their_edges() -> None:
    drawn = year_bars(dict.fromkeys(range(2000, 2006), 1), "Articles a year", "intervention", chosen=(2001, 2003))
    pale = {name: re.findall(r"<title>(\d{4}):", group) for name, group in re.findall(r"<g ([^>]*)>(.*?)</g>", drawn)}
    assert sorted(pale.values()) == [["2000", "2004", "2005"], ["2001", "2002", "2003"]]
    assert next(years for name, years in pale.items() if "fill-opacity" in name) == ["2000", "2004", "2005"]
