"""What an attempt to reach the back office uses, where what it needs is not there any more."""

from pathlib import Path

import pytest

from chargepoint.config import CsmsConfig
from chargepoint.core.catalogue import SECURITY_PROFILE
from chargepoint.core.network import Networks
from chargepoint.core.settings import Settings
from chargepoint.ocpp.endpoint import Endpoint
from chargepoint.ocpp.transport import LinkRefused
from chargepoint.security.access import StationAccess, means
from chargepoint.store.certificates import CertificateFiles


def test_a_raised_profile_whose_encrypted_address_was_taken_out_of_the_file_is_told() -> None:
    csms = CsmsConfig(url="ws://csms:9000/ocpp", identity="CP-1", security_profile=1, ca_file=Path("ca.pem"))
    settings = Settings({SECURITY_PROFILE.name: "2"})
    access = StationAccess(csms, Networks(settings, means(csms, None)), CertificateFiles())
    with pytest.raises(LinkRefused, match="add secure_url"):
        access.endpoint()


def test_the_password_is_not_shown_with_the_rest() -> None:
    assert "secret" not in repr(Endpoint(url="wss://csms/ocpp", identity="CP-1", password=b"secret"))
