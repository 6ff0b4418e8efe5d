"""What logs and pages may show of a frame, field by field."""

from typing import Any

import pytest

from chargepoint.masking import masked


@pytest.mark.parametrize(
    ("frame", "shown"),
    [
        ({"idTag": "04A1B2C3"}, {"idTag": "…B2C3"}),
        ({"idTagInfo": {"parentIdTag": "FAMILY01"}}, {"idTagInfo": {"parentIdTag": "…LY01"}}),
        (
            {"idToken": {"idToken": "04A1B2C3D4E5F6", "type": "ISO14443"}},
            {"idToken": {"idToken": "…E5F6", "type": "ISO14443"}},
        ),
        (
            {"localAuthorizationList": [{"idTag": "04A1B2C3"}, {"idToken": {"idToken": "AABBCCDD", "type": "Local"}}]},
            {"localAuthorizationList": [{"idTag": "…B2C3"}, {"idToken": {"idToken": "…CCDD", "type": "Local"}}]},
        ),
        ({"key": "AuthorizationKey", "value": "736563"}, {"key": "AuthorizationKey", "value": "•••"}),
        ({"key": "authorizationkey", "value": "736563"}, {"key": "authorizationkey", "value": "•••"}),
        ({"key": "HeartbeatInterval", "value": "60"}, {"key": "HeartbeatInterval", "value": "60"}),
        (
            {
                "component": {"name": "SecurityCtrlr"},
                "variable": {"name": "BasicAuthPassword"},
                "attributeValue": "secret",
            },
            {
                "component": {"name": "SecurityCtrlr"},
                "variable": {"name": "BasicAuthPassword"},
                "attributeValue": "•••",
            },
        ),
        (
            {
                "connectionData": {
                    "basicAuthPassword": "a",
                    "apn": {"apnPassword": "b", "simPin": 1234},
                    "vpn": {"password": "c", "key": "d"},
                }
            },
            {
                "connectionData": {
                    "basicAuthPassword": "•••",
                    "apn": {"apnPassword": "•••", "simPin": "•••"},
                    "vpn": {"password": "•••", "key": "•••"},
                }
            },
        ),
        ({"location": "ftp://user:secret@host/path"}, {"location": "ftp://•••@host/path"}),
        ({"log": {"remoteLocation": "https://a:b@c/"}}, {"log": {"remoteLocation": "https://•••@c/"}}),
        ({"data": '{"idToken":"04A1B2C3","cost":1}'}, {"data": '{"idToken":"…B2C3","cost":1}'}),
        ({"value": '{"signedMeterData":"T0NNRg=="}'}, {"value": '{"signedMeterData":"•••"}'}),
        ({"text": "from ftp://a:b@c/x to ftp://d:e@f/"}, {"text": "from ftp://•••@c/x to ftp://•••@f/"}),
        ({"data": '{"password":"p","at":"ftp://a:b@c/"}'}, {"data": '{"password":"•••","at":"ftp://•••@c/"}'}),
        ({"data": '{"idToken"'}, {"data": '{"idToken"'}),
        ({"key": 7, "variable": "x", "vpn": "y", "idTag": 8}, {"key": 7, "variable": "x", "vpn": "y", "idTag": 8}),
    ],
)  # fmt: skip
def test_tokens_are_shortened_and_secrets_hidden(frame: Any, shown: Any) -> None:
    assert masked([2, "1", "Action", frame]) == [2, "1", "Action", shown]


def test_the_frame_itself_stays_as_it_was() -> None:
    frame = {"idTag": "04A1B2C3", "list": [{"key": "AuthorizationKey", "value": "x"}]}
    masked(frame)
    assert frame == {"idTag": "04A1B2C3", "list": [{"key": "AuthorizationKey", "value": "x"}]}
