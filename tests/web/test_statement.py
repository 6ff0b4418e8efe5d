"""The printed statement: sessions by card, totals, refunds, and what a reader must know of them."""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from chargepoint.core.facts import Token
from chargepoint.web.api import routes
from chargepoint.web.http import Failed, Request
from chargepoint.web.statement import mark_of
from tests.web.fake_station import FakeControls, bill

NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
MINE, COMPANY = Token("04A1B2C3D4E5F6", "ISO14443"), Token("04FFEEDD", "ISO14443")


@pytest.fixture
def controls() -> FakeControls:
    async def made() -> FakeControls:
        return FakeControls()

    return asyncio.run(made())


Put = Callable[..., None]


@pytest.fixture
def session(controls: FakeControls) -> Put:
    def put(name: str, token: Token | None, day: int, wh: float | None, **more: Any) -> None:
        began = NOVEMBER + timedelta(days=day - 1, hours=8)
        done = {"ended_at": began + timedelta(minutes=95), "energy_wh": wh, "end_wh": 1000.0 + (wh or 0)}
        controls.journal.known[name] = bill(name, 1, token, began, 1000.0) | done | more

    return put


def printed(controls: FakeControls, **query: str) -> str:
    async def ask() -> str:
        handler, parts = routes(controls).find("GET", "/sessions/print")
        answer = await handler(Request({"from": "2026-11", "to": "2026-11"} | query, b"", parts))
        assert answer.content_type == "text/html; charset=utf-8"
        return answer.body.decode()

    return asyncio.run(ask())


class Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag in ("title", "tr", "h1", "h2", "dd", "li", "p"):
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.lines[-1] += ("|" if self.lines[-1] else "") + data.strip()


def lines(page: str) -> list[str]:
    """Rows and paragraphs as they are read; every element that is opened is closed."""
    text = Text()
    text.feed(page)
    assert text.open == []
    return text.lines


def test_each_card_has_its_sessions_oldest_first_and_their_total(controls: FakeControls, session: Put) -> None:
    session("a", MINE, 3, 7400.0)
    session("b", COMPANY, 4, 11000.0)
    session("c", MINE, 5, 22123.4)
    session("d", MINE, 31, 5.0)  # of December
    told = lines(printed(controls))
    start = told.index("Card …E5F6")
    assert told[start + 2 : start + 5] == [
        "2026-11-03 08:00|09:35|1:35|1|1.000|8.400|7.400",
        "2026-11-05 08:00|09:35|1:35|1|1.000|23.123|22.123",
        "Total of 2 sessions|29.523",
    ]
    assert "Card …EEDD" in told[start + 5 :]
    assert "Period|2026-11-01 – 2026-11-30" in told


def test_the_card_is_whole_where_that_is_asked_for(controls: FakeControls, session: Put) -> None:
    session("a", MINE, 3, 7400.0)
    assert MINE.value not in printed(controls)
    assert "Card 04A1B2C3D4E5F6" in printed(controls, cards="whole")


def test_one_card_alone_whatever_its_letters(controls: FakeControls, session: Put) -> None:
    session("a", MINE, 3, 7400.0)
    session("b", COMPANY, 4, 11000.0)
    page = printed(controls, card="04ffeedd")
    assert ("…EEDD" in page, "…E5F6" in page) == (True, False)


def test_a_refund_adds_up_on_paper(controls: FakeControls, session: Put) -> None:
    """Three sessions of 1.005 kWh at 1 EUR: each 1.01, and so their sum 3.03."""
    for name in "abc":
        session(name, MINE, 3, 1005.0)
    told = lines(printed(controls, price="1,00", currency="EUR"))
    assert "Total of 3 sessions|3.015|3.03 EUR" in told
    assert "Refunded at 1.00 EUR per kWh, each session rounded to a hundredth." in told


def test_costs_are_summed_by_currency_and_what_is_not_final_is_in_parentheses(
    controls: FakeControls, session: Put
) -> None:
    session("a", MINE, 3, 1000.0, cost="1.10 EUR", cost_final=True)
    session("b", MINE, 4, 1000.0, cost="2.00 EUR", cost_final=False)
    session("c", MINE, 5, 1000.0, cost="3.00 CHF", cost_final=True)
    told = lines(printed(controls))
    assert "Total of 3 sessions|3.000|3.10 EUR, 3.00 CHF" in told
    assert any(line.endswith("|(2.00 EUR)") for line in told)
    assert any(line.startswith("Costs in parentheses") for line in told)


def test_a_session_that_runs_is_said_and_not_counted(controls: FakeControls, session: Put) -> None:
    session("a", MINE, 3, None, ended_at=None)
    told = lines(printed(controls))
    assert "No session ended in this time." in told
    assert "1 sessions still run and are not included." in told


def test_a_time_that_is_not_known_to_be_right_is_marked(controls: FakeControls, session: Put) -> None:
    session("a", MINE, 3, 1000.0, clock="unknown")
    session("b", MINE, 4, 1000.0, clock="corrected")
    told = lines(printed(controls))
    assert [line[:4] for line in told if line.startswith(("≈ 20", "2026-11-04"))] == ["≈ 20", "2026"]
    assert any(line.startswith("≈: the station's clock") for line in told)


def test_signed_values_are_named_by_their_marks(controls: FakeControls, session: Put) -> None:
    session("a", MINE, 3, 1000.0, signed=True)
    controls.journal.signed["a"] = {"Transaction.Begin": ("OCMF|b", ""), "Transaction.End": ("OCMF|e", "")}
    told = lines(printed(controls))
    assert any(line.endswith(f"|{mark_of('OCMF|b')}|{mark_of('OCMF|e')}") for line in told)


def test_what_a_card_is_called_is_text_and_nothing_else(controls: FakeControls, session: Put) -> None:
    session("a", Token("<script>&"), 3, 1000.0)
    page = printed(controls, cards="whole", currency="<b>", price="1")
    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;&amp;" in page


def test_no_script_no_style_of_its_own_and_nothing_from_elsewhere(controls: FakeControls, session: Put) -> None:
    session("a", MINE, 3, 1000.0)
    page = printed(controls)
    assert re.findall(r"<(script|style|img|iframe)|style=|https?:", page) == []


@pytest.mark.parametrize(
    ("language", "title"),
    [("de", "Aufstellung der Ladevorgänge"), ("fr", "Relevé des recharges"), ("ja", "充電明細書")],
)
def test_it_is_made_in_other_languages(controls: FakeControls, session: Put, language: str, title: str) -> None:
    session("a", MINE, 3, 1000.0, clock="unknown", signed=True)
    session("b", MINE, 4, None)
    page = printed(controls, lang=language, price="0.30", currency="EUR")
    assert f"<h1>{title}</h1>" in page
    assert f'<html lang="{language}">' in page
    assert "{" not in page


@pytest.mark.parametrize(
    "wrong",
    [{"price": "much"}, {"price": "-1"}, {"price": "NaN"}, {"lang": "tlh"}, {"currency": "x" * 9}, {"from": "soon"}],
)
def test_what_makes_no_sense_is_refused(controls: FakeControls, wrong: dict[str, str]) -> None:
    with pytest.raises(Failed):
        printed(controls, **wrong)
