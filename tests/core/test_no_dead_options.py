"""A setting is in the catalogue because something reads it, or because OCPP demands that a station has it."""

from chargepoint.core import catalogue
from chargepoint.core.setting import Setting
from tests.habits import sources

DEMANDED = {  # writable, yet nothing here can act on them
    "NETWORK_CONFIGURATION_PRIORITY": "required in 2.0.1; there is one network profile",
    "NETWORK_PROFILE_CONNECTION_ATTEMPTS": "required in 2.0.1; there is one network profile",
    "CPO_NAME": "required in 2.0.1; goes into certificate requests, which are not made yet",
    "RESET_RETRIES": "required in both; restarting in place does not fail and come back",
    "TIME_SOURCE": "required in 2.0.1; its default is what the station does",
    "CONNECTOR_PHASE_ROTATION": "required in 1.6; the wiring is what the configuration file says",
    "TX_BEFORE_ACCEPTED_ENABLED": "its default is what the station does",
}


def writable() -> list[str]:
    return [name for name, row in vars(catalogue).items() if isinstance(row, Setting) and row.writable]


def readers(constant: str) -> list[str]:
    files = [source for source in sources("chargepoint") if not source.path.endswith("core/catalogue.py")]
    return [source.path for source in files if constant in source.text]


def test_every_writable_setting_is_read_by_something_or_demanded() -> None:
    unread = {name for name in writable() if not readers(name)}
    assert unread - DEMANDED.keys() == set()


def test_each_exception_has_its_reason_and_exists() -> None:
    assert all(DEMANDED.values())
    assert DEMANDED.keys() <= set(writable())
