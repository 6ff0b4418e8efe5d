"""The device model: components, their variables, and how requests name them (2.0.1 part 1 section 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chargepoint.ocpp.dialect import Payload

if TYPE_CHECKING:
    from chargepoint.core.setting import Setting
    from chargepoint.ocpp.services import Services

READ_ONLY, WRITE_ONLY, READ_WRITE = "ReadOnly", "WriteOnly", "ReadWrite"

Key = tuple[str, str, int, int]
"""Component: name and instance without case, EVSE and connector (0 where none is named)."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Variable:
    """One variable of one component. Only the attribute Actual exists here."""

    component: str
    name: str
    read: Callable[[Services], str]
    instance: str | None = None
    evse: int = 0
    connector: int = 0
    data_type: str = "string"
    mutability: str = READ_ONLY
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    rating: Callable[[Services], float] | None = None  # maxLimit that depends on how the station is built
    choices: tuple[str, ...] = ()
    summary: bool = False  # belongs into the SummaryInventory: availability and problems
    constant: bool = False  # never changes
    setting: Setting[Any] | None = None  # what SetVariables changes

    @property
    def key(self) -> Key:
        return (self.component.casefold(), "", self.evse, self.connector)

    @property
    def label(self) -> tuple[str, str]:
        return (self.name.casefold(), (self.instance or "").casefold())

    def describe_component(self) -> Payload:
        said: Payload = {"name": self.component}
        if self.evse:
            said["evse"] = {"id": self.evse, **({"connectorId": self.connector} if self.connector else {})}
        return said

    def describe_variable(self) -> Payload:
        return {"name": self.name, **({"instance": self.instance} if self.instance else {})}


def key_of(component: Payload) -> Key:
    """The component that a request means. Names compare without case (CiString)."""
    place = component.get("evse", {})
    instance = component.get("instance", "")
    return (component["name"].casefold(), instance.casefold(), place.get("id", 0), place.get("connectorId", 0))


def label_of(variable: Payload) -> tuple[str, str]:
    return (variable["name"].casefold(), variable.get("instance", "").casefold())


@dataclass(frozen=True, slots=True)
class DeviceModel:
    """Components and variables of one station, as a report lists them."""

    components: dict[Key, dict[tuple[str, str], Variable]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Variable]:
        return (variable for component in self.components.values() for variable in component.values())

    def add(self, variable: Variable) -> None:
        self.components.setdefault(variable.key, {})[variable.label] = variable
