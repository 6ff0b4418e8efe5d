"""One catalogue, two families of names, and whose word counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.core import catalogue
from chargepoint.core.catalogue import (
    ALL,
    ALLOW_CSMS_TLS_WILDCARDS,
    AUTHORIZATION_KEY,
    BLINK_REPEAT,
    CONNECTOR_PHASE_ROTATION,
    DATE_TIME,
    GET_CONFIGURATION_MAX_KEYS,
    HEARTBEAT_INTERVAL,
    LOCAL_PRE_AUTHORIZE,
    MASTER_PASS_GROUP_ID,
    MESSAGE_TIMEOUT,
    METER_VALUE_SAMPLE_INTERVAL,
    METER_VALUES_SAMPLED_DATA,
    MINIMUM_STATUS_DURATION,
    NUMBER_OF_CONNECTORS,
    SUPPORTED_FEATURE_PROFILES,
    TIME_SOURCE,
    TX_ENDED_INTERVAL,
    TX_START_POINT,
    UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT,
    WEB_SOCKET_PING_INTERVAL,
)
from chargepoint.core.setting import Names, Setting
from chargepoint.core.settings import Settings
from chargepoint.core.settingsfile import check_file

OLD, NEW = Names.OCPP_1_6, Names.OCPP_2_X
PASSWORD = "correct horse battery"


@pytest.fixture
def settings() -> Settings:
    return Settings()


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["HeartbeatInterval", "heartbeatinterval", "OCPPCommCtrlr.HeartbeatInterval"])
def test_a_setting_is_found_under_either_name_in_any_case(settings: Settings, name: str) -> None:
    assert settings.find(name) is HEARTBEAT_INTERVAL


def test_a_back_office_of_one_version_does_not_see_the_names_of_the_other(settings: Settings) -> None:
    assert settings.find("HeartbeatInterval", OLD) is HEARTBEAT_INTERVAL
    assert settings.find("OCPPCommCtrlr.HeartbeatInterval", OLD) is None
    assert settings.find("HeartbeatInterval", NEW) is None
    assert settings.find("ocppcommctrlr.heartbeatinterval", NEW) is HEARTBEAT_INTERVAL
    assert settings.find("TxCtrlr.TxStartPoint", OLD) is None
    assert settings.find("NoSuchKey") is None


def test_a_variable_is_taken_apart_for_2_x() -> None:
    assert (MESSAGE_TIMEOUT.component, MESSAGE_TIMEOUT.variable, MESSAGE_TIMEOUT.instance) == (
        "OCPPCommCtrlr", "MessageTimeout", "Default",
    )  # fmt: skip
    assert (HEARTBEAT_INTERVAL.component, HEARTBEAT_INTERVAL.variable, HEARTBEAT_INTERVAL.instance) == (
        "OCPPCommCtrlr", "HeartbeatInterval", None,
    )  # fmt: skip


def test_each_family_lists_only_what_it_has_a_name_for(settings: Settings) -> None:
    old, new = list(settings.known_as(OLD)), list(settings.known_as(NEW))
    assert NUMBER_OF_CONNECTORS in old
    assert NUMBER_OF_CONNECTORS not in new
    assert TX_START_POINT in new
    assert TX_START_POINT not in old
    assert set(old) | set(new) == set(settings)


def test_no_name_means_two_settings() -> None:
    names = [name.casefold() for row in ALL for name in row.names if name]
    assert len(set(names)) == len({(name, row) for row in ALL for name in map(str.casefold, row.names)})


def test_constants_are_named_after_their_setting() -> None:
    """`known.STOP_TXN_SAMPLED_DATA` is StopTxnSampledData: nobody has to look a constant up."""
    for constant, row in vars(catalogue).items():
        if isinstance(row, Setting) and row.name_1_6 and row.name_1_6 != "AllowCentralSystemTLSWildcards":
            assert constant.replace("_", "").casefold() == row.name_1_6.replace(",", "").casefold()


REQUIRED_1_6 = [
    "AuthorizeRemoteTxRequests",
    "ClockAlignedDataInterval",
    "ConnectionTimeOut",
    "ConnectorPhaseRotation",
    "GetConfigurationMaxKeys",
    "HeartbeatInterval",
    "LocalAuthorizeOffline",
    "LocalPreAuthorize",
    "MeterValuesAlignedData",
    "MeterValuesSampledData",
    "MeterValueSampleInterval",
    "NumberOfConnectors",
    "ResetRetries",
    "StopTransactionOnEVSideDisconnect",
    "StopTransactionOnInvalidId",
    "StopTxnAlignedData",
    "StopTxnSampledData",
    "SupportedFeatureProfiles",
    "TransactionMessageAttempts",
    "TransactionMessageRetryInterval",
    "UnlockConnectorOnEVSideDisconnect",
]


@pytest.mark.parametrize("key", REQUIRED_1_6)
def test_every_key_that_1_6_core_demands_exists(settings: Settings, key: str) -> None:
    row = settings.find(key, OLD)
    assert row is not None
    read_only = key in ("GetConfigurationMaxKeys", "NumberOfConnectors", "SupportedFeatureProfiles")
    assert row.writable_as(OLD) is not read_only


REQUIRED_2_X = {  # controller: variables; a star marks read-only ones (2.0.1 part 2, appendix, required = yes)
    "AlignedDataCtrlr": "Interval Measurands TxEndedInterval TxEndedMeasurands",
    "SampledDataCtrlr": "TxEndedInterval TxEndedMeasurands TxStartedMeasurands TxUpdatedInterval TxUpdatedMeasurands",
    "AuthCtrlr": "AuthorizeRemoteStart LocalAuthorizeOffline LocalPreAuthorize",
    "ClockCtrlr": "*DateTime TimeSource",
    "DeviceDataCtrlr": "*BytesPerMessage[GetReport] *BytesPerMessage[GetVariables] *BytesPerMessage[SetVariables] "
    "*ItemsPerMessage[GetReport] *ItemsPerMessage[GetVariables] *ItemsPerMessage[SetVariables]",
    "OCPPCommCtrlr": "*ActiveNetworkProfile *FileTransferProtocols *MessageTimeout[Default] "
    "MessageAttemptInterval[TransactionEvent] MessageAttempts[TransactionEvent] NetworkConfigurationPriority "
    "NetworkProfileConnectionAttempts OfflineThreshold ResetRetries UnlockOnEVSideDisconnect",
    "SecurityCtrlr": "*CertificateEntries OrganizationName *SecurityProfile",
    "TxCtrlr": "EVConnectionTimeOut StopTxOnEVSideDisconnect StopTxOnInvalidId TxStartPoint TxStopPoint",
}


@pytest.mark.parametrize(
    ("component", "variable"), [(c, v) for c, row in REQUIRED_2_X.items() for v in row.split()]
)  # fmt: skip
def test_every_variable_that_2_0_1_demands_exists(settings: Settings, component: str, variable: str) -> None:
    row = settings.find(f"{component}.{variable.lstrip('*')}", NEW)
    assert row is not None
    assert row.writable_as(NEW) is not variable.startswith("*")


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.name)
def test_every_default_is_a_value_that_could_be_set(settings: Settings, row: Setting[object]) -> None:
    if row.readable:
        assert row.coding.read(settings.text(row)) == row.default
        assert settings.text(row, NEW) == row.coding_as(NEW).write(row.default)
    assert row.about.endswith(".") or row.about.endswith("name.")


# --- values -----------------------------------------------------------------------------------------------------------


def test_values_are_typed(settings: Settings) -> None:
    assert settings[HEARTBEAT_INTERVAL] == 300
    assert settings[LOCAL_PRE_AUTHORIZE] is False
    assert settings[TX_START_POINT] == ("PowerPathClosed",)
    assert settings[METER_VALUES_SAMPLED_DATA] == (
        "Energy.Active.Import.Register", "Power.Active.Import", "Current.Import", "Voltage",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("setting", "text", "value"),
    [
        (HEARTBEAT_INTERVAL, "1", 1),
        (HEARTBEAT_INTERVAL, " 86400 ", 86400),
        (HEARTBEAT_INTERVAL, "2147483647", 2147483647),
        (WEB_SOCKET_PING_INTERVAL, "0", 0),
        (LOCAL_PRE_AUTHORIZE, "TRUE", True),
        (LOCAL_PRE_AUTHORIZE, "False", False),
        (TX_START_POINT, "EVConnected, Authorized", ("EVConnected", "Authorized")),
        (METER_VALUES_SAMPLED_DATA, "Voltage.L2-N,Current.Import.L1", ("Voltage.L2-N", "Current.Import.L1")),
        (METER_VALUES_SAMPLED_DATA, "", ()),
        (TIME_SOURCE, "Heartbeat", ("Heartbeat",)),
        (CONNECTOR_PHASE_ROTATION, "0.RST,1.STR,2.NotApplicable", ("0.RST", "1.STR", "2.NotApplicable")),
    ],
)
def test_a_good_value_is_taken(settings: Settings, setting: Setting[object], text: str, value: object) -> None:
    assert settings.change(setting, text, "csms").status == "Accepted"
    assert settings[setting] == value


@pytest.mark.parametrize(
    ("setting", "text", "why"),
    [
        (HEARTBEAT_INTERVAL, "0", "must be at least 1 s, not 0"),
        (HEARTBEAT_INTERVAL, "-1", "must be at least 1 s, not -1"),
        (HEARTBEAT_INTERVAL, "1.5", 'must be a whole number of s, not "1.5"'),
        (HEARTBEAT_INTERVAL, "", 'must be a whole number of s, not ""'),
        (HEARTBEAT_INTERVAL, "2147483648", "must be at least 1 s, not 2147483648"),
        (HEARTBEAT_INTERVAL, "٣", 'must be a whole number of s, not "٣"'),
        (WEB_SOCKET_PING_INTERVAL, "-1", "must be at least 0 s, not -1"),
        (MINIMUM_STATUS_DURATION, "3601", "must be between 0 and 3600 s, not 3601"),
        (LOCAL_PRE_AUTHORIZE, "1", 'must be true or false, not "1"'),
        (LOCAL_PRE_AUTHORIZE, "yes", 'must be true or false, not "yes"'),
        (TX_START_POINT, "", "must have between 1 and 4 members, not 0"),
        (TX_START_POINT, "ParkingBayOccupancy", 'knows no "ParkingBayOccupancy"; allowed are EVConnected, Authorized'),
        (TX_START_POINT, "DataSigned", 'knows no "DataSigned"'),
        (TX_START_POINT, "Authorized,Authorized", 'names "Authorized" twice'),
        (TX_START_POINT, "Authorized,", 'knows no ""'),
        (METER_VALUES_SAMPLED_DATA, "SoC", 'knows no "SoC"'),
        (METER_VALUES_SAMPLED_DATA, "Voltage,Voltage", 'names "Voltage" twice'),
        (METER_VALUES_SAMPLED_DATA, "Current.Import.L4", 'knows no "Current.Import.L4"'),
        (CONNECTOR_PHASE_ROTATION, "1.RRT", 'knows no "1.RRT"'),
        (CONNECTOR_PHASE_ROTATION, "x.RST", 'knows no "x.RST"'),
        (CONNECTOR_PHASE_ROTATION, "1.RST,1.STR", 'names "1" twice'),
        (NUMBER_OF_CONNECTORS, "2", "read-only"),
    ],
)
def test_a_bad_value_is_refused_with_the_reason(
    settings: Settings, setting: Setting[object], text: str, why: str
) -> None:
    before = settings[setting]
    change = settings.change(setting, text, "csms")
    assert (change.status, change.accepted) == ("Rejected", False)
    assert why in change.why
    assert settings[setting] == before
    assert settings.stored() == {}


def test_measurands_no_meter_here_can_tell_are_refused(settings: Settings) -> None:
    settings.deliver(lambda: ["Energy.Active.Import.Register", "Current.Import"])
    assert settings.change(METER_VALUES_SAMPLED_DATA, "Current.Import", "csms").accepted
    refused = settings.change(METER_VALUES_SAMPLED_DATA, "Current.Import,Voltage", "csms")
    assert (refused.status, refused.why) == (
        "Rejected", "SampledDataCtrlr.TxUpdatedMeasurands: this station cannot deliver Voltage",
    )  # fmt: skip
    assert settings.choices(METER_VALUES_SAMPLED_DATA, NEW) == ("Energy.Active.Import.Register", "Current.Import")


def test_each_family_is_offered_its_own_members(settings: Settings) -> None:
    assert "Current.Import.L1" in settings.choices(METER_VALUES_SAMPLED_DATA, OLD)
    assert "Current.Import.L1" not in settings.choices(METER_VALUES_SAMPLED_DATA, NEW)
    assert settings.choices(TIME_SOURCE, NEW) == ("NTP", "Heartbeat")


def test_a_text_may_be_as_long_as_it_says(settings: Settings) -> None:
    assert settings.change(MASTER_PASS_GROUP_ID, "x" * 36, "csms").accepted
    refused = settings.change(MASTER_PASS_GROUP_ID, "x" * 37, "csms")
    assert refused.why == "AuthCtrlr.MasterPassGroupId must have at most 36 characters, not 37"


# --- each name its own coding and mutability --------------------------------------------------------------------------


def test_the_message_timeout_is_writable_in_1_6_only(settings: Settings) -> None:
    assert settings.change(MESSAGE_TIMEOUT, "20", "csms", NEW).status == "Rejected"
    assert settings.change(MESSAGE_TIMEOUT, "20", "csms", OLD).status == "Accepted"
    assert settings.text(MESSAGE_TIMEOUT, NEW) == "20"


def test_a_setting_without_a_name_cannot_be_changed_under_it(settings: Settings) -> None:
    assert settings.change(TX_START_POINT, "Authorized", "csms", OLD).status == "Rejected"


def test_2_x_knows_measurands_without_phases(settings: Settings) -> None:
    """1.6 may ask for one phase; what 2.x reads back is the measurand once, and it may not ask for a phase."""
    settings.change(METER_VALUES_SAMPLED_DATA, "Current.Import.L1,Current.Import.L2,Voltage", "csms", OLD)
    assert settings.text(METER_VALUES_SAMPLED_DATA, OLD) == "Current.Import.L1,Current.Import.L2,Voltage"
    assert settings.text(METER_VALUES_SAMPLED_DATA, NEW) == "Current.Import,Voltage"
    assert settings.change(METER_VALUES_SAMPLED_DATA, "Current.Import.L1", "csms", NEW).status == "Rejected"


def test_the_password_is_hexadecimal_in_1_6_and_plain_in_2_x(settings: Settings) -> None:
    assert settings.change(AUTHORIZATION_KEY, PASSWORD, "csms", OLD).status == "Rejected"
    assert settings.change(AUTHORIZATION_KEY, PASSWORD, "csms", NEW).status == "Accepted"
    assert settings[AUTHORIZATION_KEY] == b"correct horse battery"
    assert settings.change(AUTHORIZATION_KEY, "00112233445566778899AABBCCDDEEFF", "csms", OLD).status == "Accepted"
    assert settings[AUTHORIZATION_KEY] == bytes.fromhex("00112233445566778899aabbccddeeff")


@pytest.mark.parametrize("key", ["00" * 16, "00" * 20])
def test_the_shortest_and_the_longest_1_6_key_are_taken(settings: Settings, key: str) -> None:
    assert settings.change(AUTHORIZATION_KEY, key, "csms", OLD).accepted


@pytest.mark.parametrize("key", ["00" * 15, "00" * 21, "0" * 33, "zz" * 16, "00 " * 16])
def test_a_1_6_key_has_16_to_20_bytes(settings: Settings, key: str) -> None:
    assert settings.change(AUTHORIZATION_KEY, key, "csms", OLD).status == "Rejected"


@pytest.mark.parametrize("password", ["sixteen letters!", "x" * 40])
def test_the_shortest_and_the_longest_2_x_password_are_taken(settings: Settings, password: str) -> None:
    assert settings.change(AUTHORIZATION_KEY, password, "csms", NEW).accepted


@pytest.mark.parametrize("password", ["fifteen letters", "x" * 41, "sixteen letters\n"])
def test_a_2_x_password_has_16_to_40_printable_characters(settings: Settings, password: str) -> None:
    assert settings.change(AUTHORIZATION_KEY, password, "csms", NEW).status == "Rejected"


def test_a_secret_is_never_shown_but_survives_a_restart(settings: Settings) -> None:
    heard: list[str] = []
    settings.on_change = lambda setting, text, origin: heard.append(text)
    long = "x" * 40
    settings.change(AUTHORIZATION_KEY, long, "csms", NEW)
    assert [settings.text(AUTHORIZATION_KEY, names) for names in (None, OLD, NEW)] == ["", "", ""]
    assert heard == [""]
    again = Settings()
    assert again.restore(settings.stored()) == []
    assert again[AUTHORIZATION_KEY] == long.encode()


# --- whose word counts ------------------------------------------------------------------------------------------------

FILE = {"OCPPCommCtrlr.HeartbeatInterval": "120"}


def test_the_file_outranks_the_default_and_the_back_office_outranks_the_file() -> None:
    settings = Settings(FILE)
    assert (settings[HEARTBEAT_INTERVAL], settings.origin(HEARTBEAT_INTERVAL)) == (120, "file")
    settings.change(HEARTBEAT_INTERVAL, "60", "csms")
    assert (settings[HEARTBEAT_INTERVAL], settings.origin(HEARTBEAT_INTERVAL)) == (60, "csms")


def test_an_unchanged_line_does_not_win_back_what_the_back_office_set() -> None:
    first = Settings(FILE)
    first.change(HEARTBEAT_INTERVAL, "60", "csms")
    second = Settings(FILE)
    assert second.restore(first.stored()) == []
    assert (second[HEARTBEAT_INTERVAL], second.origin(HEARTBEAT_INTERVAL)) == (60, "csms")


@pytest.mark.parametrize("before", [FILE, {}], ids=["line changed", "line added"])
def test_a_changed_line_wins_again(before: dict[str, str]) -> None:
    first = Settings(before)
    first.change(HEARTBEAT_INTERVAL, "60", "csms")
    second = Settings({"OCPPCommCtrlr.HeartbeatInterval": "90"})
    assert second.restore(first.stored()) == ["OCPPCommCtrlr.HeartbeatInterval"]
    assert second[HEARTBEAT_INTERVAL] == 90
    assert second.stored() == {}


def test_an_unchanged_line_does_not_win_at_the_second_restart_either() -> None:
    settings = Settings(FILE)
    settings.change(HEARTBEAT_INTERVAL, "60", "csms")
    for _ in range(2):
        kept, settings = settings.stored(), Settings(FILE)
        assert settings.restore(kept) == []
    assert settings[HEARTBEAT_INTERVAL] == 60


def test_who_has_set_a_value_is_known_after_a_restart(settings: Settings) -> None:
    settings.change(HEARTBEAT_INTERVAL, "60", "local")
    kept = settings.stored()
    assert kept == {"OCPPCommCtrlr.HeartbeatInterval": {"text": "60", "origin": "local", "file": None}}
    again = Settings()
    again.restore(kept)
    assert again.origin(HEARTBEAT_INTERVAL) == "local"
    again.restore({"OCPPCommCtrlr.HeartbeatInterval": {"text": "60"}})
    assert again.origin(HEARTBEAT_INTERVAL) == "csms"


def test_a_removed_line_leaves_what_the_back_office_set() -> None:
    first = Settings(FILE)
    first.change(HEARTBEAT_INTERVAL, "60", "csms")
    second = Settings({})
    assert second.restore(first.stored()) == []
    assert second[HEARTBEAT_INTERVAL] == 60


def test_a_stored_value_that_is_none_any_more_is_forgotten(settings: Settings) -> None:
    stored = {
        "OCPPCommCtrlr.HeartbeatInterval": {"text": "0", "origin": "csms", "file": None},
        "Gone.Setting": {"text": "1", "origin": "csms", "file": None},
        "AuthCtrlr.LocalPreAuthorize": {"text": None, "origin": "csms", "file": None},
    }
    assert settings.restore(stored) == list(stored)
    assert settings[HEARTBEAT_INTERVAL] == 300


def test_what_the_station_knows_of_itself_replaces_the_default_only(settings: Settings) -> None:
    settings.derive(NUMBER_OF_CONNECTORS, 2)
    settings.derive(CONNECTOR_PHASE_ROTATION, ("1.STR",))
    assert settings.text(NUMBER_OF_CONNECTORS) == "2"
    assert settings.origin(CONNECTOR_PHASE_ROTATION) == "station"
    settings.change(CONNECTOR_PHASE_ROTATION, "1.RST", "csms")
    assert settings[CONNECTOR_PHASE_ROTATION] == ("1.RST",)


def test_the_clock_is_read_each_time(settings: Settings) -> None:
    times = iter([datetime(2024, 5, 1, 12, 0, tzinfo=UTC), datetime(2024, 5, 1, 12, 0, 1, tzinfo=UTC)])
    settings.compute(DATE_TIME, lambda: next(times))
    assert settings.text(DATE_TIME) == "2024-05-01T12:00:00Z"
    assert settings.text(DATE_TIME) == "2024-05-01T12:00:01Z"


def test_a_value_without_a_history_is_the_default_or_what_the_station_knows(settings: Settings) -> None:
    assert (settings.origin(DATE_TIME), settings.origin(HEARTBEAT_INTERVAL)) == ("default", "default")
    settings.compute(DATE_TIME, lambda: datetime(2024, 5, 1, tzinfo=UTC))
    assert (settings.origin(DATE_TIME), settings.origin(HEARTBEAT_INTERVAL)) == ("station", "default")


def test_a_time_is_told_in_utc(settings: Settings) -> None:
    settings.compute(DATE_TIME, lambda: datetime(2024, 5, 1, 14, 0, tzinfo=timezone(timedelta(hours=2))))
    assert settings.text(DATE_TIME) == "2024-05-01T12:00:00Z"


def test_what_takes_effect_after_a_restart_says_so(settings: Settings) -> None:
    change = settings.change(replace(HEARTBEAT_INTERVAL, reboot=True), "60", "csms")
    assert (change.status, change.accepted, change.why) == ("RebootRequired", True, "")


def test_a_dialect_fixes_a_value_while_it_is_spoken() -> None:
    settings = Settings({"TxCtrlr.TxStartPoint": "EVConnected"})
    settings.overlay({"TxCtrlr.TxStartPoint": "Authorized"})
    assert (settings[TX_START_POINT], settings.origin(TX_START_POINT)) == (("Authorized",), "version")
    refused = settings.change(TX_START_POINT, "EVConnected", "local")
    assert (refused.status, refused.why) == ("Rejected", "TxCtrlr.TxStartPoint is fixed by the OCPP version in use")
    settings.overlay({})
    assert settings[TX_START_POINT] == ("EVConnected",)


def test_a_change_is_told_with_its_origin(settings: Settings) -> None:
    heard: list[tuple[Setting[object], str, str]] = []
    settings.on_change = lambda *change: heard.append(change)
    settings.change(HEARTBEAT_INTERVAL, "060", "local")
    settings.change(HEARTBEAT_INTERVAL, "never", "local")
    assert heard == [(HEARTBEAT_INTERVAL, "60", "local")]


def test_a_secret_or_a_reading_that_nobody_stored_has_no_text() -> None:
    assert Settings().text(AUTHORIZATION_KEY) == ""


@given(st.sampled_from([row for row in ALL if row.writable and row.readable]), st.text(max_size=60))
def test_no_text_breaks_a_setting(row: Setting[object], text: str) -> None:
    """Whatever is sent: refused and unchanged, or taken and read back to the same value after a restart."""
    settings = Settings()
    before = settings[row]
    if not settings.change(row, text, "csms").accepted:
        assert settings[row] == before
        return
    again = Settings()
    assert again.restore(settings.stored()) == []
    assert again[row] == settings[row]


# --- the file's [settings] table --------------------------------------------------------------------------------------


def test_the_file_may_use_either_name_and_toml_types() -> None:
    good, mistakes = check_file(
        {
            "HeartbeatInterval": 60,
            "TxCtrlr.EVConnectionTimeOut": 30.0,
            "localpreauthorize": True,
            "LocalAuthorizeOffline": False,
            "MeterValuesSampledData": ["Voltage", "Current.Import"],
            "AuthCtrlr.MasterPassGroupId": "ops",
            "TxCtrlr.TxStopPoint": "Authorized, EVConnected",
        }
    )
    assert mistakes == []
    assert good == {
        "OCPPCommCtrlr.HeartbeatInterval": "60",
        "TxCtrlr.EVConnectionTimeOut": "30",
        "AuthCtrlr.LocalPreAuthorize": "true",
        "AuthCtrlr.LocalAuthorizeOffline": "false",
        "SampledDataCtrlr.TxUpdatedMeasurands": "Voltage,Current.Import",
        "AuthCtrlr.MasterPassGroupId": "ops",
        "TxCtrlr.TxStopPoint": "Authorized,EVConnected",
    }
    assert Settings(good)[HEARTBEAT_INTERVAL] == 60


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("HeartBeatIntervall", 60, 'is not a setting; did you mean "HeartbeatInterval"?'),
        ("OCPPComCtrlr.HeartbeatInterval", 60, 'is not a setting; did you mean "OCPPCommCtrlr.HeartbeatInterval"?'),
        ("EVConnectionTimeOut", 60, 'is not a setting; did you mean "TxCtrlr.EVConnectionTimeOut"?'),
        ("Colour", "red", "is not a setting"),
        ("HeartbeatInterval", 0, "must be at least 1 s, not 0"),
        ("HeartbeatInterval", 1.5, 'must be a whole number of s, not "1.5"'),
        ("HeartbeatInterval", {"s": 1}, "must be a whole number, not a dict"),
        ("LocalPreAuthorize", {}, "must be true or false, not a dict"),
        ("MeterValuesSampledData", {}, "must be a list of texts, not a dict"),
        ("MeterValuesSampledData", [{}], "must be a list of texts, not a dict"),
        ("TimeSource", {}, 'is not a setting; did you mean "ClockCtrlr.TimeSource"?'),
        ("ClockCtrlr.TimeSource", {}, "must be a list of texts, not a dict"),
        ("AuthCtrlr.MasterPassGroupId", {}, "must be a text, not a dict"),
        ("LocalPreAuthorize", 1, 'must be true or false, not "1"'),
        ("MeterValuesSampledData", ["SoC"], 'knows no "SoC"; allowed are Energy.Active.Import.Register'),
        ("NumberOfConnectors", 2, "cannot be set: the station knows it of itself"),
        ("AuthorizationKey", "00" * 16, "is a secret: put it into the file that csms.password_file names"),
    ],
)
def test_each_mistake_in_the_file_has_its_sentence(name: str, value: object, sentence: str) -> None:
    good, mistakes = check_file({name: value})
    assert good == {}
    assert [(where, told[: len(sentence)]) for where, told in mistakes] == [(name, sentence)]


@pytest.mark.parametrize("name", ["", "NumberOfConnector", "BasicAuthPasswort"])
def test_nothing_is_suggested_that_could_not_be_set_either(name: str) -> None:
    assert check_file({name: "1"}) == ({}, [(name, "is not a setting")])


def test_what_only_the_installer_says_is_read_from_the_file_and_changed_by_nobody() -> None:
    good, mistakes = check_file({"ReserveConnectorZeroSupported": False})
    assert mistakes == []
    settings = Settings(good)
    assert settings[catalogue.RESERVE_CONNECTOR_ZERO_SUPPORTED] is False
    for names in (OLD, NEW, None):
        assert not settings.change(catalogue.RESERVE_CONNECTOR_ZERO_SUPPORTED, "true", "csms", names).accepted


def test_what_follows_a_mistake_is_read_too() -> None:
    good, mistakes = check_file({"Nonsense": 1, "HeartbeatInterval": 60})
    assert (good, len(mistakes)) == ({"OCPPCommCtrlr.HeartbeatInterval": "60"}, 1)


def test_only_whole_numbers_lose_their_fraction() -> None:
    assert check_file({"AuthCtrlr.MasterPassGroupId": 5.0}) == ({"AuthCtrlr.MasterPassGroupId": "5.0"}, [])


def test_all_mistakes_are_told_at_once_and_one_setting_twice_is_one() -> None:
    good, mistakes = check_file({"HeartbeatInterval": 60, "OCPPCommCtrlr.HeartbeatInterval": 90, "Colour": 1})
    assert good == {"OCPPCommCtrlr.HeartbeatInterval": "60"}
    assert mistakes == [
        (
            "OCPPCommCtrlr.HeartbeatInterval",
            'is another name of "HeartbeatInterval", which is set too; keep one of them',
        ),
        ("Colour", "is not a setting"),
    ]


# --- what 2.x reports of a setting ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "data_type", "max_limit"),
    [
        (HEARTBEAT_INTERVAL, "integer", None),
        (LOCAL_PRE_AUTHORIZE, "boolean", None),
        (TX_START_POINT, "MemberList", len("EVConnected,Authorized,PowerPathClosed,EnergyTransfer")),
        (TIME_SOURCE, "SequenceList", len("NTP,Heartbeat")),
        (DATE_TIME, "dateTime", None),
        (GET_CONFIGURATION_MAX_KEYS, "integer", None),
        (AUTHORIZATION_KEY, "string", 40),
        (MINIMUM_STATUS_DURATION, "integer", 3600),
    ],
)
def test_characteristics_for_2_x(setting: Setting[object], data_type: str, max_limit: float | None) -> None:
    assert (setting.data_type, setting.max_limit) == (data_type, max_limit)


def test_1_6_speaks_of_the_profiles_it_has(settings: Settings) -> None:
    assert settings.text(SUPPORTED_FEATURE_PROFILES, OLD) == (
        "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger"
    )
    assert ALLOW_CSMS_TLS_WILDCARDS.name_1_6 == "AllowCentralSystemTLSWildcards"


# --- what the hardware decides ----------------------------------------------------------------------------------------


def test_what_nothing_here_could_be_about_is_not_found(settings: Settings) -> None:
    settings.withdraw([BLINK_REPEAT])
    assert settings.find("BlinkRepeat") is None
    assert settings.find("BlinkRepeat", OLD) is None
    assert BLINK_REPEAT not in settings.known_as(OLD)
    assert BLINK_REPEAT not in list(settings)


def test_what_the_hardware_leaves_no_choice_about_is_read_only(settings: Settings) -> None:
    """1.6 errata 3.83: false, and read-only, with a fixed cable."""
    settings.change(UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT, "true", "csms")
    settings.fix(UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT, False)
    assert settings[UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT] is False
    for names in (OLD, NEW, None):
        assert not settings.writable(UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT, names)
        assert settings.change(UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT, "true", "csms", names).status == "Rejected"
    assert settings.origin(UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT) == "station"


def test_a_version_may_let_one_setting_follow_another(settings: Settings) -> None:
    settings.overlay({TX_ENDED_INTERVAL.name: METER_VALUE_SAMPLE_INTERVAL.name})
    assert settings[TX_ENDED_INTERVAL] == settings[METER_VALUE_SAMPLE_INTERVAL] == 60
    settings.change(METER_VALUE_SAMPLE_INTERVAL, "900", "csms")
    assert settings[TX_ENDED_INTERVAL] == 900
    assert settings.change(TX_ENDED_INTERVAL, "5", "csms").status == "Rejected"
    settings.overlay({})
    assert settings[TX_ENDED_INTERVAL] == 0
