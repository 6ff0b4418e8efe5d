"""Command line, page, local API and simulated hardware name faults, cars and plugs alike.

Lists of their own, because `chargepoint status` must not load the simulator to know its own words.
"""

from argparse import ArgumentParser
from dataclasses import fields

from chargepoint.cli import commands
from chargepoint.cli.commands import Arguments
from chargepoint.texts import LANGUAGES, catalogue
from chargepoint.web import sim
from hw.mock import bay
from hw.mock.car import Temper

OF_THE_PLUG = {"cable_a", "inserted"}
TEMPER = {option.name for option in fields(Temper)}


def options(arguments: Arguments) -> set[str]:
    """What a command can be told, but for where and how."""
    parser = ArgumentParser()
    arguments(parser)
    return {action.dest for action in parser._actions} - {"help", "evse", "json"}


def test_all_of_them_know_the_same_faults() -> None:
    assert commands.FAULTS == sim.FAULTS == bay.FAULTS
    for language in LANGUAGES:
        assert tuple(catalogue(language)["page"]["car"]["kinds"]) == bay.FAULTS


def test_a_plug_is_described_by_the_same_words_on_the_command_line_and_in_the_api() -> None:
    assert options(commands.sim_plug) == sim.PLUG.keys()
    assert options(commands.sim_unplug) == sim.UNPLUG.keys()


def test_a_car_is_described_by_the_same_words_on_the_command_line_and_in_the_api() -> None:
    assert options(commands.sim_car) == sim.CAR.keys()


def test_the_simulator_understands_all_of_them() -> None:
    assert sim.PLUG.keys() <= TEMPER | OF_THE_PLUG
    assert sim.CAR.keys() <= TEMPER


def test_a_house_is_described_by_the_same_words_on_the_command_line_and_in_the_api() -> None:
    assert options(commands.sim_house) - {"speaks"} == sim.HOUSE.keys()
