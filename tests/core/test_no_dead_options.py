"""A setting is in the catalogue because something reads it, or because OCPP demands that a station has it."""

import re
from pkgutil import iter_modules

from chargepoint.core import catalogue
from chargepoint.core.setting import Setting
from tests.habits import sources

DEMANDED = {  # writable, yet nothing here can act on them
    "NETWORK_CONFIGURATION_PRIORITY": "required in 2.0.1 and read-write there; there is one profile: it takes only 1",
}


def writable() -> list[str]:
    return [name for name, row in vars(catalogue).items() if isinstance(row, Setting) and row.writable]


def names_of(constant: str) -> list[str]:
    """Its own, and those of the tables it stands in."""
    row, rest = vars(catalogue)[constant], vars(catalogue).items()
    return [constant, *(name for name, table in rest if isinstance(table, dict) and row in table.values())]


def readers(constant: str) -> list[str]:
    files = [source for source in sources("chargepoint") if "core/catalogue/" not in source.path]
    return [source.path for source in files if re.search(rf"\b{constant}\b", source.text)]


def test_the_writable_settings_that_nothing_reads_are_the_ones_excused() -> None:
    unread = {name for name in writable() if not any(map(readers, names_of(name)))}
    assert unread == DEMANDED.keys()
    assert all(DEMANDED.values())


def test_every_topic_of_the_catalogue_is_listed_and_offers_its_rows() -> None:
    assert {topic.__name__.rpartition(".")[2] for topic in catalogue.TOPICS} == {
        module.name for module in iter_modules(catalogue.__path__)
    }
    assert set(catalogue.ALL) == {row for row in vars(catalogue).values() if isinstance(row, Setting)}
    assert len(catalogue.ALL) > 70
