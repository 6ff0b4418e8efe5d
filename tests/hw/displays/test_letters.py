"""Words on a display in the letters it has: its language where it can, English where it cannot, never boxes."""

from pathlib import Path

import pytest

from chargepoint.texts import LANGUAGES, display_words
from hw.api import Screen
from hw.discovery import Place
from hw.displays.face import words_at
from hw.displays.layout import page
from hw.displays.lcd import Lcd
from hw.displays.oled import Oled
from hw.displays.picture import Letters, draw
from hw.displays.words import ENGLISH, plain, wholly_plain

KANJI = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
IDLE = Screen(1, "available", messages=("present_card",))


def place(language: str) -> Place:
    return Place("display.1", Path("/nonexistent"), words=display_words(language))


def lcd(language: str, screen: Screen = IDLE) -> list[str]:
    return page((screen,), words_at(place(language)), 20, 4)


def test_letters_lose_their_accents_where_a_display_has_none() -> None:
    assert lcd("de")[0] == "Frei"
    assert lcd("de", Screen(1, "charging"))[0] == "Laedt"
    assert lcd("fr")[1:3] == ["Presentez votre", "badge au lecteur"]


def test_a_display_without_japanese_letters_speaks_english() -> None:
    assert lcd("ja") == lcd("en") == ["Available", "Hold your card to", "the reader", ""]


def test_a_remedy_is_shown_in_the_language_or_as_it_came() -> None:
    remedy = "The plug is not fully in the socket: push it home"
    told = Screen(1, "faulted", messages=(remedy,))
    assert lcd("de", told)[1].startswith("Der Stecker")
    assert lcd("ja", told)[1].startswith("The plug")
    assert lcd("de", Screen(1, "faulted", messages=("Back office: hello",)))[1] == "Back office: hello"


@pytest.mark.parametrize("text", ["Lädt", "Café", "3 €", "naïve – so", "Œuvre"])
def test_what_only_loses_accents_is_said(text: str) -> None:
    assert wholly_plain(text) == plain(text) != ""


@pytest.mark.parametrize("text", ["充電中", "Ελλάδα", "☕"])
def test_what_would_lose_more_is_not(text: str) -> None:
    assert wholly_plain(text) is None


@pytest.mark.parametrize("language", ["de", "fr"])
def test_the_own_font_of_a_picture_has_the_letters_of_western_europe(language: str) -> None:
    letters = Letters()
    said = [text for variants in display_words(language).values() for text in variants if "{" not in text]
    assert [text for text in said if letters.has(text) is None and wholly_plain(text) is None] == []


def test_without_a_font_for_it_a_picture_in_japanese_is_the_english_one() -> None:
    letters = Letters()
    assert letters.has("充電中") is None
    pictures = [draw((IDLE,), words_at(place(language), letters.has), (128, 64), letters) for language in ("ja", "en")]
    assert pictures[0].tobytes() == pictures[1].tobytes()


def test_a_font_that_is_not_there_is_said_and_the_own_one_is_used(caplog: pytest.LogCaptureFixture) -> None:
    letters = Letters("/nonexistent/font.ttf")
    assert draw((IDLE,), words_at(place("ja"), letters.has), (128, 64), letters).getbbox()
    assert "install it" in caplog.text


@pytest.mark.skipif(not KANJI.exists(), reason="no Japanese letters: apt-get install fonts-noto-cjk")
def test_with_one_it_is_japanese_and_stays_within_its_edges() -> None:
    letters = Letters(str(KANJI))
    words = words_at(place("ja"), letters.has)
    assert words.full("present_card") == "カードをかざしてください"
    picture = draw((IDLE,), words, (128, 64), letters)
    english = draw((IDLE,), words_at(place("en"), letters.has), (128, 64), letters)
    assert picture.tobytes() != english.tobytes()
    assert max(letters.width(line, 12) for line in letters.wrapped(words.full("card_random"), 12, 128)) <= 128
    assert not any(line[0] in "、。" for line in letters.wrapped(words.full("card_random"), 12, 60))


@pytest.mark.parametrize("driver", [Lcd, Oled])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_display_takes_every_language(driver: type[Lcd] | type[Oled], language: str) -> None:
    options = driver.Options(language=language)
    assert driver(options, place(language))  # type: ignore[arg-type]
    assert set(display_words("de")) >= set(ENGLISH)
