"""Price and cost as the driver is shown them ("OCPP & California Pricing Requirements" 3, sections 3.1 to 3.4)."""

from __future__ import annotations

from chargepoint.core.kinds import READ_ONLY, boolean, choice, csl, integer, string
from chargepoint.core.setting import Coding, Setting
from chargepoint.core.tariffs import NO_PRICE, DefaultPrice, default_price_of, read_default_price

LANGUAGES = ("en", "de", "fr", "nl", "es", "it")
"""In which a price can be told: their letters, without accents, are on every display."""

AS_JSON: Coding[DefaultPrice] = Coding(read_default_price, lambda price: price.source)
AS_TEXT: Coding[DefaultPrice] = Coding(default_price_of, lambda price: price.text)


def _price(name_1_6: str, name_2_x: str, about: str) -> Setting[DefaultPrice]:
    return Setting(
        name_1_6=name_1_6, name_2_x=name_2_x, kind="string", default=NO_PRICE, coding=AS_JSON, coding_2_x=AS_TEXT,
        about=about, max_length=500,
    )  # fmt: skip


CUSTOM_DISPLAY_COST_AND_PRICE = boolean(
    "CustomDisplayCostAndPrice", None, False,
    "There is a display or a page that shows what the back office says of price and cost.", writable=READ_ONLY,
)  # fmt: skip
NUMBER_OF_DECIMALS_FOR_COST_VALUES = integer(
    "NumberOfDecimalsForCostValues", "TariffCostCtrlr.NumberOfDecimalsForCostValues", 2,
    "Digits after the point of a cost that is shown.", maximum=9, writable=READ_ONLY,
)  # fmt: skip
CURRENCY = string(
    None, "TariffCostCtrlr.Currency", "", "Shown behind a cost, as ISO 4217 has it: EUR. Empty: nothing.", max_length=3
)
DEFAULT_PRICE = _price(
    "DefaultPrice", "TariffCostCtrlr.TariffFallbackMessage",
    "What those read who have no price of their own. In 1.6 JSON: priceText, priceTextOffline, chargingPrice.",
)  # fmt: skip


def _text(language: str) -> Setting[DefaultPrice]:
    return _price(
        f"DefaultPriceText,{language}", f"TariffCostCtrlr.TariffFallbackMessage[{language}]",
        f"The same text in the language {language}. In 1.6 JSON: priceText, priceTextOffline.",
    )  # fmt: skip


DEFAULT_PRICE_TEXT_EN = _text("en")
DEFAULT_PRICE_TEXT_DE = _text("de")
DEFAULT_PRICE_TEXT_FR = _text("fr")
DEFAULT_PRICE_TEXT_NL = _text("nl")
DEFAULT_PRICE_TEXT_ES = _text("es")
DEFAULT_PRICE_TEXT_IT = _text("it")
DEFAULT_PRICE_TEXTS = {
    "en": DEFAULT_PRICE_TEXT_EN,
    "de": DEFAULT_PRICE_TEXT_DE,
    "fr": DEFAULT_PRICE_TEXT_FR,
    "nl": DEFAULT_PRICE_TEXT_NL,
    "es": DEFAULT_PRICE_TEXT_ES,
    "it": DEFAULT_PRICE_TEXT_IT,
}
LANGUAGE = choice(
    "Language", None, "en", "In which prices are shown, where the back office tells them in it.", choices=LANGUAGES
)
SUPPORTED_LANGUAGES = csl(
    "SupportedLanguages", None, LANGUAGES, "In which prices can be shown.", choices=LANGUAGES, writable=READ_ONLY
)
CUSTOM_MULTI_LANGUAGE_MESSAGES = boolean(
    "CustomMultiLanguageMessages", None, True, "A price may come in several languages.", writable=READ_ONLY
)
CUSTOM_IDLE_FEE_AFTER_STOP = boolean(
    "CustomIdleFeeAfterStop", None, False,
    "Tell when the plug is taken out after a transaction, for a fee that counts until then.",
)  # fmt: skip

OF_A_DISPLAY = (
    NUMBER_OF_DECIMALS_FOR_COST_VALUES,
    CURRENCY,
    DEFAULT_PRICE,
    *DEFAULT_PRICE_TEXTS.values(),
    LANGUAGE,
    SUPPORTED_LANGUAGES,
    CUSTOM_MULTI_LANGUAGE_MESSAGES,
)
"""A station on which nobody can read anything has none of these."""
