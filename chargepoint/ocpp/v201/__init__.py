"""OCPP 2.0.1 as tables: what the CSMS may ask, how facts are said, what answers mean."""

from __future__ import annotations

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
from chargepoint.ocpp.dialect import FRAMING_201, Dialect
from chargepoint.ocpp.rpc import Reason
from chargepoint.ocpp.v201 import (
    availability,
    certificates,
    maintenance,
    remote,
    reports,
    transactions,
    trigger,
    variables,
    vendor,
)
from chargepoint.ocpp.v201.actions import KNOWN
from chargepoint.ocpp.v201.phrases import Phrases

ERRORS: dict[str, str] = {  # OCPP-J 2.0.1 (part 4) section 4.3
    Reason.NOT_JSON: "RpcFrameworkError",
    Reason.BAD_FRAME: "RpcFrameworkError",
    Reason.BAD_ID: "RpcFrameworkError",
    Reason.UNKNOWN_TYPE: "MessageTypeNotSupported",
    Reason.DUPLICATE: "ProtocolError",
    Reason.UNKNOWN_ACTION: "NotImplemented",
    Reason.NOT_SUPPORTED: "NotSupported",
    Reason.MISSING: "OccurrenceConstraintViolation",
    Reason.EXTRA: "FormatViolation",
    Reason.WRONG_TYPE: "TypeConstraintViolation",
    Reason.WRONG_VALUE: "PropertyConstraintViolation",
    Reason.INTERNAL: "InternalError",
    Reason.SECURITY: "SecurityError",
    Reason.GENERIC: "GenericError",
}

DIALECT = Dialect(
    version="2.0.1",
    subprotocol="ocpp2.0.1",
    phrases=Phrases(),
    requests={
        "CertificateSigned": certificates.certificate_signed,
        "ChangeAvailability": availability.change_availability,
        "ClearCache": availability.clear_cache,
        "DataTransfer": vendor.data_transfer,
        "DeleteCertificate": certificates.delete_certificate,
        "GetBaseReport": reports.get_base_report,
        "GetInstalledCertificateIds": certificates.get_installed_certificate_ids,
        "GetReport": reports.get_report,
        "GetTransactionStatus": transactions.get_transaction_status,
        "GetVariables": variables.get_variables,
        "InstallCertificate": certificates.install_certificate,
        "RequestStartTransaction": remote.request_start,
        "RequestStopTransaction": remote.request_stop,
        "Reset": availability.reset,
        "SetVariables": variables.set_variables,
        "TriggerMessage": trigger.trigger_message,
        "UnlockConnector": remote.unlock,
    },
    reports={
        TransactionStarted: transactions.started,
        BeginMetered: transactions.begin_metered,
        ConnectorUnplugged: transactions.unplugged,
        TransactionUpdated: transactions.updated,
        TransactionEnded: transactions.ended,
        MetersSampled: transactions.sampled,
        FirmwareStatusChanged: maintenance.firmware_status,
        LogStatusChanged: maintenance.log_status,
        SecurityEvent: maintenance.security_event,
    },
    answers={"TransactionEvent": transactions.event_answered},
    errors=ERRORS,
    known_actions=KNOWN,
    triggerable_while_pending=frozenset({
        "BootNotification", "Heartbeat", "MeterValues", "NotifyReport", "SignCertificate", "StatusNotification",
        "TransactionEvent",
    }),
    fixed_settings={},
    framing=FRAMING_201,
)  # fmt: skip
