"""The figures of docs/pilot-sampling.md come from the command it names, and hold what the page says."""

import pytest

from bench import sampling
from bench.sampling import BEGIN, END, FILE, HELD_UP, OFFERS_A, SPACINGS_US, cell, markdown, opening_ms, renewed


def test_the_page_has_its_tables_in_it() -> None:
    page = FILE.read_text(encoding="utf-8")
    figures = page.partition(BEGIN)[2].partition(END)[0]

    assert figures.count("\n| 6 A |") == 7
    assert renewed(page, figures.strip()) == page


@pytest.mark.parametrize("amps", [6, 32, 80])
def test_no_reading_is_wrong_and_no_verdict_comes_too_late(amps: float) -> None:
    found = cell(amps, 42, HELD_UP, bursts=300, runs=2)

    assert (found.bursts, found.wrong) == (600, 0)
    assert found.longest < 3
    assert found.off < 0.05
    assert found.no_diode <= 10


@pytest.mark.parametrize("spacing_us", [SPACINGS_US[0], SPACINGS_US[-1]])
def test_opening_stays_below_the_budget(spacing_us: float) -> None:
    assert max(opening_ms(6, spacing_us, HELD_UP, changes=40)) < 50


def test_the_same_seed_gives_the_same_figures() -> None:
    assert opening_ms(OFFERS_A[0], 42, HELD_UP, changes=5) == opening_ms(OFFERS_A[0], 42, HELD_UP, changes=5)


def test_a_table_is_markdown() -> None:
    assert markdown(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
    assert sampling.independent().count("\n") == len(OFFERS_A) + 1
