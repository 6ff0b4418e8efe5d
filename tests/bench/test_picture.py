"""The histogram of reaction times shows every sample, in its place."""

from xml.etree import ElementTree

from bench.picture import BUDGET_MS, TITLES, counts, histogram
from bench.results import Measured
from tests.bench.test_budgets import PROMISED

SVG = "{http://www.w3.org/2000/svg}"


def test_every_sample_falls_into_a_bin_and_the_slowest_into_the_last() -> None:
    found = counts([0.0, 1.9, 2.0, 29.0, 59.9, 1000.0])

    assert (found[0], found[1], found[14], found[29]) == (2, 1, 1, 2)
    assert sum(found) == 6


def test_there_is_a_row_for_each_reaction_with_its_figures_and_none_for_anything_else() -> None:
    measured = [
        Measured("guard.idle", [10.0, 20.0, 30.5]),
        Measured("pilot.cpu", [6.0]),
        Measured("pilot.idle", [25.0]),
    ]

    picture = ElementTree.fromstring(histogram(measured, "a <machine>"))

    texts = [text.text for text in picture.iter(f"{SVG}text")]
    assert "3 samples, median 20.0, worst 30.5" in texts
    assert "a <machine>" in texts
    assert TITLES["guard.idle"] in texts
    assert TITLES["pilot.idle"] in texts
    assert len(list(picture.iter(f"{SVG}rect"))) == 4


def test_it_has_a_title_for_every_reaction_that_has_a_budget() -> None:
    reactions = {
        name for name, (budget, _) in PROMISED.items() if name[:5] in ("guard", "pilot") and budget == BUDGET_MS
    }

    assert set(TITLES) == reactions
