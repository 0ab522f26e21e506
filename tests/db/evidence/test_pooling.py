"""Pooling against published numbers: metafor's documented examples, to the digits to which its own steps converge."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.evidence.effects.pooling import Study, cumulative, leave_one_out, pool, reml, t_quantile

#: BCG vaccine against tuberculosis, 13 trials (Colditz et al. 1994): year; cases and others, vaccinated and not.
_BCG = (
    (1948, 4, 119, 11, 128),
    (1949, 6, 300, 29, 274),
    (1960, 3, 228, 11, 209),
    (1977, 62, 13536, 248, 12619),
    (1973, 33, 5036, 47, 5761),
    (1953, 180, 1361, 372, 1079),
    (1973, 8, 2537, 10, 619),
    (1980, 505, 87886, 499, 87892),
    (1968, 29, 7470, 45, 7232),
    (1961, 17, 1699, 65, 1600),
    (1974, 186, 50448, 141, 27197),
    (1969, 5, 2493, 3, 2338),
    (1976, 27, 16886, 29, 17825),
)
#: What pupils' test scores owe to teachers' expectations, 19 studies (Raudenbush 1984): difference and its variance.
_EXPECTANCY = (
    (0.03, 0.0156), (0.12, 0.0216), (-0.14, 0.0279), (1.18, 0.1391), (0.26, 0.1362), (-0.06, 0.0106),
    (-0.02, 0.0106), (-0.32, 0.0484), (0.27, 0.0269), (0.80, 0.0630), (0.54, 0.0912), (0.18, 0.0497),
    (-0.02, 0.0835), (0.23, 0.0841), (-0.18, 0.0253), (-0.06, 0.0279), (0.30, 0.0193), (0.07, 0.0088),
    (-0.07, 0.0303),
)  # fmt: skip


def risk_ratio(year: int, a: int, b: int, c: int, d: int) -> Study:
    """A trial's logarithm of the risk ratio and its variance."""
    return Study(math.log(a / (a + b) / (c / (c + d))), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d), year=year)


BCG = [risk_ratio(*row) for row in _BCG]
EXPECTANCY = [Study(y, v) for y, v in _EXPECTANCY]


def test_the_random_effects_mean_of_the_bcg_trials() -> None:
    found = pool(BCG)
    assert found.k == 13
    assert found.mean == pytest.approx(-0.714532, abs=5e-7)
    assert found.tau2 == pytest.approx(0.3132, abs=5e-5)
    assert found.q == pytest.approx(152.2330, abs=5e-5)
    assert found.i2 == pytest.approx(92.2214, abs=5e-5)


def test_hartung_and_knapp_of_the_expectancy_studies() -> None:
    found = pool(EXPECTANCY)
    assert (round(found.mean, 4), round(found.tau2, 4)) == (0.0837, 0.0188)
    assert round(found.se, 4) == 0.0616
    assert found.mean / found.se == pytest.approx(1.3593, abs=1e-4)
    assert (round(found.low, 4), round(found.high, 4)) == (-0.0457, 0.2131)
    assert round(found.q, 4) == 35.8295


def test_leaving_out_each_bcg_trial() -> None:
    means = "-.7071 -.6540 -.6856 -.6284 -.7642 -.7109 -.6552 -.7948 -.7412 -.6530 -.7579 -.7598 -.7775"
    taus = ".3362 .2926 .3207 .2628 .3278 .3596 .2930 .2732 .3495 .2987 .3405 .3082 .3037"
    shares = "93.2259 92.2540 92.9354 90.4125 92.7634 90.9118 92.2777 87.0314 93.2133 92.2322 91.8110 92.6782 92.3444"
    found = leave_one_out(BCG)
    assert [entry.mean for entry in found] == pytest.approx([float(x) for x in means.split()], abs=5.1e-5)
    assert [entry.tau2 for entry in found] == pytest.approx([float(x) for x in taus.split()], abs=5.1e-5)
    assert [entry.i2 for entry in found] == pytest.approx([float(x) for x in shares.split()], abs=5.1e-4)


def test_the_bcg_trials_as_they_came() -> None:
    means = {
        1949: -1.325003, 1953: -0.97208, 1960: -1.001094, 1961: -1.101424, 1968: -0.973464, 1969: -0.901251,
        1973: -0.865607, 1974: -0.785211, 1976: -0.708206, 1977: -0.794768, 1980: -0.714532,
    }  # fmt: skip
    found = cumulative(BCG)
    assert [year for year, _ in found] == list(means)
    assert [entry.mean for _, entry in found] == pytest.approx(list(means.values()), abs=5e-6)


def test_the_prediction_interval_is_as_wide_as_its_parts_say() -> None:
    found = pool(BCG)
    assert found.prediction is not None
    half = (found.prediction[1] - found.prediction[0]) / 2
    assert half == pytest.approx(2.178813 * math.sqrt(found.se**2 + found.tau2), rel=1e-6)
    assert pool(BCG[:2]).prediction is None


@pytest.mark.parametrize(
    ("df", "value"),
    [(1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (5, 2.5706), (10, 2.2281), (12, 2.1788), (18, 2.1009),
     (30, 2.0423), (60, 2.0003), (120, 1.9799)],
)  # fmt: skip
def test_students_t_is_that_of_the_tables(df: int, value: float) -> None:
    assert t_quantile(df) == pytest.approx(value, abs=5e-5)


def test_studies_that_agree_get_no_narrower_interval_than_chance_allows() -> None:
    found = pool([Study(0.5, 0.04), Study(0.5, 0.04), Study(0.5, 0.04)])
    assert (found.tau2, found.se) == (0.0, pytest.approx(math.sqrt(0.04 / 3)))  # type: ignore[comparison-overlap]


def test_too_little_is_refused() -> None:
    for studies in ([], [Study(1, 1)], [Study(1, 1), Study(1, 0)]):
        with pytest.raises(ValueError, match="two studies"):
            pool(studies)
    assert leave_one_out(BCG[:2]) == []


studies_of_any_kind = st.lists(
    st.builds(Study, st.floats(-3, 3), st.floats(0.001, 2), st.just(""), st.integers(1990, 1995)),
    min_size=2,
    max_size=8,
)


@given(studies_of_any_kind, st.floats(-2, 2), st.randoms(use_true_random=False))
def test_order_does_not_matter_and_a_shift_shifts(studies: list[Study], shift: float, chance: object) -> None:
    found = pool(studies)
    moved = [Study(study.y + shift, study.v) for study in studies]
    chance.shuffle(moved)  # type: ignore[attr-defined]
    other = pool(moved)
    assert other.mean == pytest.approx(found.mean + shift, abs=1e-6)
    assert other.tau2 == pytest.approx(found.tau2, abs=1e-6)
    assert min(study.y for study in studies) - 1e-9 <= found.mean <= max(study.y for study in studies) + 1e-9


@given(studies_of_any_kind)
def test_no_other_variance_is_likelier(studies: list[Study]) -> None:
    def log_likelihood(tau2: float) -> float:
        weights = [1 / (study.v + tau2) for study in studies]
        mean = sum(w * study.y for w, study in zip(weights, studies, strict=True)) / sum(weights)
        fit = sum(w * (study.y - mean) ** 2 for w, study in zip(weights, studies, strict=True))
        return (sum(map(math.log, weights)) - math.log(sum(weights)) - fit) / 2

    best = reml(studies)
    for tau2 in (best * 0.98, best * 1.02, best + 0.001):
        assert log_likelihood(tau2) <= log_likelihood(best) + 1e-9
