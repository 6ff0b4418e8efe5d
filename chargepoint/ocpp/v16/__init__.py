"""OCPP 1.6J as tables: what the CSMS may ask, how facts are said, what answers mean."""

from __future__ import annotations

from chargepoint.core import catalogue as known
from chargepoint.core.facts import (
    BeginMetered,
    ConnectorUnplugged,
    FirmwareStatusChanged,
    LogStatusChanged,
    MetersSampled,
    SecurityEvent,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
)
from chargepoint.ocpp.dialect import FRAMING_16, Dialect
from chargepoint.ocpp.rpc import Reason
from chargepoint.ocpp.v16 import (
    availability,
    certificates,
    configuration,
    costs,
    local_list,
    maintenance,
    remote,
    reservations,
    smart_charging,
    transactions,
    trigger,
    vendor,
)
from chargepoint.ocpp.v16.actions import KNOWN
from chargepoint.ocpp.v16.phrases import Phrases

ERRORS: dict[str, str] = {  # OCPP-J 4.2.3; the spelling Occurence is the standard's
    Reason.NOT_JSON: "ProtocolError",
    Reason.BAD_FRAME: "ProtocolError",
    Reason.BAD_ID: "ProtocolError",
    Reason.UNKNOWN_TYPE: "GenericError",
    Reason.DUPLICATE: "ProtocolError",
    Reason.UNKNOWN_ACTION: "NotImplemented",
    Reason.NOT_SUPPORTED: "NotSupported",
    Reason.MISSING: "ProtocolError",
    Reason.EXTRA: "FormationViolation",
    Reason.WRONG_TYPE: "TypeConstraintViolation",
    Reason.WRONG_VALUE: "PropertyConstraintViolation",
    Reason.INTERNAL: "InternalError",
    Reason.SECURITY: "SecurityError",
    Reason.GENERIC: "GenericError",
}

DIALECT = Dialect(
    version="1.6",
    subprotocol="ocpp1.6",
    phrases=Phrases(),
    requests={
        "CancelReservation": reservations.cancel_reservation,
        "CertificateSigned": certificates.certificate_signed,
        "ChangeAvailability": availability.change_availability,
        "ChangeConfiguration": configuration.change_configuration,
        "ClearCache": availability.clear_cache,
        "ClearChargingProfile": smart_charging.clear_charging_profile,
        "DataTransfer": vendor.data_transfer,
        "DeleteCertificate": certificates.delete_certificate,
        "ExtendedTriggerMessage": trigger.extended_trigger_message,
        "GetCompositeSchedule": smart_charging.get_composite_schedule,
        "GetConfiguration": configuration.get_configuration,
        "GetDiagnostics": maintenance.get_diagnostics,
        "GetInstalledCertificateIds": certificates.get_installed_certificate_ids,
        "GetLocalListVersion": local_list.get_local_list_version,
        "GetLog": maintenance.get_log,
        "InstallCertificate": certificates.install_certificate,
        "RemoteStartTransaction": remote.remote_start,
        "RemoteStopTransaction": remote.remote_stop,
        "ReserveNow": reservations.reserve_now,
        "Reset": availability.reset,
        "SendLocalList": local_list.send_local_list,
        "SetChargingProfile": smart_charging.set_charging_profile,
        "SignedUpdateFirmware": maintenance.signed_update_firmware,
        "TriggerMessage": trigger.trigger_message,
        "UnlockConnector": remote.unlock,
        "UpdateFirmware": maintenance.update_firmware,
    },
    reports={
        TransactionStarted: transactions.started,
        BeginMetered: transactions.begin_metered,
        ConnectorUnplugged: costs.unplugged,
        TransactionUpdated: transactions.updated,
        TransactionEnded: transactions.ended,
        MetersSampled: transactions.sampled,
        FirmwareStatusChanged: maintenance.firmware_status,
        LogStatusChanged: maintenance.log_status,
        SecurityEvent: maintenance.security_event,
    },
    answers={
        "StartTransaction": transactions.start_answered,
        "StopTransaction": transactions.stop_answered,
    },
    errors=ERRORS,
    known_actions=KNOWN,
    triggerable_while_pending=frozenset(
        {
            "BootNotification",
            "DiagnosticsStatusNotification",
            "FirmwareStatusNotification",
            "Heartbeat",
            "LogStatusNotification",
            "MeterValues",
            "SignCertificate",
            "SignedFirmwareStatusNotification",
            "StatusNotification",
        }
    ),
    fixed_settings={  # 1.6 knows one kind of transaction: connected and authorized (section 4.8)
        known.TX_START_POINT.name: "PowerPathClosed",
        known.TX_STOP_POINT.name: "PowerPathClosed",
        known.TX_ENDED_INTERVAL.name: known.METER_VALUE_SAMPLE_INTERVAL.name,  # section 9.1: one interval for both
        known.ALIGNED_TX_ENDED_INTERVAL.name: known.CLOCK_ALIGNED_DATA_INTERVAL.name,
    },
    framing=FRAMING_16,
)
