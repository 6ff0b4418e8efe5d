"""docs/doctor.md shows what the doctor really prints."""

from tests.process.doctor_page import FILE, page


async def test_the_page_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == await page(), "run: python -m tests.process.doctor_page"
