"""Every setting there is, once. Constants are named after the 1.6 key, or the 2.x variable where 1.6 has none.

A row is here because something reads it, or because OCPP requires a station to tell it (read-only capabilities).
Sources: OCPP 1.6 edition 2 chapter 9 with errata 4.0, OCPP 2.0.1 part 2 edition 3 chapter "Referenced components and
variables" with errata to 2025-09, security whitepaper edition 3. Defaults are ours: OCPP demands hardly any.
"""

from __future__ import annotations

from chargepoint.core.facts import EPOCH
from chargepoint.core.kinds import (
    ONLY_1_6,
    READ_ONLY,
    boolean,
    csl,
    integer,
    measurands,
    moment,
    read_key,
    read_password,
    read_rotations,
    string,
)
from chargepoint.core.metering import MEASURANDS, MEASURANDS_BY_PHASE
from chargepoint.core.setting import Coding, Setting

DAY_S = 86_400

# --- talking to the back office ---------------------------------------------------------------------------------------

HEARTBEAT_INTERVAL = integer(
    "HeartbeatInterval", "OCPPCommCtrlr.HeartbeatInterval", 300,
    "Silence after which a Heartbeat is sent. The interval in the answer to BootNotification replaces it.",
    unit="s", minimum=1,
)  # fmt: skip
WEB_SOCKET_PING_INTERVAL = integer(
    "WebSocketPingInterval", "OCPPCommCtrlr.WebSocketPingInterval", 30,
    "Time between WebSocket pings; 0 switches them off.", unit="s",
)  # fmt: skip
MESSAGE_TIMEOUT = integer(
    "MessageTimeout", "OCPPCommCtrlr.MessageTimeout[Default]", 30,
    "How long to wait for an answer before the message counts as lost.",
    unit="s", minimum=1, maximum=600, writable=ONLY_1_6,
)  # fmt: skip
TRANSACTION_MESSAGE_ATTEMPTS = integer(
    "TransactionMessageAttempts", "OCPPCommCtrlr.MessageAttempts[TransactionEvent]", 5,
    "How often a message about a transaction is sent before it is put aside. Being offline does not count.",
    minimum=1, maximum=100,
)  # fmt: skip
TRANSACTION_MESSAGE_RETRY_INTERVAL = integer(
    "TransactionMessageRetryInterval", "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]", 60,
    "Wait before sending it again, times the number of earlier tries.", unit="s", maximum=DAY_S,
)  # fmt: skip
OFFLINE_THRESHOLD = integer(
    None, "OCPPCommCtrlr.OfflineThreshold", 600,
    "After an interruption longer than this the status of every connector is reported, else only changed ones.",
    unit="s",
)  # fmt: skip
RETRY_BACK_OFF_WAIT_MINIMUM = integer(
    "RetryBackOffWaitMinimum", "OCPPCommCtrlr.RetryBackOffWaitMinimum", 10,
    "Wait before the first new try to connect; doubled after each failure.", unit="s", minimum=1, maximum=3600,
)  # fmt: skip
RETRY_BACK_OFF_RANDOM_RANGE = integer(
    "RetryBackOffRandomRange", "OCPPCommCtrlr.RetryBackOffRandomRange", 10,
    "A random time up to this is added to each wait, so that not all stations return at once.",
    unit="s", maximum=3600,
)  # fmt: skip
RETRY_BACK_OFF_REPEAT_TIMES = integer(
    "RetryBackOffRepeatTimes", "OCPPCommCtrlr.RetryBackOffRepeatTimes", 5,
    "How often the wait is doubled; from then on it stays.", maximum=10,
)  # fmt: skip
RESET_RETRIES = integer(
    "ResetRetries", "OCPPCommCtrlr.ResetRetries", 3, "Tries of a reset that does not succeed.", maximum=100
)
MINIMUM_STATUS_DURATION = integer(
    "MinimumStatusDuration", "ChargingStation.MinimumStatusDuration", 0,
    "How long a status must last before it is reported.", unit="s", maximum=3600,
)  # fmt: skip
NETWORK_CONFIGURATION_PRIORITY = csl(
    None, "OCPPCommCtrlr.NetworkConfigurationPriority", ["1"],
    "Order of the network profiles. The one in the configuration file is profile 1.",
    choices=["1"], at_least=1, ordered=True,
)  # fmt: skip
NETWORK_PROFILE_CONNECTION_ATTEMPTS = integer(
    None, "OCPPCommCtrlr.NetworkProfileConnectionAttempts", 3,
    "Tries with one network profile before the next one's turn.", minimum=1, maximum=100,
)  # fmt: skip
ACTIVE_NETWORK_PROFILE = integer(
    None, "OCPPCommCtrlr.ActiveNetworkProfile", 1, "Network profile in use.", writable=READ_ONLY
)
SUPPORTED_FILE_TRANSFER_PROTOCOLS = csl(
    "SupportedFileTransferProtocols", "OCPPCommCtrlr.FileTransferProtocols", [], "Protocols for logs and firmware.",
    choices=["FTP", "FTPS", "HTTP", "HTTPS", "SFTP"], writable=READ_ONLY,
)  # fmt: skip

# --- who may charge ---------------------------------------------------------------------------------------------------

AUTHORIZATION_CACHE_ENABLED = boolean(
    "AuthorizationCacheEnabled", "AuthCacheCtrlr.Enabled", True, "Remember what the back office said about a card."
)
AUTH_CACHE_LIFE_TIME = integer(
    None, "AuthCacheCtrlr.LifeTime", 30 * DAY_S,
    "How long a remembered answer without an expiry date of its own stays good; 0 is for ever.", unit="s",
)  # fmt: skip
DISABLE_POST_AUTHORIZE = boolean(
    None, "AuthCacheCtrlr.DisablePostAuthorize", False,
    "Do not ask again about a card that was refused before.",
)  # fmt: skip
LOCAL_AUTHORIZE_OFFLINE = boolean(
    "LocalAuthorizeOffline", "AuthCtrlr.LocalAuthorizeOffline", True,
    "Without connection, accept cards known from local list or cache.",
)  # fmt: skip
LOCAL_PRE_AUTHORIZE = boolean(
    "LocalPreAuthorize", "AuthCtrlr.LocalPreAuthorize", False,
    "Start at once with a card known from local list or cache, without waiting for the back office.",
)  # fmt: skip
ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID = boolean(
    "AllowOfflineTxForUnknownId", "AuthCtrlr.OfflineTxForUnknownIdEnabled", False,
    "Without connection, accept cards nobody knows.",
)  # fmt: skip
AUTHORIZE_REMOTE_TX_REQUESTS = boolean(
    "AuthorizeRemoteTxRequests", "AuthCtrlr.AuthorizeRemoteStart", False,
    "Treat a remote start like a card that is shown: ask whether it may charge.",
)  # fmt: skip
MASTER_PASS_GROUP_ID = string(
    None, "AuthCtrlr.MasterPassGroupId", "",
    "Cards of this group may stop any transaction, and start none.", max_length=36,
)  # fmt: skip

# --- transactions -----------------------------------------------------------------------------------------------------

TX_POINTS = ("EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer")
"""ParkingBayOccupancy needs a bay sensor, DataSigned a signing meter: not offered."""

CONNECTION_TIME_OUT = integer(
    "ConnectionTimeOut", "TxCtrlr.EVConnectionTimeOut", 60,
    "Time between card and plug after which the card is forgotten.", unit="s", minimum=1, maximum=DAY_S,
)  # fmt: skip
TX_START_POINT = csl(
    None, "TxCtrlr.TxStartPoint", ["PowerPathClosed"],
    "A transaction starts when one of these becomes true.", choices=TX_POINTS, at_least=1,
)  # fmt: skip
TX_STOP_POINT = csl(
    None, "TxCtrlr.TxStopPoint", ["PowerPathClosed"],
    "A transaction ends when one of these is no longer true.", choices=TX_POINTS, at_least=1,
)  # fmt: skip
TX_BEFORE_ACCEPTED_ENABLED = boolean(
    None, "TxCtrlr.TxBeforeAcceptedEnabled", True,
    "Allow transactions before the back office has accepted the station for the first time.",
)  # fmt: skip
STOP_TRANSACTION_ON_EV_SIDE_DISCONNECT = boolean(
    "StopTransactionOnEVSideDisconnect", "TxCtrlr.StopTxOnEVSideDisconnect", True,
    "Unplugging the car ends the transaction; otherwise it is suspended until the car is back.",
)  # fmt: skip
UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT = boolean(
    "UnlockConnectorOnEVSideDisconnect", "OCPPCommCtrlr.UnlockOnEVSideDisconnect", True,
    "Unplugging the car releases the plug at the station too.",
)  # fmt: skip
STOP_TRANSACTION_ON_INVALID_ID = boolean(
    "StopTransactionOnInvalidId", "TxCtrlr.StopTxOnInvalidId", True,
    "End the transaction when the back office refuses the card afterwards; otherwise only the supply ends.",
)  # fmt: skip
MAX_ENERGY_ON_INVALID_ID = integer(
    "MaxEnergyOnInvalidId", "TxCtrlr.MaxEnergyOnInvalidId", 0,
    "Energy still supplied after such a refusal, where the transaction goes on.", unit="Wh",
)  # fmt: skip

# --- meter values -----------------------------------------------------------------------------------------------------

USUAL = ("Energy.Active.Import.Register", "Power.Active.Import", "Current.Import", "Voltage")
REGISTER = USUAL[:1]


def _measured(name_1_6: str | None, name_2_x: str, default: tuple[str, ...], about: str) -> Setting[tuple[str, ...]]:
    return measurands(name_1_6, name_2_x, default, about, offered=MEASURANDS_BY_PHASE, plain=MEASURANDS)


METER_VALUES_SAMPLED_DATA = _measured(
    "MeterValuesSampledData", "SampledDataCtrlr.TxUpdatedMeasurands", USUAL, "Sent regularly during a transaction."
)
METER_VALUE_SAMPLE_INTERVAL = integer(
    "MeterValueSampleInterval", "SampledDataCtrlr.TxUpdatedInterval", 60,
    "Time between samples during a transaction; 0 switches them off.", unit="s", maximum=DAY_S,
)  # fmt: skip
TX_STARTED_MEASURANDS = _measured(
    None, "SampledDataCtrlr.TxStartedMeasurands", REGISTER, "Sent with the start of a transaction."
)
STOP_TXN_SAMPLED_DATA = _measured(
    "StopTxnSampledData", "SampledDataCtrlr.TxEndedMeasurands", REGISTER, "Collected and sent with the end."
)
TX_ENDED_INTERVAL = integer(
    None, "SampledDataCtrlr.TxEndedInterval", 0,
    "Time between the samples collected for the end; 0: only first and last.", unit="s", maximum=DAY_S,
)  # fmt: skip
METER_VALUES_ALIGNED_DATA = _measured(
    "MeterValuesAlignedData", "AlignedDataCtrlr.Measurands", USUAL, "Sent at fixed times of day."
)
CLOCK_ALIGNED_DATA_INTERVAL = integer(
    "ClockAlignedDataInterval", "AlignedDataCtrlr.Interval", 0,
    "Distance of those times, counted from midnight UTC; 0 switches them off.", unit="s", maximum=DAY_S,
)  # fmt: skip
STOP_TXN_ALIGNED_DATA = _measured(
    "StopTxnAlignedData", "AlignedDataCtrlr.TxEndedMeasurands", (),
    "Collected at fixed times of day during a transaction and sent with its end.",
)  # fmt: skip
ALIGNED_TX_ENDED_INTERVAL = integer(
    None, "AlignedDataCtrlr.TxEndedInterval", 0,
    "Distance of those times; 0 switches them off.", unit="s", maximum=DAY_S,
)  # fmt: skip
SEND_DURING_IDLE = boolean(
    None, "AlignedDataCtrlr.SendDuringIdle", False, "Values at fixed times only while no transaction runs."
)
MEASURAND_SETTINGS = (
    METER_VALUES_SAMPLED_DATA,
    TX_STARTED_MEASURANDS,
    STOP_TXN_SAMPLED_DATA,
    METER_VALUES_ALIGNED_DATA,
    STOP_TXN_ALIGNED_DATA,
)

# --- the local list ---------------------------------------------------------------------------------------------------

LOCAL_AUTH_LIST_ENABLED = boolean(
    "LocalAuthListEnabled", "LocalAuthListCtrlr.Enabled", True, "Use the back office's list of cards."
)
LOCAL_AUTH_LIST_MAX_LENGTH = integer(
    "LocalAuthListMaxLength", None, 10_000, "Cards that fit into that list.", writable=READ_ONLY
)
SEND_LOCAL_LIST_MAX_LENGTH = integer(
    "SendLocalListMaxLength", "LocalAuthListCtrlr.ItemsPerMessage", 10_000, "Cards in one message.", writable=READ_ONLY
)

# --- reservations -----------------------------------------------------------------------------------------------------

RESERVATION_ENABLED = boolean(
    None, "ReservationCtrlr.Enabled", True, "Let the back office keep an EVSE free for a driver."
)
RESERVE_CONNECTOR_ZERO_SUPPORTED = boolean(
    "ReserveConnectorZeroSupported", "ReservationCtrlr.NonEvseSpecific", True,
    "Reservations may leave open at which EVSE.", writable=READ_ONLY,
)  # fmt: skip

# --- smart charging ---------------------------------------------------------------------------------------------------

CHARGE_PROFILE_MAX_STACK_LEVEL = integer(
    "ChargeProfileMaxStackLevel", "SmartChargingCtrlr.ProfileStackLevel", 20, "Highest stack level of a profile.",
    writable=READ_ONLY,
)  # fmt: skip
CHARGING_SCHEDULE_ALLOWED_CHARGING_RATE_UNIT = csl(
    "ChargingScheduleAllowedChargingRateUnit", None, ["Current", "Power"],
    "Units of a schedule: Current is amperes per phase, Power is watts of all phases.",
    choices=["Current", "Power"], writable=READ_ONLY,
)  # fmt: skip
RATE_UNIT = csl(
    None, "SmartChargingCtrlr.RateUnit", ["A", "W"], "Units of a schedule.", choices=["A", "W"], writable=READ_ONLY
)
CHARGING_SCHEDULE_MAX_PERIODS = integer(
    "ChargingScheduleMaxPeriods", "SmartChargingCtrlr.PeriodsPerSchedule", 672,
    "Periods of one schedule: a week of quarters of an hour.", writable=READ_ONLY,
)  # fmt: skip
MAX_CHARGING_PROFILES_INSTALLED = integer(
    "MaxChargingProfilesInstalled", "SmartChargingCtrlr.Entries[ChargingProfiles]", 100,
    "Charging profiles kept at a time.", writable=READ_ONLY,
)  # fmt: skip

# --- what this station is ---------------------------------------------------------------------------------------------

NUMBER_OF_CONNECTORS = integer("NumberOfConnectors", None, 1, "Connectors of the station.", writable=READ_ONLY)
CONNECTOR_PHASE_ROTATION = csl(
    "ConnectorPhaseRotation", None, [], "Order of the phases at each connector, 0 being the grid's feed.",
    at_most=100, coding=Coding(read_rotations, ",".join),
)  # fmt: skip
SUPPORTED_FEATURE_PROFILES = csl(
    "SupportedFeatureProfiles", None,
    ["Core", "FirmwareManagement", "LocalAuthListManagement", "Reservation", "SmartCharging", "RemoteTrigger"],
    "Parts of OCPP 1.6 the station speaks.",
    choices=["Core", "FirmwareManagement", "LocalAuthListManagement", "Reservation", "SmartCharging", "RemoteTrigger"],
    writable=READ_ONLY,
)  # fmt: skip
TIME_SOURCE = csl(
    None, "ClockCtrlr.TimeSource", ["NTP", "Heartbeat"], "Where the time of day comes from, best first.",
    choices=["NTP", "Heartbeat"], at_least=1, ordered=True,
)  # fmt: skip
DATE_TIME = moment("ClockCtrlr.DateTime", EPOCH, "The station's clock.")


def _most(name_1_6: str | None, name_2_x: str | None, default: int, about: str) -> Setting[int]:
    """A limit of this implementation."""
    return integer(name_1_6, name_2_x, default, about, writable=READ_ONLY)


GET_CONFIGURATION_MAX_KEYS = _most(
    "GetConfigurationMaxKeys", "DeviceDataCtrlr.ItemsPerMessage[GetVariables]", 100, "Settings read in one request."
)
ITEMS_PER_SET_VARIABLES = _most(
    None, "DeviceDataCtrlr.ItemsPerMessage[SetVariables]", 100, "Settings written in one request."
)
ITEMS_PER_GET_REPORT = _most(
    None, "DeviceDataCtrlr.ItemsPerMessage[GetReport]", 100, "Components and variables named in one GetReport."
)
BYTES_PER_GET_VARIABLES = _most(None, "DeviceDataCtrlr.BytesPerMessage[GetVariables]", 65_536, "Size of a request.")
BYTES_PER_SET_VARIABLES = _most(None, "DeviceDataCtrlr.BytesPerMessage[SetVariables]", 65_536, "Size of a request.")
BYTES_PER_GET_REPORT = _most(None, "DeviceDataCtrlr.BytesPerMessage[GetReport]", 65_536, "Size of a request.")
METER_VALUES_SAMPLED_DATA_MAX_LENGTH = _most(
    "MeterValuesSampledDataMaxLength", None, len(MEASURANDS_BY_PHASE), "Members of that list."
)
METER_VALUES_ALIGNED_DATA_MAX_LENGTH = _most(
    "MeterValuesAlignedDataMaxLength", None, len(MEASURANDS_BY_PHASE), "Members of that list."
)
STOP_TXN_SAMPLED_DATA_MAX_LENGTH = _most(
    "StopTxnSampledDataMaxLength", None, len(MEASURANDS_BY_PHASE), "Members of that list."
)
STOP_TXN_ALIGNED_DATA_MAX_LENGTH = _most(
    "StopTxnAlignedDataMaxLength", None, len(MEASURANDS_BY_PHASE), "Members of that list."
)
CONNECTOR_PHASE_ROTATION_MAX_LENGTH = _most("ConnectorPhaseRotationMaxLength", None, 100, "Members of that list.")

# --- security ---------------------------------------------------------------------------------------------------------

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
    "SecurityProfile", "SecurityCtrlr.SecurityProfile", 0, "Security profile in use.", maximum=3, writable=READ_ONLY
)
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

ALL: tuple[Setting[object], ...] = tuple(row for row in list(globals().values()) if isinstance(row, Setting))
