"""At rest: whoever takes the phone apart finds no name in it. The same search finds every one in a control build."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.builds import Deployment, deploy
from tests.browser.conftest import BrowserFactory, ServerFactory
from tests.browser.harness import LiveServer, Phone
from tests.browser.officer_steps import (
    PASSPHRASE,
    Details,
    agree,
    agreed_before,
    answer_questions,
    begin_arrest,
    card,
    choose_charge,
    field,
    go_home,
    go_on,
    heading,
    lock,
    open_card,
    open_details,
    refer,
    send_details,
    sign_in,
    unlock,
    write_details,
)
from tests.browser.server_side import arrived

#: Where each is typed. Accents and an emoji, because other encodings write those differently.
DRAFT_WITNESS = "Zephyrine Quillwort"
SENT_PLACE = "Tanglewood Mews"
SENT_NAME = "Ignacio Ñandúbay"
SENT_NOTE = "Umbrage Kestrelmoor 🦜"
UNSENT_PLACE = "Sassafras Hollow"
UNSENT_NAME = "Philomena Drakeford"
HALF_WRITTEN = "Barnabas Oxenfree"
CANARIES = (DRAFT_WITNESS, SENT_PLACE, SENT_NAME, SENT_NOTE, UNSENT_PLACE, UNSENT_NAME, HALF_WRITTEN)


@pytest.fixture
def control(built_pwa: None, tmp_path: Path) -> Deployment:
    """The app with its encryption at rest switched off, which only this build can do."""
    return deploy(tmp_path / "control", settings={"VITE_HANDOFF_PLAINTEXT": "1"})


def test_nothing_typed_can_be_read_from_the_phone_s_storage(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "officer")
    a_night_s_work(phone, live_server)
    assert found_in(phone.profile, (*CANARIES, PASSPHRASE)) == {}


def test_the_same_search_finds_everything_where_nothing_is_encrypted(
    start_server: ServerFactory, start_phone: BrowserFactory[Phone], control: Deployment
) -> None:
    server = start_server(control.environment)
    phone = start_phone(server, "officer")
    a_night_s_work(phone, server)
    assert set(found_in(phone.profile, CANARIES)) == set(CANARIES)


def a_night_s_work(phone: Phone, server: LiveServer) -> None:
    """One referral received, one unsent, one with half-written details, one draft; locked, restarted, read, and dead."""
    page = sign_in(phone)
    received = refer(page, SENT_PLACE)
    open_details(page)
    write_details(page, Details(name=SENT_NAME, note=SENT_NOTE))
    send_details(page)
    arrived(page, server, received, operations=5)
    go_home(page)
    expect(card(page, SENT_NAME)).to_contain_text("Received · no.")

    phone.set_online(False)
    refer(page, UNSENT_PLACE)
    open_details(page)
    write_details(page, Details(name=UNSENT_NAME))
    send_details(page)
    open_details(page)
    write_details(page, Details(contact=HALF_WRITTEN))
    go_home(page)
    begin_arrest(page)
    choose_charge(page)
    go_on(page)
    answer_questions(page)
    agree(page)
    agreed_before(page, DRAFT_WITNESS)
    lock(page)

    # Once more through everything, so that whatever a browser keeps of a screen has been kept.
    page = phone.restart()
    unlock(page)
    open_card(page, "Draft")
    expect(field(page, "Name of the witness")).to_have_value(DRAFT_WITNESS)
    go_home(page)
    open_card(page, UNSENT_NAME)
    open_details(page)
    expect(field(page, "How to find them")).to_have_value(HALF_WRITTEN)
    go_home(page)
    lock(page)
    expect(heading(page)).to_have_text("Locked")
    phone.close()


def found_in(folder: Path, texts: tuple[str, ...]) -> dict[str, list[str]]:
    """Which texts stand in which files, in any form that a browser writes text in."""
    needles = {text: set(forms(text)) for text in texts}
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        content = path.read_bytes()
        for text, each in needles.items():
            if any(form in content for form in each):
                found.setdefault(text, []).append(path.relative_to(folder).as_posix())
    return found


def forms(text: str) -> Iterator[bytes]:
    """The text as bytes: by encoding, as JSON writes it, and as base64 at each of its three alignments."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        plain = text.encode(encoding)
        yield plain
        for skipped in range(3):
            # Bytes before and after share a group with the text: only whole groups of its own are the same everywhere.
            body = plain[skipped:]
            own = body[: len(body) // 3 * 3]
            yield base64.b64encode(own)
            yield base64.urlsafe_b64encode(own)
    escaped = json.dumps(text)[1:-1].encode()
    yield escaped
    yield escaped.decode().encode("utf-16-le")
    yield text.encode("latin-1", errors="ignore")


@pytest.mark.parametrize("before", [b"", b"1", b"12"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_the_search_knows_base64_at_every_alignment(tmp_path: Path, before: bytes, encoding: str) -> None:
    hidden = base64.b64encode(before + SENT_NAME.encode(encoding) + b"after")
    (tmp_path / "file").write_bytes(b"\x00" + hidden + b"\x00")
    assert found_in(tmp_path, (SENT_NAME, UNSENT_NAME)) == {SENT_NAME: ["file"]}
