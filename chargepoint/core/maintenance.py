"""What the back office may ask of a station's software: to renew its firmware, and to send its logs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Answer = Literal["Accepted", "AcceptedCanceled", "Rejected", "InvalidCertificate"]
"""To an update (OCPP 2.0.1 UpdateFirmwareStatusEnumType)."""

Kind = Literal["DiagnosticsLog", "SecurityLog"]


@dataclass(frozen=True, slots=True)
class Update:
    """What the back office asks for."""

    url: str
    retrieve_at: datetime
    install_at: datetime | None = None
    retries: int | None = None  # after the first try; None: as we like
    retry_interval_s: float | None = None
    request_id: int | None = None
    certificate: str | None = None  # PEM, of whoever signed it; None: an update that is not signed
    signature: str | None = None  # Base64
    brought: bool = False  # by somebody on site, as a file: the back office has not asked, and is told no steps
    at_once: bool = False  # without waiting for whoever charges

    @property
    def signed(self) -> bool:
        return self.certificate is not None


@dataclass(frozen=True, slots=True)
class Upload:
    """What the back office asks for."""

    kind: Kind
    url: str
    oldest: datetime | None = None
    latest: datetime | None = None
    retries: int | None = None  # after the first try; None: as we like
    retry_interval_s: float | None = None
    request_id: int | None = None  # None: 1.6's GetDiagnostics
