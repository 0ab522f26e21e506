"""Estimates in the typography that journals use, and numbers that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.estimates import default_measure, find_estimates


def read(text: str, default: str | None = None) -> list[tuple[object, ...]]:
    return [(e.measure, e.value, e.low, e.high, e.p_value) for e in find_estimates(text, default) if e.measure]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(OR 2.1, 95% CI 1.2 to 3.4; p=0.01)", [("OR", 2.1, 1.2, 3.4, "0.01")]),
        ("odds ratio 0·42 (95% CI 0·20–0·88; p=0·02)", [("OR", 0.42, 0.2, 0.88, "0.02")]),
        ("aOR=0.14 (0.06-0.33)", [("OR", 0.14, 0.06, 0.33, None)]),
        ("hazard ratio, 1.8; 95% confidence interval, 1.1–2.9", [("HR", 1.8, 1.1, 2.9, None)]),
        ("hazard ratio [HR] 1.8 [95% CI 1.1, 2.9]", [("HR", 1.8, 1.1, 2.9, None)]),
        ("relative risk of 0.65 (95% CI: 0.53 to 0.79)", [("RR", 0.65, 0.53, 0.79, None)]),
        ("RR = .35, 95% CI = .12 to .98, P < .05", [("RR", 0.35, 0.12, 0.98, "<0.05")]),
        ("Prevalence ratios were 2.05 (95% CI 1.71–2.46)", [("RR", 2.05, 1.71, 2.46, None)]),
        ("mean difference −2.4° (95% CI −6.1 to 1.3)", [("MD", -2.4, -6.1, 1.3, None)]),
        ("mean difference −9.8 cm3; 95% CI, −18.1 to −1.5; P = .02", [("MD", -9.8, -18.1, -1.5, "0.02")]),
        ("MD −8.8 × 10³ mm³, 95% CI −17.1 to −0.5", [("MD", -8.8, -17.1, -0.5, None)]),
        ("SMD 0.31 (95% CrI 0.10 to 0.52)", [("SMD", 0.31, 0.1, 0.52, None)]),
        ("OR 1.7, 95% credible interval 1.1-2.6", [("OR", 1.7, 1.1, 2.6, None)]),
        ("(OR: 3.2; 95% confident interval: 1.4-7.1)", [("OR", 3.2, 1.4, 7.1, None)]),
        ("(odds ratio 0,48; 95% CI 0,24-0,97)", [("OR", 0.48, 0.24, 0.97, None)]),
        ("the hazard ratio was 1,8 (95% CI 1,1-2,9; p = 0,02)", [("HR", 1.8, 1.1, 2.9, "0.02")]),
        ("mean difference -1,2 (95% CI -2,1 to -0,3)", [("MD", -1.2, -2.1, -0.3, None)]),
        ("with more bone (OR 1.9)", [("OR", 1.9, None, None, None)]),
        ("pain at 2.1 (1.2-3.7); the mean difference was 1.4 (95% CI 0.3-2.4)", [("MD", 1.4, 0.3, 2.4, None)]),
        (
            "obesity (2.1; 1.2-3.7) and male sex (odds ratio 1.4; 95% CI 0.3-2.4)",
            [("OR", 2.1, 1.2, 3.7, None), ("OR", 1.4, 0.3, 2.4, None)],
        ),
    ],
)
def test_one_estimate(text: str, found: list[tuple[object, ...]]) -> None:
    assert read(text) == found


def test_an_interval_that_does_not_hold_its_value_is_left_out() -> None:
    assert read("OR 2.1 (95% CI 3.0 to 4.0)") == [("OR", 2.1, None, None, None)]


def test_a_list_of_ratios_keeps_the_measure_it_began_with() -> None:
    text = "male sex (odds ratio 2.05; 1.68-2.50), ankylosis (3.1; 1.2-8.0) and obesity (1.1; 0.7-1.6)"
    assert [(m, v) for m, v, *_ in read(text)] == [("OR", 2.05), ("OR", 3.1), ("OR", 1.1)]


def test_a_value_behind_two_shares_is_read_with_the_articles_measure() -> None:
    text = "Bleeding was more frequent with ibuprofen (2.5% v 1.1%; 2.20, 0.77 to 6.28)."
    assert read(text, "RR") == [("RR", 2.2, 0.77, 6.28, None)]
    assert read(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "The AUC was 0.81 (95% CI 0.74-0.88).",
        "Prevalence was 12% (95% CI 9 to 15%).",
        "kappa 0.72 (0.61-0.83)",
        "a mean age of 54 (range 21-80)",
        "in 12 (10-14) hips at 5, 2 to 9 years",
        "sensitivity 0.90 (95% CI 0.80-0.95)",
    ],
)
def test_other_numbers_are_no_estimates(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "adjusted"),
    [
        ("adjusted OR 2.1 (95% CI 1.2-3.4); crude OR 2.9 (95% CI 1.8-4.6)", [True, False]),
        ("unadjusted OR 2.9 (95% CI 1.8-4.6), adjusted OR 2.1 (95% CI 1.2-3.4)", [False, True]),
        ("unadjusted OR 2.9, adjusted OR 2.1 and OR 2.0", [False, True, None]),
        ("aOR 2.1 (95% CI 1.2-3.4), uOR 2.9 (95% CI 1.8-4.6), OR 2.5", [True, False, None]),
        ("OR 2.9 (crude), adjusted OR 2.1", [False, True]),
        ("HR 1.8 (adjusted), univariable HR 2.4, multivariable HR 1.7", [True, False, True]),
    ],
)
def test_adjusted_and_crude(text: str, adjusted: list[bool | None]) -> None:
    assert [estimate.adjusted for estimate in find_estimates(text)] == adjusted


@pytest.mark.parametrize(
    "text",
    ["OR 2.1% (95% CI 1.2-3.4)", "OR -0.4 (95% CI -1.2 to 0.3)", "OR 0", "a 100% reduction in the risk",
     "a 0% reduction in the risk", "1 times higher odds", "0.5 times the risk"],
)  # fmt: skip
def test_what_can_be_no_ratio_is_none(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize("interval", ["-0.2 to 4.0", "2.2 to 4.0", "0.2 to 1.7"])
def test_an_interval_that_cannot_be_that_of_a_ratio_is_left_out(interval: str) -> None:
    assert read(f"RR 1.9 (95% CI {interval})") == [("RR", 1.9, None, None, None)]


@pytest.mark.parametrize(
    ("text", "p_value"),
    [
        ("p = 3.2 × 10-4", "0.00032"),
        ("P = 1.5e-5", "0.000015"),
        ("p = 10-3", "0.001"),
        ("P &amp;lt; .05", "<0.05"),
        ("P &gt; .2", ">0.2"),
        ("p less than .05", "<0.05"),
        ("p value .04", "0.04"),
        ("p of 0.3", "0.3"),
        ("p = 1.0", "1.0"),
    ],
)
def test_p_values_in_every_typography(text: str, p_value: str) -> None:
    assert [estimate.p_value for estimate in find_estimates(f"HO was rarer ({text})")] == [p_value]


def test_p_values_that_stand_alone() -> None:
    found = find_estimates("HO was rarer with radiation (5% v 14%, P < .001) but pain was not (p = 0.4)")
    assert [(e.measure, e.p_value) for e in found] == [(None, "<0.001"), (None, "0.4")]


def test_the_articles_first_ratio() -> None:
    assert default_measure("Hazard ratios (HRs) and ORs were computed") == "HR"
    assert default_measure("HO was seen in 40 hips") is None


@given(
    st.sampled_from(["OR", "RR", "HR"]),
    st.floats(0.05, 9).map(lambda x: round(x, 2)),
    st.floats(0.05, 0.9).map(lambda x: round(x, 2)),
    st.sampled_from(["–", "-", " to ", ", "]),
    st.sampled_from([("(95% CI ", ")"), ("[95% CI: ", "]"), (", 95% confidence interval ", "")]),
)
def test_any_ratio_comes_back(measure: str, value: float, share: float, dash: str, bracket: tuple[str, str]) -> None:
    low, high = round(value * share, 2), round(value / share, 2)
    text = f"with HO ({measure} {value} {bracket[0]}{low}{dash}{high}{bracket[1]})."
    assert read(text) == [(measure, value, low, high, None)]


@given(st.text(alphabet="0123456789.,-–()[]%;: pPORCI<=>", max_size=120))
def test_noise_is_read_in_order_and_in_place(text: str) -> None:
    found = find_estimates(text)
    assert [e.start for e in found] == sorted(e.start for e in found)
    assert all(0 <= e.start < e.end <= len(text) for e in found)


@pytest.mark.parametrize(
    ("text", "estimate"),
    [
        ("men had 2.5 times higher odds of HO", ("OR", 2.5, None, None)),
        ("a threefold risk was seen", ("RR", 3.0, None, None)),
        ("HO was 4 times as frequent", ("RR", 4.0, None, None)),
        ("a 57% reduction (95% CI 51%-63%) in the risk of HO", ("RR", 0.43, 0.37, 0.49)),
        ("a 30% decrease in the odds", ("OR", 0.7, None, None)),
        ("3 times daily", None),
        ("a 40% reduction in volume", None),
        ("OR 2.5 (95% CI 1.2-4.1), 2.5 times higher odds", ("OR", 2.5, 1.2, 4.1)),
    ],
)
def test_ratios_in_words(text: str, estimate: tuple[str, float, float | None, float | None] | None) -> None:
    found = [(e.measure, e.value, e.low, e.high) for e in find_estimates(text) if e.measure]
    assert found[:1] == ([estimate] if estimate else [])


@pytest.mark.parametrize("unit", ["per 10 minutes", "per day", "per 5 years"])
def test_a_unit_that_a_ratio_is_told_of_is_not_its_value(unit: str) -> None:
    [found] = find_estimates(f"HO came with longer operations (1.05 {unit}; 1.01-1.09), whereas age did not", "OR")
    assert (found.measure, found.value, found.low, found.high) == ("OR", 1.05, 1.01, 1.09)
