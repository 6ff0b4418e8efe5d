"""The statement of a time, to be printed: sessions by card with their totals, what they cost or are refunded at, and
the marks by which each one's signed values are found again.

Made here and not by scripts, so that it is the same on paper, in a file and years later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from html import escape
from typing import Any

from chargepoint.core.terms import Token
from chargepoint.timewindow import TimeWindow
from chargepoint.web.controls import Controls
from chargepoint.web.sessions import duration_s
from chargepoint.web.statementwords import LANGUAGES, Words, words_in

Proofs = Mapping[str, Mapping[str, tuple[str, str]]]
"""By session: what the meter signed, by context."""

CENT, WH = Decimal("0.01"), Decimal(1000)
HIGHEST_PRICE = Decimal(1000)
MARK_DIGITS = 12
"""Of the SHA-256 of a signed value: enough that no other in the file has the same."""

END, BEGIN = "Transaction.End", "Transaction.Begin"


@dataclass(frozen=True, slots=True)
class Order:
    """What the statement is for. `price`: per kWh, where energy is refunded at one price whatever a session cost."""

    price: Decimal | None = None
    currency: str = ""
    card: str = ""  # only this one
    language: str = "en"


def asked(query: Mapping[str, str]) -> Order:
    """Raises ValueError with a sentence."""
    price: Decimal | None = None
    if text := query.get("price", ""):
        try:
            price = Decimal(text.replace(",", "."))
        except InvalidOperation:
            price = Decimal(-1)
        if not price.is_finite() or not 0 <= price < HIGHEST_PRICE:
            raise ValueError('"price" must be what a kWh is refunded at, such as 0.35')
    currency, language = query.get("currency", ""), query.get("lang", "en")
    if len(currency) > 8 or not currency.isprintable():
        raise ValueError('"currency" must be a few letters, such as EUR')
    if language not in LANGUAGES:
        raise ValueError(f'"lang" must be one of {", ".join(LANGUAGES)}')
    return Order(price, currency, query.get("card", ""), language)


def statement(
    controls: Controls, window: TimeWindow, sessions: Iterable[Mapping[str, Any]], proofs: Proofs, order: Order,
    *, masked: bool,
) -> str:  # fmt: skip
    """A whole HTML page. `sessions`: of the window, oldest first."""
    words = words_in(order.language)
    wanted = [each for each in sessions if not order.card or _is_card(each["token"], order.card)]
    done = [each for each in wanted if each["energy_wh"] is not None]
    parts = [_head(controls, window, words)]
    for token, group in _by_card(done):
        parts.append(_section(words, order, _card(words, token, masked), group, proofs))
    if not done:
        parts.append(f'<p class="none">{escape(words.none)}</p>')
    parts.append(_notes(words, wanted, done, order))
    body = "\n".join(parts)
    return (
        f'<!DOCTYPE html>\n<html lang="{order.language}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(words.title)}</title>\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="stylesheet" href="/statement.css">\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n'
    )


def _is_card(token: Token | None, card: str) -> bool:
    return token is not None and token == Token(card)


def _by_card(sessions: Sequence[Mapping[str, Any]]) -> list[tuple[Token | None, list[Mapping[str, Any]]]]:
    """In the order of their first session."""
    groups: dict[Token | None, list[Mapping[str, Any]]] = {}
    for each in sessions:
        groups.setdefault(each["token"], []).append(each)
    return list(groups.items())


def _card(words: Words, token: Token | None, masked: bool) -> str:
    if token is None or not token.value:
        return words.no_card
    return f"{words.card} {token.masked if masked else token.value}"


def _head(controls: Controls, window: TimeWindow, words: Words) -> str:
    plate, csms = controls.config.station, controls.config.csms
    station = " ".join(part for part in (plate.vendor, plate.model) if part)
    facts = {
        words.station: station,
        words.serial: plate.serial_number,
        words.identity: csms.identity if csms is not None else "",
        words.period: _period(window, words),
        words.made: _minute(controls.clock.now().at),
    }
    rows = "\n".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items() if value)
    return f"<header>\n<h1>{escape(words.title)}</h1>\n<dl>\n{rows}\n</dl>\n</header>"


def _period(window: TimeWindow, words: Words) -> str:
    """Days, and the last one is in it."""
    since = _day(window.since) if window.since is not None else "…"
    if window.until is None:
        return f"{since} – …"
    last = datetime.fromtimestamp(window.until.timestamp() - 1).astimezone()
    return f"{since} – {_day(last)}"


def _section(words: Words, order: Order, card: str, sessions: Sequence[Mapping[str, Any]], proofs: Proofs) -> str:
    costs = [_cost(each, order) for each in sessions]
    has_costs, has_proofs = any(cost for cost in costs), any(each["id"] in proofs for each in sessions)
    heads = [words.began, words.ended, words.duration, words.evse, words.begin_kwh, words.end_kwh, words.energy]
    heads += [words.refund if order.price is not None else words.cost] if has_costs else []
    heads += [words.signed] if has_proofs else []
    rows = []
    for each, cost in zip(sessions, costs, strict=True):
        cells = _cells(each) + ([cost] if has_costs else [])
        rows.append(_row(cells, [*_mark(proofs.get(each["id"], {}))] if has_proofs else None))
    total_wh = sum((Decimal(str(each["energy_wh"])) for each in sessions), Decimal(0))
    ahead = f'<td colspan="6">{escape(words.total.format(count=len(sessions)))}</td>'
    tail = f'<td class="number">{_kwh(total_wh)}</td>'
    if has_costs:
        tail += f'<td class="number">{escape(_sum(sessions, order, total_wh))}</td>'
    if has_proofs:
        tail += "<td></td>"
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    lines = "\n".join(rows)
    return (
        f"<section>\n<h2>{escape(card)}</h2>\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{lines}\n</tbody>\n"
        f"<tfoot><tr>{ahead}{tail}</tr></tfoot>\n</table>\n</section>"
    )


def _cells(session: Mapping[str, Any]) -> list[str]:
    doubt = "≈ " if session.get("clock") == "unknown" else ""
    seconds = duration_s(session["started_at"], session["ended_at"]) or 0
    return [
        doubt + _minute(session["started_at"]),
        _end(session["started_at"], session["ended_at"]) if session["ended_at"] else "",
        f"{seconds // 3600}:{seconds // 60 % 60:02d}",
        str(session["evse"]),
        _kwh(session["begin_wh"]),
        _kwh(session["end_wh"]),
        _kwh(session["energy_wh"]),
    ]


def _row(cells: Sequence[str], marks: Sequence[str] | None) -> str:
    plain = "".join(
        f"<td{' class=number' if place >= 2 else ''}>{escape(cell)}</td>" for place, cell in enumerate(cells)
    )
    if marks is None:
        return f"<tr>{plain}</tr>"
    return f"<tr>{plain}<td class=mark>{'<br>'.join(map(escape, marks))}</td></tr>"


def _mark(signed: Mapping[str, tuple[str, str]]) -> Iterable[str]:
    """Begin, then end."""
    for context in (BEGIN, END):
        if context in signed:
            yield mark_of(signed[context][0])


def mark_of(value: str) -> str:
    """By which a signed value is found again in the file of all of them."""
    return hashlib.sha256(value.encode()).hexdigest()[:MARK_DIGITS]


def _cost(session: Mapping[str, Any], order: Order) -> str:
    if order.price is None:
        cost = session.get("cost") or ""
        return cost if not cost or session.get("cost_final") else f"({cost})"
    return _money(_refund(Decimal(str(session["energy_wh"])), order.price), order.currency)


def _sum(sessions: Sequence[Mapping[str, Any]], order: Order, total_wh: Decimal) -> str:
    """Of what is refunded the sum of the rows, so that it adds up on paper; of costs that sum in each currency."""
    if order.price is not None:
        rows = (_refund(Decimal(str(each["energy_wh"])), order.price) for each in sessions)
        return _money(sum(rows, Decimal(0)), order.currency)
    sums: dict[str, Decimal] = {}
    for each in sessions:
        figure, _, currency = (each.get("cost") or "").partition(" ")
        if figure:
            sums[currency] = sums.get(currency, Decimal(0)) + Decimal(figure)
    return ", ".join(_money(figure, currency) for currency, figure in sums.items())


def _refund(energy_wh: Decimal, price: Decimal) -> Decimal:
    return (energy_wh / WH * price).quantize(CENT, ROUND_HALF_UP)


def _money(figure: Decimal, currency: str) -> str:
    return " ".join(part for part in (str(figure), currency) if part)


def _notes(words: Words, wanted: Sequence[Mapping[str, Any]], done: Sequence[Mapping[str, Any]], order: Order) -> str:
    notes = [words.times.format(zone=_zone())]
    if order.price is not None:
        notes.append(words.price.format(price=_money(order.price, order.currency)))
    if len(done) < len(wanted):
        notes.append(words.running.format(count=len(wanted) - len(done)))
    if any(each.get("clock") == "unknown" for each in done):
        notes.append(words.doubtful)
    if order.price is None and any(each.get("cost") and not each.get("cost_final") for each in done):
        notes.append(words.provisional)
    if any(each.get("signed") for each in done):
        notes.append(words.proof.format(digits=MARK_DIGITS))
    lines = "\n".join(f"<li>{escape(note)}</li>" for note in notes)
    return f"<footer>\n<ul>\n{lines}\n</ul>\n</footer>"


def _kwh(wh: float | Decimal | None) -> str:
    return "" if wh is None else str((Decimal(str(wh)) / WH).quantize(Decimal("0.001"), ROUND_HALF_UP))


def _day(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d")


def _minute(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def _end(began: datetime, ended: datetime) -> str:
    """Without the day where it is that of the begin: a sheet of paper is narrow."""
    return f"{ended.astimezone():%H:%M}" if _day(began) == _day(ended) else _minute(ended)


def _zone() -> str:
    return datetime.now().astimezone().tzname() or "UTC"
