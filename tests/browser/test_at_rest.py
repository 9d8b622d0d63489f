"""At rest: whoever takes the phone apart finds no name and no key in it. The same search finds every one in a control.

The keys are known to the test alone: a script that is there before the app's own keeps what passes through the browser's
cryptography, in the page's memory, and the test reads it from there.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from api.devices.keys import SealingKeys
from tests.browser.builds import Deployment, deploy
from tests.browser.conftest import BrowserFactory, ServerFactory
from tests.browser.harness import LiveServer, Phone
from tests.browser.locked_profile import recover, stored_in, unsealed
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
    set_pin,
    sign_in,
    unlock,
    write_details,
)
from tests.browser.server_side import ALERT, arrived

#: Where each is typed. Accents and an emoji, because other encodings write those differently.
DRAFT_WITNESS = "Zephyrine Quillwort"
SENT_PLACE = "Tanglewood Mews"
SENT_NAME = "Ignacio Ñandúbay"
SENT_NOTE = "Umbrage Kestrelmoor 🦜"
UNSENT_PLACE = "Sassafras Hollow"
UNSENT_NAME = "Philomena Drakeford"
HALF_WRITTEN = "Barnabas Oxenfree"
PIN = "864209"
CANARIES = (DRAFT_WITNESS, SENT_PLACE, SENT_NAME, SENT_NOTE, UNSENT_PLACE, UNSENT_NAME, HALF_WRITTEN)


@pytest.fixture
def control(built_pwa: None, tmp_path: Path) -> Deployment:
    """The app with its encryption at rest switched off, which only this build can do."""
    return deploy(tmp_path / "control", settings={"VITE_HANDOFF_PLAINTEXT": "1"})


#: Keeps the raw bytes of every key that the page makes, imports or unwraps: the vault's, the signing key's, the PIN's.
KEEP_KEYS = """
globalThis.seen_keys = {};
const hex = (bytes) => [...new Uint8Array(bytes.buffer ?? bytes, bytes.byteOffset ?? 0, bytes.byteLength)]
  .map((byte) => byte.toString(16).padStart(2, '0')).join('');
const { importKey, deriveKey, deriveBits } = crypto.subtle;
const keep = (kind, bytes) => { globalThis.seen_keys[hex(bytes)] = kind; };
crypto.subtle.importKey = function (format, material, algorithm, ...rest) {
  const name = algorithm.name ?? algorithm;
  if (['raw', 'pkcs8'].includes(format) && ['AES-GCM', 'ECDSA', 'HKDF'].includes(name)) keep(name, material);
  return importKey.call(this, format, material, algorithm, ...rest);
};
crypto.subtle.deriveKey = async function (algorithm, from, to, extractable, uses) {
  const key = await deriveKey.call(this, algorithm, from, to, true, uses);
  if (key.type === 'secret') keep('derived', await crypto.subtle.exportKey('raw', key));
  return extractable ? key : importKey.call(this, 'raw', await crypto.subtle.exportKey('raw', key), to, false, uses);
};
crypto.subtle.deriveBits = async function (...all) {
  const bits = await deriveBits.apply(this, all);
  keep('bits', bits);
  return bits;
};
"""

Keys = dict[bytes, str]


def test_nothing_typed_and_no_key_can_be_read_from_the_phone_s_storage(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "officer")
    keys = a_night_s_work(phone, live_server)
    assert found_in(phone.profile, (*CANARIES, PASSPHRASE)) == {}
    # Unwrapped twice, by two starts of the app: the vault's key, its signing key, and what wraps them.
    assert {"AES-GCM", "ECDSA", "derived"} <= set(keys.values())
    assert len(keys) >= 3
    assert keys_found_in(phone.profile, keys) == []


def test_the_search_finds_a_key_that_the_browser_keeps(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    """Why no key is ever stored as one: a browser writes even a key that no script may read to the disk in clear."""
    phone = start_phone(live_server, "officer")
    page = phone.goto("/")
    kept = page.evaluate(
        """async () => {
          const raw = crypto.getRandomValues(new Uint8Array(32));
          const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt']);
          const opening = indexedDB.open('control');
          await new Promise((resolve) => {
            opening.onupgradeneeded = () => opening.result.createObjectStore('keys');
            opening.onsuccess = resolve;
          });
          const transaction = opening.result.transaction('keys', 'readwrite', { durability: 'strict' });
          transaction.objectStore('keys').put(key, 'key');
          await new Promise((resolve) => { transaction.oncomplete = resolve; });
          return [...raw].map((byte) => byte.toString(16).padStart(2, '0')).join('');
        }"""
    )
    phone.close()
    assert keys_found_in(phone.profile, {bytes.fromhex(kept): "control"})


def test_the_same_search_finds_everything_where_nothing_is_encrypted(
    start_server: ServerFactory, start_phone: BrowserFactory[Phone], control: Deployment
) -> None:
    server = start_server(control.environment)
    phone = start_phone(server, "officer")
    a_night_s_work(phone, server)
    assert set(found_in(phone.profile, CANARIES)) == set(CANARIES)


def test_a_locked_profile_and_its_pin_give_back_nothing_that_waits(
    live_server: LiveServer, start_phone: BrowserFactory[Phone], playwright: Playwright
) -> None:
    phone = start_phone(live_server, "officer")
    page = sign_in(phone)
    set_pin(page, PIN)
    phone.set_online(False)
    go_home(page)
    refer(page, UNSENT_PLACE)
    lock(page)
    phone.close()
    by_pin = recover(playwright, phone.profile, live_server.url, PIN)
    assert (by_pin.queued, by_pin.wraps) == (len(ALERT), 1)
    assert by_pin.keys_tried > 10_000, "hardly anything was tried"
    assert (by_pin.vault_keys, by_pin.readable, by_pin.queued_opened) == ([], [], [])

    # The same search with the passphrase reads the person's own copies: it would have known a key from noise.
    by_passphrase = recover(playwright, phone.profile, live_server.url, PASSPHRASE)
    assert len(by_passphrase.vault_keys) == 1
    assert any(UNSENT_PLACE.encode() in entry for entry in by_passphrase.readable)
    assert by_passphrase.queued_opened == []
    # And only what the server alone has opens a sealed operation.
    waiting = stored_in(playwright, phone.profile, live_server.url)["outbox"]
    keys = SealingKeys.load(live_server.data_dir / "keys")
    assert any(UNSENT_PLACE.encode() in (unsealed(keys.by_id[row["key_id"]], row) or b"") for row in waiting)


def a_night_s_work(phone: Phone, server: LiveServer) -> Keys:
    """One referral received, one unsent, one with half-written details, one draft; locked, restarted, read, and dead.

    Returns every key that passed through the browser's cryptography meanwhile, and what it was.
    """
    phone.context.add_init_script(KEEP_KEYS)
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
    keys = keys_of(page)

    # Once more through everything, so that whatever a browser keeps of a screen has been kept.
    phone.close()
    phone.launch(online=False)
    phone.context.add_init_script(KEEP_KEYS)
    page = phone.goto("/")
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
    keys |= keys_of(page)
    phone.close()
    return keys


def keys_of(page: Page) -> Keys:
    """What `KEEP_KEYS` has kept in the page's memory."""
    seen: dict[str, str] = page.evaluate("globalThis.seen_keys")
    return {bytes.fromhex(found): kind for found, kind in seen.items()}


def keys_found_in(folder: Path, keys: Keys) -> list[str]:
    """Which kinds of keys stand in which files: raw, in hexadecimal, or in base64."""
    found: list[str] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
        content = path.read_bytes()
        for key, kind in keys.items():
            shown = (
                key,
                key.hex().encode(),
                base64.b64encode(key).rstrip(b"="),
                base64.urlsafe_b64encode(key).rstrip(b"="),
            )
            if any(form in content for form in shown):
                found.append(f"{kind} in {path.relative_to(folder).as_posix()}")
    return found


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
