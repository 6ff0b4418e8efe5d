"""GetBaseReport and GetReport (B07, B08): the answer first, then NotifyReport in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from chargepoint.core.setting import Names
from chargepoint.ocpp.dialect import Payload
from chargepoint.ocpp.instants import time_text
from chargepoint.ocpp.v201.components import model_of
from chargepoint.ocpp.v201.device_model import READ_ONLY, WRITE_ONLY, DeviceModel, Variable
from chargepoint.ocpp.v201.remarks import Why, status
from chargepoint.ocpp.v201.variables import LONGEST_VALUE

if TYPE_CHECKING:
    from chargepoint.ocpp.services import Services

PART = 40
"""Variables in one NotifyReport: some 12 kB, which every back office can take."""

LONGEST_LIST = 1000  # valuesList

INVENTORIES: dict[str, Callable[[Variable], bool]] = {
    "ConfigurationInventory": lambda variable: variable.mutability != READ_ONLY,  # what an operator can set
    "FullInventory": lambda variable: True,
    "SummaryInventory": lambda variable: variable.summary,  # availability and problems
}


async def get_base_report(services: Services, payload: Payload) -> Payload:
    wanted = INVENTORIES.get(payload["reportBase"])
    if wanted is None:
        return status("NotSupported", Why.UNSUPPORTED_PARAM)
    return _report(services, payload["requestId"], [each for each in model_of(services) if wanted(each)])


async def get_report(services: Services, payload: Payload) -> Payload:
    """Everything that fits one of the named components and variables, and one of the criteria (B08)."""
    named: list[Payload] = payload.get("componentVariable") or []
    criteria: list[str] = payload.get("componentCriteria") or []
    model = model_of(services)
    fitting = [each for each in model if not named or any(_named(each, item) for item in named)]
    if criteria:
        fitting = [each for each in fitting if any(_meets(services, model, each, word) for word in criteria)]
    return _report(services, payload["requestId"], fitting)


def _named(variable: Variable, item: Payload) -> bool:
    """What the item leaves out (EVSE, connector, variable, instance) fits all of them (TC_B_54, TC_B_56)."""
    component, place, label = item["component"], item["component"].get("evse", {}), item.get("variable")
    if component["name"].casefold() != variable.component.casefold() or component.get("instance"):
        return False
    if place.get("id", variable.evse) != variable.evse:
        return False
    if place.get("connectorId", variable.connector) != variable.connector:
        return False
    return label is None or (
        label["name"].casefold() == variable.name.casefold()
        and label.get("instance", variable.instance or "").casefold() == (variable.instance or "").casefold()
    )


def _meets(services: Services, model: DeviceModel, variable: Variable, criterion: str) -> bool:
    """A component without that flag counts as active, available and enabled, and as without problem."""
    flag = model.components[variable.key].get((criterion.casefold(), ""))
    return criterion != "Problem" if flag is None else flag.read(services) == "true"


def _report(services: Services, request: int, variables: list[Variable]) -> Payload:
    if not variables:
        return status("EmptyResultSet")
    generated_at = time_text(services.clock.now().at)
    parts = [variables[start : start + PART] for start in range(0, len(variables), PART)]
    for number, part in enumerate(parts):
        said: dict[str, Any] = {
            "requestId": request,
            "generatedAt": generated_at,
            "seqNo": number,  # B07.FR.10: from 0
            "tbc": number < len(parts) - 1,
            "reportData": _entries(services, part),
        }
        services.speaker.say("NotifyReport", said)
    return status("Accepted")


def _entries(services: Services, variables: Iterable[Variable]) -> list[Payload]:
    return [
        {
            "component": variable.describe_component(),
            "variable": variable.describe_variable(),
            "variableAttribute": [_attribute(services, variable)],
            "variableCharacteristics": _characteristics(services, variable),
        }
        for variable in variables
    ]


def _attribute(services: Services, variable: Variable) -> Payload:
    said: Payload = {
        "type": "Actual",
        "mutability": variable.mutability,
        "persistent": variable.setting is not None or variable.constant,
        "constant": variable.constant,
    }
    if variable.mutability != WRITE_ONLY:  # B07.FR.08: a secret has no value here
        said["value"] = variable.read(services)[:LONGEST_VALUE]
    return said


def _characteristics(services: Services, variable: Variable) -> Payload:
    values = ",".join(_choices(services, variable))
    said: dict[str, Any] = {
        "dataType": variable.data_type,
        "supportsMonitoring": False,
        "unit": variable.unit or None,
        "minLimit": variable.minimum,
        "maxLimit": variable.rating(services) if variable.rating else variable.maximum,
        "valuesList": values if 0 < len(values) <= LONGEST_LIST else None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _choices(services: Services, variable: Variable) -> tuple[str, ...]:
    """What this station can deliver of a list's members."""
    if variable.setting is None:
        return variable.choices
    return services.settings.choices(variable.setting, Names.OCPP_2_X)
