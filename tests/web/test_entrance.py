"""Who is let in off this machine: by password, by the browser that has shown it, and the first time by the label."""

import base64
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from chargepoint.security import setupcode
from chargepoint.security.pagepassword import PagePassword, page_password
from chargepoint.web.entrance import VISIT_S, Entrance
from chargepoint.web.http import Answer, Failed
from chargepoint.web.sessionkeys import IDLE_S, MOST
from chargepoint.web.trying import AT_ONCE, EVERY_S, Wait

PASSWORD, CODE = "open sesame", setupcode.new_code(lambda most: 7)
OWNER, GUESSER = "192.168.1.9", "192.168.1.66"


class Visitor:
    """Somebody at the entrance, with a clock of his own."""

    def __init__(self, keys: PagePassword) -> None:
        self.keys, self.now_s, self.hashes = keys, 1000.0, 0
        self.told: list[tuple[str, bool]] = []
        self.entrance = Entrance(keys, lambda peer, accepted: self.told.append((peer, accepted)))
        self.entrance.aside = self._counted

    async def _counted(self, deed: Any, *given: Any) -> Any:
        self.hashes += 1
        return deed(*given)

    async def asks(self, password: str | None = None, peer: str = OWNER, **headers: str) -> int:
        basic = base64.b64encode(f"me:{password}".encode()).decode()
        given = headers if password is None else {"Authorization": f"Basic {basic}", **headers}
        answer = await self.entrance.refuse(given, peer, self.now_s)
        return 200 if answer is None else answer.status

    async def first(self, code: str = CODE, password: str = PASSWORD, peer: str = OWNER) -> Answer:
        return await self._tried(self.entrance.first_use, {"code": code, "password": password}, peer)

    async def logs_in(self, password: str = PASSWORD, peer: str = OWNER) -> Answer:
        return await self._tried(self.entrance.log_in, {"password": password}, peer)

    async def changes(self, current: str, password: str) -> Answer:
        return await self._tried(self.entrance.change, {"current": current, "password": password}, OWNER)

    async def _tried(self, deed: Any, given: dict[str, str], peer: str) -> Answer:
        try:
            answer: Answer = await deed(json.dumps(given).encode(), peer, self.now_s)
        except Failed as refusal:
            return refusal.answer()
        return answer


def cookie(answer: Answer) -> dict[str, str]:
    return {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setupcode, "LOG2_N", 2)


@pytest.fixture
def owned() -> Visitor:
    """A station whose owner has set the password."""
    return Visitor(PagePassword(setupcode.hashed(PASSWORD), setupcode.hashed_code(CODE), Path("unused")))


@pytest.fixture
def fresh(tmp_path: Path) -> Visitor:
    """A station as it leaves the factory."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "setup-code").write_text(setupcode.hashed_code(CODE))
    return Visitor(page_password(None, tmp_path, "0.0.0.0:80"))


# --- the password -----------------------------------------------------------------------------------------------------


async def test_the_password_opens_whatever_the_name(owned: Visitor) -> None:
    assert await owned.asks(PASSWORD) == 200


@pytest.mark.parametrize("password", ["", "open", "open sesame ", "OPEN SESAME", "öpen"])
async def test_a_wrong_password_does_not(owned: Visitor, password: str) -> None:
    assert await owned.asks(password) == 401


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!!", "Bearer x", "Basic " + base64.b64encode(b"no colon").decode()]
)
async def test_odd_authorization_is_a_wrong_password(owned: Visitor, header: str) -> None:
    assert await owned.asks(Authorization=header) == 401


async def test_the_answer_makes_a_program_ask_and_no_browser_in_the_pages_name(owned: Visitor) -> None:
    async def scheme(**headers: str) -> str:
        answer = await owned.entrance.refuse(headers, OWNER, owned.now_s)
        assert answer is not None
        return answer.headers["WWW-Authenticate"].partition(" ")[0]

    assert await scheme() == "Basic"
    assert await scheme(Accept="text/event-stream") == "Cookie"
    assert await scheme(Cookie="chargepoint-0=old") == "Cookie"


async def test_a_password_in_clear_is_as_good_as_a_hash(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(PASSWORD + "\n")
    visitor = Visitor(page_password(tmp_path / "password", tmp_path, "0.0.0.0:80"))
    assert [await visitor.asks(word) for word in (PASSWORD, "guess")] == [200, 401]
    assert visitor.hashes == 0


async def test_a_visit_and_each_wrong_password_are_told(owned: Visitor) -> None:
    await owned.asks(peer="10.0.0.7")
    await owned.asks("guess", peer="10.0.0.7")
    assert owned.told == [("10.0.0.7", False)]
    for _ in range(60):
        owned.now_s += 60
        await owned.asks(PASSWORD, peer="10.0.0.7")
    await owned.asks(PASSWORD, peer="10.0.0.8")
    assert owned.told[1:] == [("10.0.0.7", True), ("10.0.0.8", True)]
    owned.now_s += VISIT_S
    await owned.asks(PASSWORD, peer="10.0.0.7")
    assert owned.told[3:] == [("10.0.0.7", True)]


# --- a thousand wrong ones --------------------------------------------------------------------------------------------


async def test_a_thousand_wrong_passwords_cost_a_handful_of_hashes_and_the_owner_next_to_nothing(
    owned: Visitor,
) -> None:
    answers = []
    for n in range(1000):
        answers.append(await owned.asks(f"guess {n}", GUESSER))
        owned.now_s += 0.01
    assert set(answers) == {401, 429}
    assert owned.hashes <= AT_ONCE + 2
    assert len([told for told in owned.told if not told[1]]) == owned.hashes
    owned.now_s += EVERY_S
    assert await owned.asks(PASSWORD) == 200
    owned.now_s += 15 * 60  # the longest that anybody has to wait, the guesser's neighbours at the same address too
    assert await owned.asks(PASSWORD, GUESSER) == 200


async def test_guessers_from_everywhere_share_an_allowance_and_the_owner_has_one_of_his_own(owned: Visitor) -> None:
    assert await owned.asks(PASSWORD) == 200
    owned.entrance._proven = ""  # as if the station had been started anew since, so that each guess costs a hash
    owned.hashes = 0
    for n in range(1000):
        await owned.asks("guess", f"10.1.{n >> 8}.{n & 255}")
    assert owned.hashes == AT_ONCE - 1  # the owner's first visit was a stranger's, too
    assert await owned.asks("finger slipped") == 401
    assert await owned.asks(PASSWORD) == 200


async def test_once_the_right_one_is_known_wrong_ones_cost_no_hash(owned: Visitor) -> None:
    await owned.asks(PASSWORD)
    assert owned.hashes == 1
    assert await owned.asks("guess", GUESSER) == 401
    for _ in range(20):
        assert await owned.asks(PASSWORD) == 200
    assert owned.hashes == 1


async def test_one_household_of_ipv6_addresses_counts_as_one(owned: Visitor) -> None:
    for n in range(8):
        await owned.asks("guess", f"2001:db8::{n}")
    assert await owned.asks("guess", "2001:db8::ffff") == 429


async def test_a_browser_that_sends_no_password_is_not_guessing(owned: Visitor) -> None:
    assert {await owned.asks() for _ in range(100)} == {401}
    assert await owned.asks(PASSWORD) == 200


async def test_who_is_told_to_wait_is_told_how_long(owned: Visitor) -> None:
    for n in range(6):
        answer = await owned.logs_in(f"guess {n}", GUESSER)
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) == json.loads(answer.body)["wait_s"] > 0


@pytest.mark.parametrize(("wait_s", "said"), [(0.4, "wait 1 second"), (1.0, "wait 2 seconds")])
def test_one_second_is_said_as_one(wait_s: float, said: str) -> None:
    assert str(Wait(wait_s)) == f"too many wrong tries; {said}"


# --- browsers ---------------------------------------------------------------------------------------------------------


async def test_a_browser_shows_the_password_once(owned: Visitor) -> None:
    came = await owned.logs_in()
    assert came.status == 200
    assert {"HttpOnly", "SameSite=Strict"} <= set(came.headers["Set-Cookie"].split("; "))
    assert await owned.asks(**cookie(came)) == 200
    for _ in range(3):  # somebody guesses at the owner's own address: the browser that is in stays in
        for n in range(20):
            await owned.asks(f"guess {n}")
        assert await owned.asks(**cookie(came)) == 200


async def test_a_browser_that_rests_too_long_or_logs_out_is_a_stranger_again(owned: Visitor) -> None:
    first, second = await owned.logs_in(), await owned.logs_in()
    owned.now_s += IDLE_S - 1
    assert await owned.asks(**cookie(first)) == 200
    owned.now_s += 1
    assert [await owned.asks(**cookie(each)) for each in (first, second)] == [200, 401]
    assert "Max-Age=0" in owned.entrance.log_out(cookie(first)).headers["Set-Cookie"]
    assert await owned.asks(**cookie(first)) == 401


@pytest.mark.parametrize(
    "value", ["", "x", "chargepoint-0=x", "chargepoint-0=", "=;;", "chargepoint-0=\udcff", ";" * 999]
)
async def test_a_made_up_cookie_lets_nobody_in(owned: Visitor, value: str) -> None:
    await owned.logs_in()
    assert await owned.asks(Cookie=value) == 401


async def test_the_browsers_that_are_remembered_are_counted(owned: Visitor) -> None:
    first = await owned.logs_in()
    for _ in range(MOST):
        last = await owned.logs_in()
    assert [await owned.asks(**cookie(each)) for each in (first, last)] == [401, 200]


# --- the first time ---------------------------------------------------------------------------------------------------


async def test_the_labels_code_sets_the_first_password_and_comes_in(fresh: Visitor) -> None:
    assert fresh.entrance.state == "code"
    came = await fresh.first(CODE.lower().replace("-", " "))
    assert (came.status, fresh.entrance.state) == (200, "password")
    assert await fresh.asks(**cookie(came)) == 200
    assert await fresh.asks(PASSWORD) == 200


async def test_the_password_outlives_a_restart_and_stands_nowhere_in_clear(fresh: Visitor, tmp_path: Path) -> None:
    await fresh.first()
    file = tmp_path / "secrets" / "web-password"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert PASSWORD not in file.read_text()
    again = Visitor(page_password(None, tmp_path, "0.0.0.0:80"))
    assert (again.entrance.state, await again.asks(PASSWORD)) == ("password", 200)


async def test_the_code_is_good_once(fresh: Visitor) -> None:
    await fresh.first()
    again = await fresh.first(password="another password")
    assert again.status == 409
    assert await fresh.asks("another password") == 401


async def test_before_that_nothing_opens(fresh: Visitor) -> None:
    assert [await fresh.asks(word) for word in (None, "", PASSWORD, CODE)] == [401] * 4
    assert (await fresh.logs_in("")).status == 403
    assert fresh.keys.kept == ""


async def test_a_slip_of_the_finger_is_no_guess_and_another_stations_code_is(fresh: Visitor) -> None:
    for _ in range(20):
        assert (await fresh.first(CODE[:-1] + "0")).status in (400, 429)
        fresh.now_s += EVERY_S
    assert fresh.told == []
    another = setupcode.new_code(lambda most: 9)
    assert (await fresh.first(another)).status == 403
    assert fresh.told == [(OWNER, False)]


async def test_a_thousand_codes_cost_a_handful_of_hashes_and_do_not_shut_the_owner_out(fresh: Visitor) -> None:
    for n in range(1000):
        await fresh.first(setupcode.new_code(), peer=f"10.1.{n >> 8}.{n & 255}")
    assert fresh.hashes == AT_ONCE
    fresh.now_s += EVERY_S
    assert (await fresh.first()).status == 200


@pytest.mark.parametrize("password", ["", "1234567", "x" * 201, "with a \n in it"])
async def test_a_poor_password_is_not_taken(fresh: Visitor, password: str) -> None:
    assert (await fresh.first(password=password)).status == 400
    assert fresh.entrance.state == "code"


async def test_a_disk_that_takes_nothing_is_said_and_the_code_stays_good(fresh: Visitor, tmp_path: Path) -> None:
    (tmp_path / "secrets" / "web-password.new").mkdir()
    answer = await fresh.first()
    assert (answer.status, "cannot be kept" in answer.body.decode()) == (409, True)
    (tmp_path / "secrets" / "web-password.new").rmdir()
    fresh.now_s += EVERY_S
    assert (await fresh.first()).status == 200


async def test_without_a_code_nobody_is_let_in_and_the_log_says_what_to_do(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = Visitor(page_password(None, tmp_path, "0.0.0.0:80"))
    assert "chargepoint provision" in caplog.text
    assert visitor.entrance.state == "closed"
    assert [(await visitor.first()).status, await visitor.asks("")] == [404, 401]


# --- another password -------------------------------------------------------------------------------------------------


async def test_another_password_sends_every_other_browser_out(fresh: Visitor) -> None:
    mine, other = await fresh.first(), await fresh.logs_in()
    assert (await fresh.changes("guess", "another password")).status == 403
    mine = await fresh.changes(PASSWORD, "another password")
    assert [await fresh.asks(**cookie(each)) for each in (mine, other)] == [200, 401]
    assert [await fresh.asks(word) for word in ("another password", PASSWORD)] == [200, 401]


async def test_a_password_that_the_configuration_names_is_not_changed_here(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(PASSWORD)
    visitor = Visitor(page_password(tmp_path / "password", tmp_path, "0.0.0.0:80"))
    answer = await visitor.changes(PASSWORD, "another password")
    assert (answer.status, "password_file" in answer.body.decode()) == (409, True)
