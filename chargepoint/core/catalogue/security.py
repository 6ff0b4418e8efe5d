"""Passwords, certificates, security profiles."""

from __future__ import annotations

from chargepoint.core.kinds import ONLY_1_6, READ_ONLY, boolean, integer, read_key, read_password, string
from chargepoint.core.setting import Coding, Setting

AUTHORIZATION_KEY: Setting[bytes] = Setting(
    name_1_6="AuthorizationKey",
    name_2_x="SecurityCtrlr.BasicAuthPassword",
    kind="string",
    default=b"",
    coding=Coding(bytes.fromhex, bytes.hex),
    coding_1_6=Coding(read_key, bytes.hex),
    coding_2_x=Coding(read_password, lambda key: key.decode("utf-8", "replace")),
    about="Password of the station at the back office: hexadecimal under its 1.6 name, plain under its 2.x name.",
    max_length=40,
    readable=False,
)
CPO_NAME = string("CpoName", "SecurityCtrlr.OrganizationName", "", "Operator named in certificates.", max_length=255)
SECURITY_PROFILE = integer(
    "SecurityProfile", "SecurityCtrlr.SecurityProfile", 0,
    "Security profile in use: 0 nothing, 1 password, 2 password and TLS, 3 TLS with certificates of both. It can only "
    "be raised.",
    maximum=3, writable=ONLY_1_6,
)  # fmt: skip
IDENTITY = string(
    None, "SecurityCtrlr.Identity", "", "The station's name at the back office.", max_length=48, writable=READ_ONLY
)
CERTIFICATE_ENTRIES = integer(
    None, "SecurityCtrlr.CertificateEntries", 0, "Certificates installed.", writable=READ_ONLY
)
ALLOW_CSMS_TLS_WILDCARDS = boolean(
    "AllowCentralSystemTLSWildcards", "SecurityCtrlr.AllowCSMSTLSWildcards", False,
    "Accept a server certificate whose name is a wildcard.",
)  # fmt: skip
