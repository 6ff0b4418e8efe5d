"""What stands in the device model of this station: every setting with a 2.x name, and the hardware as it is now.

Source of names: OCPP 2.0.1 part 2 edition 3, "Referenced components and variables" and the standardized components.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from chargepoint.core import catalogue as known
from chargepoint.core.facts import Status
from chargepoint.core.metering import NOMINAL_V
from chargepoint.core.setting import Names, Setting
from chargepoint.ocpp.instants import number_text, time_text
from chargepoint.ocpp.signed_values import public_key
from chargepoint.ocpp.v201.device_model import READ_ONLY, READ_WRITE, WRITE_ONLY, DeviceModel, Variable
from chargepoint.ocpp.v201.phrases import CONNECTOR, STATUS_WORDS
from chargepoint.ocpp.v201.problems import PROBLEMS, Problem

if TYPE_CHECKING:
    from chargepoint.core.evse import Evse
    from chargepoint.ocpp.services import Services

Reader = Callable[["Services"], str]

STATES = tuple(dict.fromkeys(STATUS_WORDS.values()))
PLUGS = {"socket": "sType2", "cable": "cType2"}  # ConnectorEnumType: socket or captive cable of IEC 62196-2

CAPABILITIES: dict[str, bool] = {
    "AlignedDataCtrlr": True,
    "AuthCacheCtrlr": True,
    "DisplayMessageCtrlr": False,
    "LocalAuthListCtrlr": False,
    "MonitoringCtrlr": False,
    "ReservationCtrlr": False,
    "SampledDataCtrlr": True,
    "SmartChargingCtrlr": False,
}
"""The variable Available of each controller: is this part of OCPP there?"""


Rows = frozenset[Setting[Any]]


def model_of(services: Services) -> DeviceModel:
    evses = services.station.evses
    signing = frozenset(number for number, evse in evses.items() if evse.signing)
    return _model(tuple(sorted(evses)), signing, *services.settings.shape)


@lru_cache(maxsize=1)
def _model(evses: tuple[int, ...], signing: frozenset[int], rows: Rows, fixed: Rows) -> DeviceModel:
    """Built once for a station; values are read when they are asked for."""
    model = DeviceModel()
    for variable in (*_settings(rows, fixed), *_capabilities(), *_station()):
        model.add(variable)
    for evse in evses:
        for variable in (*_evse(evse), *_connector(evse), *_problems(evse)):
            model.add(variable)
    for evse in signing:
        model.add(_text("FiscalMetering", "PublicKey", partial(_public_key, evse), evse=evse))
    return model


# --- settings ---------------------------------------------------------------------------------------------------------


def _settings(rows: Rows, fixed: Rows) -> Iterator[Variable]:
    for setting in known.ALL:
        if setting.name_2_x is not None and setting in rows:
            yield _of_setting(setting, fixed)


def _of_setting(setting: Setting[Any], fixed: Rows) -> Variable:
    mutability = READ_ONLY if setting in fixed else _mutability(setting)
    return Variable(
        component=setting.component, name=setting.variable, instance=setting.instance, read=_reader(setting),
        data_type=setting.data_type, mutability=mutability, unit=setting.unit, minimum=setting.minimum,
        maximum=_maximum(setting), choices=setting.choices_2_x or setting.choices, setting=setting,
    )  # fmt: skip


def _reader(setting: Setting[Any]) -> Reader:
    if setting is known.DATE_TIME:
        return lambda services: time_text(services.clock.now().at)
    return lambda services: services.settings.text(setting, Names.OCPP_2_X)


def _mutability(setting: Setting[Any]) -> str:
    if not setting.readable:
        return WRITE_ONLY
    return READ_WRITE if setting.writable_as(Names.OCPP_2_X) else READ_ONLY


def _maximum(setting: Setting[Any]) -> float | None:
    """maxLimit: of a number its value, of a text or list the length of the text (VariableCharacteristicsType)."""
    if setting.kind in ("list", "sequence"):
        choices = setting.choices_2_x or setting.choices
        return len(",".join(choices)) if choices else None
    return setting.max_length if setting.kind == "string" else setting.maximum


def _capabilities() -> Iterator[Variable]:
    for controller, available in CAPABILITIES.items():
        yield _flag(controller, "Available", _yes if available else _no)


# --- station ----------------------------------------------------------------------------------------------------------


def _station() -> Iterator[Variable]:
    name = "ChargingStation"
    yield _state(name, lambda services: STATUS_WORDS[services.station.status])
    yield _flag(name, "Available", _yes)
    yield _flag(name, "Problem", lambda services: _truth(services.station.status is Status.FAULTED), summary=True)
    yield _integer(name, "SupplyPhases", lambda services: max(_phases(services, n) for n in services.station.evses))
    yield _text(name, "Model", lambda services: services.nameplate.model)
    yield _text(name, "VendorName", lambda services: services.nameplate.vendor)
    yield _text(name, "SerialNumber", lambda services: services.nameplate.serial_number)
    yield _text(name, "FirmwareVersion", lambda services: services.nameplate.firmware_version)


# --- EVSE and connector -----------------------------------------------------------------------------------------------


def _evse(evse: int) -> Iterator[Variable]:
    name = "EVSE"
    yield _flag(name, "AllowReset", _yes, evse=evse)  # B11.FR.09
    yield _state(name, lambda services: _status(services, evse), evse=evse)
    yield _flag(name, "Available", _yes, evse=evse)
    yield _flag(name, "Problem", lambda services: _truth(_faulted(services, evse)), evse=evse, summary=True)
    yield _integer(name, "SupplyPhases", lambda services: _phases(services, evse), evse=evse)
    yield Variable(
        component=name, name="Power", evse=evse, data_type="decimal", unit="W",
        read=lambda services: number_text(_power_w(_at(services, evse))),
        rating=lambda services: _rated_w(_at(services, evse)),
    )  # fmt: skip


def _connector(evse: int) -> Iterator[Variable]:
    name = "Connector"
    yield _state(name, lambda services: _status(services, evse), evse=evse, connector=CONNECTOR)
    yield _flag(name, "Available", _yes, evse=evse, connector=CONNECTOR)
    yield _text(name, "ConnectorType", lambda services: _plug(services, evse), evse=evse, connector=CONNECTOR)
    yield _integer(name, "SupplyPhases", lambda services: _phases(services, evse), evse=evse, connector=CONNECTOR)


def _problems(evse: int) -> Iterator[Variable]:
    """What is wrong, at the component that has it."""
    for problem in dict.fromkeys(PROBLEMS.values()):
        connector = CONNECTOR if problem.component == "Connector" else 0
        read = partial(_stands, evse, problem)
        yield _flag(problem.component, problem.variable, read, evse=evse, connector=connector)


def _stands(evse: int, problem: Problem, services: Services) -> str:
    return _truth(any(PROBLEMS.get(fault.name) == problem for fault in _at(services, evse).faults))


def _at(services: Services, evse: int) -> Evse:
    return services.station.evses[evse]


def _public_key(evse: int, services: Services) -> str:
    return public_key(_at(services, evse).public_key)


def _phases(services: Services, evse: int) -> int:
    return _at(services, evse).spec.phases


def _plug(services: Services, evse: int) -> str:
    return PLUGS[_at(services, evse).spec.outlet]


def _status(services: Services, evse: int) -> str:
    return STATUS_WORDS[_at(services, evse).status]


def _faulted(services: Services, evse: int) -> bool:
    return _at(services, evse).status is Status.FAULTED


def _power_w(evse: Evse) -> float:
    return (evse.reading.power_w if evse.reading else None) or 0.0


def _rated_w(evse: Evse) -> float:
    return evse.spec.max_current_a * evse.spec.phases * NOMINAL_V


# --- kinds of variables -----------------------------------------------------------------------------------------------


def _yes(services: Services) -> str:
    return "true"


def _no(services: Services) -> str:
    return "false"


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _flag(component: str, name: str, read: Reader, *, evse: int = 0, connector: int = 0, summary: bool = False
          ) -> Variable:  # fmt: skip
    return Variable(component=component, name=name, read=read, evse=evse, connector=connector, data_type="boolean",
                    summary=summary)  # fmt: skip


def _state(component: str, read: Reader, *, evse: int = 0, connector: int = 0) -> Variable:
    return Variable(component=component, name="AvailabilityState", read=read, evse=evse, connector=connector,
                    data_type="OptionList", choices=STATES, summary=True)  # fmt: skip


def _text(component: str, name: str, read: Reader, *, evse: int = 0, connector: int = 0) -> Variable:
    return Variable(component=component, name=name, read=read, evse=evse, connector=connector, constant=True)


def _integer(component: str, name: str, count: Callable[[Services], int], *, evse: int = 0, connector: int = 0
             ) -> Variable:  # fmt: skip
    return Variable(component=component, name=name, read=lambda services: str(count(services)), evse=evse,
                    connector=connector, data_type="integer", constant=True)  # fmt: skip
