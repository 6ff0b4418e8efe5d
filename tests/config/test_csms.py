"""Where the station connects, by security profile."""

import pytest

from chargepoint.config import CsmsConfig
from chargepoint.config.csms import server


@pytest.mark.parametrize(
    ("url", "secure_url", "plain", "secure"),
    [
        ("ws://x/ocpp", "", "ws://x/ocpp", "wss://x/ocpp"),
        ("ws://x/ws://y", "", "ws://x/ws://y", "wss://x/ws://y"),
        ("ws://x:80/ocpp", "", "ws://x:80/ocpp", ""),  # which port takes encrypted links, nobody has said
        ("ws://x:80/ocpp", "wss://x:8443/s", "ws://x:80/ocpp", "wss://x:8443/s"),
        ("ws://x/ocpp", "wss://y/s", "ws://x/ocpp", "wss://y/s"),
        ("wss://x:443/ocpp", "", "", "wss://x:443/ocpp"),
        ("wss://x/ocpp", "wss://y/s", "", "wss://x/ocpp"),
    ],
)
def test_each_profile_has_its_address(url: str, secure_url: str, plain: str, secure: str) -> None:
    csms = CsmsConfig(url=url, secure_url=secure_url, identity="CP1")
    assert [server(csms, level) for level in range(4)] == [plain, plain, secure, secure]
