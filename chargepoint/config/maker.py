"""How the maker of a station is reached: the factory file says it, and the configuration cannot change it."""

from __future__ import annotations

from dataclasses import dataclass

from hw.discovery import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """How the maker is reached, and for how long."""

    address: str = option("", help="postal address, for the label")
    page: str = option(
        "", help="address of the station's page, for the label; {host_name} and {serial_number} in it stand for its own"
    )
    security_contact: str = option("", help="for reports of weak points: https://, mailto: or tel: (RFC 9116)")
    security_policy: str = option("", help="https:// address of what you do with such a report")
    support_until: str = option("", help="day until which there are security updates, such as 2031-12-31")


MAKER = Maker()
"""Of a station whose maker has left no word."""
