"""GetVariables and SetVariables (B05, B06): every item gets a result of its own, in the order asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.core.setting import Names
from chargepoint.core.settings import REJECTED
from chargepoint.ocpp.dialect import Payload
from chargepoint.ocpp.v201.components import model_of
from chargepoint.ocpp.v201.device_model import READ_ONLY, WRITE_ONLY, DeviceModel, Variable, key_of, label_of
from chargepoint.ocpp.v201.remarks import Why, remark

if TYPE_CHECKING:
    from chargepoint.ocpp.services import Services

ACTUAL = "Actual"
LONGEST_VALUE = 2500  # attributeValue of GetVariablesResponse and NotifyReport


class Unusable(Exception):
    """There is no such attribute; `word` says which part of its name is at fault."""

    def __init__(self, word: str, why: Why | None = None) -> None:
        super().__init__(word)
        self.word, self.why = word, why


def find(model: DeviceModel, item: Payload) -> Variable:
    """The variable that an item means.

    Raises:
        Unusable: B05.FR.04 to FR.06, B06.FR.06 to FR.08.
    """
    component = model.components.get(key_of(item["component"]))
    if component is None:
        raise Unusable("UnknownComponent")
    variable = component.get(label_of(item["variable"]))
    if variable is None:
        raise Unusable("UnknownVariable")
    if item.get("attributeType", ACTUAL) != ACTUAL:
        raise Unusable("NotSupportedAttributeType")
    return variable


async def get_variables(services: Services, payload: Payload) -> Payload:
    model = model_of(services)
    return {"getVariableResult": [_get(services, model, item) for item in payload["getVariableData"]]}


def _get(services: Services, model: DeviceModel, item: Payload) -> Payload:
    try:
        variable = find(model, item)
    except Unusable as mistake:
        return _result(item, mistake.word)
    if variable.mutability == WRITE_ONLY:  # B06.FR.09
        return _result(item, REJECTED, Why.WRITE_ONLY)
    return {**_result(item, "Accepted"), "attributeValue": variable.read(services)[:LONGEST_VALUE]}


async def set_variables(services: Services, payload: Payload) -> Payload:
    """Changes are made one after the other: of two for the same variable the later one stays."""
    model = model_of(services)
    return {"setVariableResult": [_set(services, model, item) for item in payload["setVariableData"]]}


def _set(services: Services, model: DeviceModel, item: Payload) -> Payload:
    try:
        variable = find(model, item)
    except Unusable as mistake:
        return _result(item, mistake.word)
    setting = variable.setting
    if setting is None or variable.mutability == READ_ONLY:  # B05.FR.09
        return _result(item, REJECTED, Why.READ_ONLY)
    text = item["attributeValue"]
    change = services.act(lambda station, now: station.settings.change(setting, text, "csms", Names.OCPP_2_X))
    why = Why.INVALID_VALUE if change.status == REJECTED else None  # B05.FR.07, FR.08
    return _result(item, change.status, why, change.why)


def _result(item: Payload, word: str, why: Why | None = None, sentence: str = "") -> Payload:
    said: Payload = {"attributeStatus": word, "component": item["component"], "variable": item["variable"]}
    if "attributeType" in item:
        said["attributeType"] = item["attributeType"]
    if why is not None:
        said["attributeStatusInfo"] = remark(why, sentence)
    return said
