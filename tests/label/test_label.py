"""The label: what stands on it, that it can be read by people and phones, and that nothing grows over its edge."""

import json
import sys
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from chargepoint.config.factory import Factory, FactoryStation, Maker, Ratings
from chargepoint.errors import Fixable
from chargepoint.label.files import drawn
from chargepoint.label.layout import EDGE, HEIGHT, SMALLEST, WIDTH, Code, Reserved, Text, layout, width_of
from chargepoint.label.picture import picture
from chargepoint.label.svg import svg
from chargepoint.label.words import Words, as_json, from_json, words_of
from chargepoint.security.setupcode import new_code

CODE = new_code()

FACTORY = Factory(
    station=FactoryStation(vendor="Acme & Söhne", model="Wall <22>", serial_number="A-000123", hardware_revision="B"),
    ratings=Ratings(voltage_v=400, current_a=32, phases=3, ip_code="IP54", ambient="-25 to +40 °C"),
    maker=Maker(address="Acme GmbH, Straße 7, 12345 Stadt", page="http://cp-{serial_number}.local:8080/"),
)
WORDS = words_of(FACTORY, CODE)

SVG = "{http://www.w3.org/2000/svg}"


def texts(words: Words) -> list[Text]:
    return [thing for thing in layout(words) if isinstance(thing, Text)]


def read_by_phone(image: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(image)]


# --- what stands on it ------------------------------------------------------------------------------------------------


def test_it_says_who_made_it_what_it_may_be_connected_to_and_the_code() -> None:
    said = [text.text for text in texts(WORDS)]
    assert said[:2] == ["Acme & Söhne", "Wall <22>"]
    assert {"S/N A-000123", "HW B", CODE, "http://cp-A-000123.local:8080/"} <= set(said)
    assert "400 V 3N~   50 Hz   32 A   IP54   -25 to +40 °C" in said
    assert said[-1] == "Acme GmbH, Straße 7, 12345 Stadt"


def test_it_claims_no_conformity_and_leaves_room_for_who_may() -> None:
    assert [thing for thing in layout(WORDS) if isinstance(thing, Reserved)] != []
    assert not any("CE" in text.text.split() for text in texts(WORDS))


def test_the_code_in_the_address_stays_in_the_browser() -> None:
    assert WORDS.qr == f"http://cp-A-000123.local:8080/#code={CODE}"


def test_where_no_page_is_known_the_code_stands_alone() -> None:
    factory = Factory(station=FACTORY.station)
    assert words_of(factory, CODE).qr == CODE
    assert read_by_phone(Image.open(BytesIO(picture(words_of(factory, CODE), "PNG")))) == [CODE]


# --- everybody can read it --------------------------------------------------------------------------------------------


def test_a_phone_reads_the_picture() -> None:
    image = Image.open(BytesIO(picture(WORDS, "PNG")))
    assert image.info["dpi"] == pytest.approx((609.6, 609.6), abs=0.1)
    assert read_by_phone(image) == [WORDS.qr]
    assert read_by_phone(image.resize((540, 360))) == [WORDS.qr]  # from further away


def test_the_svg_has_the_same_code_in_it() -> None:
    tree = ElementTree.fromstring(svg(WORDS))
    (path,) = tree.iter(f"{SVG}path")
    modules = {(int(x), int(y)) for x, y in _dark(path.attrib["d"])}
    size = max(x for x, _ in modules) + 5
    image = Image.new("L", (size * 4, size * 4), 255)
    for x, y in modules:
        image.paste(0, (x * 4, y * 4, x * 4 + 4, y * 4 + 4))
    assert read_by_phone(image) == [WORDS.qr]


def _dark(path: str) -> list[tuple[int, int]]:
    bars = [bar.split("h")[:2] for bar in path.split("M")[1:]]
    places = [(*map(int, place.split()), int(length.split("v")[0])) for place, length in bars]
    return [(x + step, y) for x, y, length in places for step in range(length)]


def test_the_svg_is_text_that_can_be_searched_and_escaped() -> None:
    said = ["".join(each.itertext()) for each in ElementTree.fromstring(svg(WORDS)).iter(f"{SVG}text")]
    assert {"Acme & Söhne", "Wall <22>", CODE} <= set(said)


def test_a_pdf_is_one() -> None:
    assert picture(WORDS, "PDF").startswith(b"%PDF-")


NAMES = st.text(min_size=1, max_size=80)


@given(vendor=NAMES, model=NAMES, serial=NAMES, ratings=st.lists(NAMES, max_size=5), page=NAMES, address=NAMES)
def test_nothing_grows_over_the_edge_and_nothing_is_too_small(
    vendor: str, model: str, serial: str, ratings: list[str], page: str, address: str
) -> None:
    words = Words(
        vendor=vendor, model=model, serial_number=serial, setup_code=CODE, ratings=tuple(ratings), page=page,
        address=address, hardware_revision=serial,
    )  # fmt: skip
    for text in texts(words):
        left = text.x - width_of(text) if text.end else text.x
        assert left >= EDGE - 0.1
        assert left + width_of(text) <= WIDTH - EDGE + 0.1
        assert text.size >= SMALLEST
        assert 0 < text.y < HEIGHT
    ElementTree.fromstring(svg(words))


def test_widths_are_no_less_than_those_of_a_real_font() -> None:
    from PIL import ImageFont

    font = ImageFont.truetype("DejaVuSans-Bold.ttf", 100) if _has_dejavu() else ImageFont.load_default(100)
    for said in ("Acme Mobility", "WALLBOX MMWW 22", "mmmmwwww", "http://chargepoint-A-000123.local:8080/"):
        assert width_of(Text(0, 0, 100, said, bold=True)) >= font.getlength(said) * 0.97


def _has_dejavu() -> bool:
    from PIL import ImageFont

    try:
        ImageFont.truetype("DejaVuSans-Bold.ttf", 10)
    except OSError:
        return False
    return True


def test_the_code_keeps_its_distance_from_all_else() -> None:
    (code,) = [thing for thing in layout(WORDS) if isinstance(thing, Code)]
    assert all(text.x >= code.x + code.size for text in texts(WORDS) if code.y < text.y < code.y + code.size - 0.5)


# --- files ------------------------------------------------------------------------------------------------------------


def test_its_data_can_be_printed_again_elsewhere() -> None:
    assert from_json(as_json(WORDS)) == WORDS
    assert json.loads(as_json(WORDS))["qr"] == WORDS.qr


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"vendor": 1}', as_json(WORDS).replace(CODE, "0000-0000-0001")])
def test_data_of_something_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        from_json(text)


@pytest.mark.parametrize(
    ("name", "begins"), [("a.svg", b"<svg"), ("a.PNG", b"\x89PNG"), ("a.pdf", b"%PDF"), ("a.json", b"{")]
)
def test_the_name_says_the_form(name: str, begins: bytes) -> None:
    assert drawn(WORDS, Path(name)).startswith(begins)


@pytest.mark.parametrize("name", ["label", "label.jpg", "label.svg.gz"])
def test_other_forms_are_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(Fixable, match=r"\.svg, \.png, \.pdf, \.json"):
        drawn(WORDS, Path(name))


@pytest.mark.parametrize(("library", "names"), [("segno", ["a.svg", "a.png"]), ("PIL", ["a.png", "a.pdf"])])
def test_where_a_library_is_missing_its_name_is_told_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, library: str, names: list[str]
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    for name in names:
        with pytest.raises(Fixable, match="sudo apt install python3-"):
            drawn(WORDS, Path(name))
    assert drawn(WORDS, Path("a.json"))
