"""Every setting there is, once, by topic. Constants bear the name of the 1.6 key, else the 2.x variable.

A row is here because something reads it, or because OCPP requires a station to tell it (read-only capabilities).
Sources: OCPP 1.6 edition 2 chapter 9 with errata 4.0, OCPP 2.0.1 part 2 edition 3 chapter "Referenced components and
variables" with errata to 2025-09, security whitepaper edition 3. Defaults are ours: OCPP demands hardly any.
"""

# ruff: noqa: F403  (a topic's rows are all that it has to give)

from __future__ import annotations

from chargepoint.core.catalogue import (
    access,
    measuring,
    messages,
    security,
    signing,
    smart_charging,
    station,
    tariffs,
    transactions,
)
from chargepoint.core.catalogue.access import *
from chargepoint.core.catalogue.measuring import *
from chargepoint.core.catalogue.messages import *
from chargepoint.core.catalogue.security import *
from chargepoint.core.catalogue.signing import *
from chargepoint.core.catalogue.smart_charging import *
from chargepoint.core.catalogue.station import *
from chargepoint.core.catalogue.tariffs import *
from chargepoint.core.catalogue.transactions import *
from chargepoint.core.setting import Setting

TOPICS = (
    messages,
    access,
    transactions,
    measuring,
    signing,
    tariffs,
    smart_charging,
    station,
    security,
)
"""In the order in which settings are listed. A new topic is added here and among the imports above."""

ALL: tuple[Setting[object], ...] = tuple(
    row for topic in TOPICS for row in vars(topic).values() if isinstance(row, Setting)
)
