"""What each kind of certificate is for, in the words of OCPP 2.x; 1.6's security extension has others for two."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class Kind(StrEnum):
    CSMS_ROOT = "CSMSRootCertificate"  # whom the back office is believed by; 1.6: CentralSystemRootCertificate
    MANUFACTURER_ROOT = "ManufacturerRootCertificate"  # whom firmware is believed by
    V2G_ROOT = "V2GRootCertificate"  # of the vehicles' hierarchy (ISO 15118)
    MO_ROOT = "MORootCertificate"  # of those who bill vehicles (ISO 15118)
    STATION = "ChargingStationCertificate"  # with its chain: who this is; 1.6: ChargePointCertificate


SHELVES = ((Kind.CSMS_ROOT, Kind.MANUFACTURER_ROOT, Kind.STATION), (Kind.V2G_ROOT,), (Kind.MO_ROOT,))
"""Kinds that share the room of one store. Vehicles have very many roots: those must not keep out the back office's."""


def shelf(kind: Kind) -> Collection[Kind]:
    return next(kinds for kinds in SHELVES if kind in kinds)
