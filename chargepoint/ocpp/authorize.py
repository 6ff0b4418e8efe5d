"""Asks the CSMS about a token, and does not keep the driver waiting for ever."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from chargepoint.core.facts import Token
from chargepoint.ocpp.calls import Kind
from chargepoint.ocpp.dialect import Verdict
from chargepoint.ocpp.line import NONSENSE, Line
from chargepoint.ocpp.services import NoAnswer, Payload

log = logging.getLogger(__name__)

PATIENCE_S = 10.0
"""Nobody holds a card longer; from then on the offline rules decide, until the answer comes after all."""


async def authorize(line: Line, token: Token, answered: Callable[[Verdict | None], None]) -> None:
    """Tell `answered` the verdict; or None when none came in time, and the verdict later if it comes."""

    def late(payload: Payload) -> None:
        verdict = _read(line, payload)
        if verdict is not None:
            answered(verdict)

    answer = line.ask(*line.dialect.phrases.authorize(token), Kind.OWN, urgent=True, when_late=late)
    await asyncio.wait({answer}, timeout=PATIENCE_S)
    impatient = not answer.done()
    if impatient:
        answered(None)
    try:
        verdict = _read(line, await answer)
    except NoAnswer as mistake:
        log.info("no answer about a token: %s", mistake)
        verdict = None
    if verdict is not None or not impatient:
        answered(verdict)


def _read(line: Line, payload: Payload) -> Verdict | None:
    try:
        return line.dialect.phrases.read_verdict(payload)
    except NONSENSE as mistake:
        log.warning("the answer about a token makes no sense: %r", mistake)
        return None
