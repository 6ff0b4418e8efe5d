"""Every language says everything, with the same places, and nothing in English that has been forgotten."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chargepoint.doctor import network
from chargepoint.doctor.office import PROVES
from chargepoint.texts import LANGUAGES, catalogue, display_words, first_step, negotiated
from chargepoint.web.texts import document
from hw.displays import words
from hw.guard.faults import FAULTS
from tests.config.faults import DAEMONS

TRANSLATIONS = LANGUAGES[1:]
ENGLISH = catalogue("en")

FORMS = {"en": {"one", "other"}, "de": {"one", "other"}, "fr": {"one", "many", "other"}, "ja": {"other"}}
"""Plural forms of each language (CLDR 46, cardinal)."""

ALIKE = {
    "de": {
        "nothing", "version", "noOffer", "offer", "figure.time", "limits.until", "wires.phase", "wires.pilot",
        "car.phases", "control.limit", "setup.office.title", "setup.cards.name", "setup.settings.kinds.string",
        "setup.configuration.title", "setup.configuration.line", "setup.software.title", "setup.software.version",
        "setup.checks.heads.csms", "setup.hours.to",
    },
    "fr": {
        "nothing", "version", "offer", "figure.total", "wires.phase", "control.session",
        "setup.checks.heads.sensors", "setup.cards.number", "setup.office.url",
    },
    "ja": {"nothing", "offer", "wires.phase"},
}  # fmt: skip
"""What is the same word in both languages."""


def leaves(table: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every text by its dotted path; one with plural forms is one text."""
    for key, value in table.items():
        there = f"{path}.{key}" if path else key
        if isinstance(value, dict) and not set(value) <= {"one", "many", "other"}:
            yield from leaves(value, there)
        else:
            yield there, value


def forms(entry: Any) -> dict[str, str]:
    return entry if isinstance(entry, dict) else {"": entry}


def places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_in_every_language_and_no_other(language: str) -> None:
    assert [path for path, _ in leaves(catalogue(language)["page"])] == [path for path, _ in leaves(ENGLISH["page"])]
    assert list(catalogue(language)["display"]) == list(words.ENGLISH)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_the_same_places(language: str) -> None:
    told = dict(leaves(catalogue(language)["page"]))
    for path, english in leaves(ENGLISH["page"]):
        wanted = places(forms(english).get("other") or forms(english)[""])
        for text in forms(told[path]).values():
            assert places(text) == wanted, path


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_counted_has_the_forms_of_its_language(language: str) -> None:
    told = dict(leaves(catalogue(language)["page"]))
    for path, english in leaves(ENGLISH["page"]):
        if isinstance(english, dict):
            assert set(told[path]) == FORMS[language], path


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_no_english_is_left_over(language: str) -> None:
    told = dict(leaves(catalogue(language)["page"]))
    same = {path for path, english in leaves(ENGLISH["page"]) if told[path] == english}
    assert {path for path in same if re.search("[a-zA-Z]{2}", str(told[path]))} <= ALIKE[language]


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_no_text_is_empty_and_none_begins_or_ends_with_a_blank(language: str) -> None:
    told = [text for _, entry in leaves(catalogue(language)["page"]) for text in forms(entry).values()]
    told += [*catalogue(language)["sentences"].values()]
    assert [text for text in told if not text or text != text.strip()] == []


def test_japanese_is_japanese() -> None:
    told = [text for _, entry in leaves(catalogue("ja")["page"]) for text in forms(entry).values()]
    told += [*catalogue("ja")["sentences"].values()]
    latin = [text for text in told if re.search("[a-z]{3}", re.sub(r"\{.*?\}", "", text))]
    assert [text for text in latin if not re.search("[\u3040-\u30ff\u4e00-\u9fff]", text)] == []


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_remedy_of_a_fault_is_translated(language: str) -> None:
    remedies = {kind.remedy for kind in FAULTS.values()} | {remedy for _, remedy in DAEMONS.values()}
    assert remedies - set(catalogue(language)["sentences"]) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_has_a_name(language: str) -> None:
    assert set(catalogue(language)["page"]["faultNames"]) == {*FAULTS, *DAEMONS}


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_sentences_are_the_same_in_every_language_with_the_same_places(language: str) -> None:
    sentences = catalogue(language)["sentences"]
    assert list(sentences) == list(catalogue("de")["sentences"])
    assert [english for english, told in sentences.items() if places(english) != places(told)] == []


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_what_the_browser_shows_of_the_doctor_is_translated(language: str) -> None:
    titles = {*PROVES.values(), *network.PROVES.values()} | {
        "user", "state directory can be written", "disk has room", "clock is plausible", "clock is kept by NTP",
        "battery keeps the clock", "hardware watchdog is there", "guard runs and reports", "guard sees",
        "guard reports no fault", "self-test passes", "daemon runs", "meter answers", "it answers",
    }  # fmt: skip
    assert titles - set(catalogue(language)["sentences"]) == set()


# --- displays ---------------------------------------------------------------------------------------------------------


def test_displays_know_the_same_languages_and_the_same_english() -> None:
    assert words.LANGUAGES == LANGUAGES
    assert {word: tuple(variants) for word, variants in ENGLISH["display"].items()} == dict(words.ENGLISH)


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_display_of_16_letters_has_a_variant_for_everything(language: str) -> None:
    for word, variants in catalogue(language)["display"].items():
        assert min(len(words.plain(variant) or variant) for variant in variants) <= 16, word
        assert [*map(len, variants)] == sorted(map(len, variants), reverse=True), word


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_driver_reads_the_first_step_of_a_remedy_in_his_language(language: str) -> None:
    told = display_words(language)
    for kind in FAULTS.values():
        assert first_step(kind.remedy) in told
    assert not any(
        text.endswith((".", "。", ";")) for variants in told.values() for text in variants if "{" not in text
    )


def test_english_displays_need_no_table() -> None:
    assert display_words("en") == {}


# --- which language ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        ("", "", "fr"),  # the station's
        ("", "de-AT,de;q=0.9,en;q=0.8", "de"),
        ("", "nl,ja;q=0.5,en;q=0.7", "en"),
        ("", "nl", "fr"),
        ("", "*", "fr"),
        ("", "de;q=0,ja;q=0.1", "ja"),
        ("", "de;q=x,,;;q=,JA", "ja"),
        ("ja", "de", "ja"),
        ("xx", "de", "de"),
        ("../../etc/passwd", "", "fr"),
    ],
)
def test_the_choice_comes_first_then_the_browser_then_the_station(chosen: str, accepted: str, language: str) -> None:
    assert negotiated(chosen, accepted, "fr") == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_gets_what_it_needs_and_not_more(language: str) -> None:
    content, _ = document(language)
    told = json.loads(content)
    assert set(told) == {"language", "languages", "locale", "page", "sentences"}
    assert told["languages"]["ja"] == "日本語"
    assert len(content) < 48 * 1024


# --- every key is used ------------------------------------------------------------------------------------------------

PAGE = Path(__file__).parents[2] / "chargepoint" / "web" / "page"


def test_no_text_is_left_that_nobody_shows() -> None:
    sources = "\n".join(file.read_text() for file in PAGE.iterdir() if file.suffix in (".js", ".html"))
    keys = {key for path, _ in leaves(ENGLISH["page"]) for key in path.split(".")}
    tables = ("states", "hints", "sources", "faultNames", "reasons", "pilots", "contactors", "kinds", "origins",
              "heads", "csms", "clock", "standings", "about")  # fmt: skip
    looked_up = {
        path.split(".")[-1] for path, _ in leaves(ENGLISH["page"]) if any(f".{t}." in f".{path}." for t in tables)
    }
    assert {key for key in keys - looked_up if not re.search(rf"\b{re.escape(key)}\b", sources)} == set()


def test_every_text_that_the_page_names_is_there() -> None:
    html = "\n".join(file.read_text() for file in PAGE.glob("*.html"))
    named = set(re.findall(r'data-(?:t|label)="([\w.]+)"', html))
    assert named - {path for path, _ in leaves(ENGLISH["page"])} == set()
