"""What somebody can do who has a locked phone's files and knows the PIN (or has guessed a passphrase): run it and see.

    python -m tests.browser.locked_profile PROFILE ORIGIN SECRET

Copies the browser profile, reads everything that the app has stored in it, and tries to recover what was written: the secret
as passphrase and as PIN against every wrapped key, then every 32 bytes that stand in the app's storage as a key of
their own, against the wraps, the readable copies, the drafts and the sealed operations. Prints what opened. Needs Chromium.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from playwright.sync_api import Playwright, sync_playwright

from scripts.programs import find_chromium
from sync.operations import SealedOperation
from sync.sealing import CannotOpen, open_sealed
from tests.browser.harness import FLAGS, ROOT_FLAGS

KEY_BYTES = 32
ITERATIONS = 600_000
#: Private keys are tried at fewer places than AES keys: each costs a multiplication on the curve.
CURVE_TRIES = 20_000
STORES = ("devices", "outbox", "copies", "drafts", "views")

DUMP = """async (stores) => {
  const shown = (value) => {
    if (value instanceof Uint8Array) return { base64: btoa(String.fromCharCode(...value)) };
    if (Array.isArray(value)) return value.map(shown);
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shown(each)]));
    }
    return value;
  };
  const opening = indexedDB.open('handoff');
  await new Promise((resolve, reject) => { opening.onsuccess = resolve; opening.onerror = reject; });
  const found = {};
  for (const name of stores) {
    const asking = opening.result.transaction(name).objectStore(name).getAll();
    await new Promise((resolve, reject) => { asking.onsuccess = resolve; asking.onerror = reject; });
    found[name] = shown(asking.result);
  }
  return found;
}"""

Row = dict[str, Any]


@dataclass
class Recovered:
    """What opened, and how much there was to open."""

    wraps: int = 0
    keys_tried: int = 0
    vault_keys: list[bytes] = field(default_factory=list)
    readable: list[bytes] = field(default_factory=list)
    queued: int = 0
    queued_opened: list[bytes] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.wraps} wraps and {self.queued} queued operations; {self.keys_tried} keys tried\n"
            f"vault keys: {len(self.vault_keys)}, entries read: {len(self.readable)}, "
            f"queued operations opened: {len(self.queued_opened)}"
        )


def recover(driver: Playwright, profile: Path, origin: str, secret: str) -> Recovered:
    """Everything in the module's first lines, on a copy of the profile."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "profile"
        shutil.copytree(profile, copy, symlinks=True, ignore=shutil.ignore_patterns("Singleton*"))
        stored = stored_in(driver, copy, origin)
        places = [path.read_bytes() for path in sorted(_of_the_app(copy))]
    found = Recovered(queued=sum(row["state"] == "waiting" for row in stored["outbox"]))
    for device in stored["devices"]:
        found.wraps += len(device["wraps"])
        targets = _targets(device, stored)
        for key in _keys_from(secret, device):
            _try_key(key, device, stored, targets, found)
        for content in places:
            for start in range(len(content) - KEY_BYTES + 1):
                _try_key(content[start : start + KEY_BYTES], device, stored, targets, found)
    _try_curve(places, stored["outbox"], found)
    return found


def stored_in(driver: Playwright, profile: Path, origin: str) -> dict[str, list[Row]]:
    """The rows of the app's database, read by a page of its origin that runs none of its code."""
    executable = find_chromium()
    assert executable is not None, "there is no Chromium"
    context = driver.chromium.launch_persistent_context(
        str(profile),
        executable_path=str(executable),
        headless=True,
        args=[*FLAGS, *ROOT_FLAGS],
        service_workers="block",
    )
    try:
        page = context.pages[0]
        page.route("**/*", lambda route: route.fulfill(body="<title>nothing</title>", content_type="text/html"))
        page.goto(origin)
        rows: dict[str, list[Row]] = page.evaluate(DUMP, list(STORES))
        return rows
    finally:
        context.close()


def _of_the_app(profile: Path) -> Iterator[Path]:
    for path in profile.rglob("*"):
        if path.is_file() and {"IndexedDB", "Local Storage"} & set(path.parts):
            yield path


def _bytes(value: Row) -> bytes:
    return base64.b64decode(value["base64"])


def _keys_from(secret: str, device: Row) -> Iterator[bytes]:
    """The secret as a passphrase, and as a PIN without the half of its key that only the page's memory ever had."""
    for wrap in device["wraps"]:
        if wrap["kind"] != "passphrase":
            continue
        stretched = hashlib.pbkdf2_hmac("sha256", secret.encode(), _bytes(wrap["salt"]), wrap["iterations"])
        yield stretched
        for pepper in (b"", bytes(KEY_BYTES)):
            info = f"handoff/pin/v1|{device['user_id']}|{device['device_id']}".encode()
            yield HKDF(hashes.SHA256(), KEY_BYTES, None, info).derive(stretched + pepper)
    yield hashlib.pbkdf2_hmac("sha256", secret.encode(), bytes(16), ITERATIONS)


@dataclass(frozen=True)
class Target:
    """A row that says whether a key is one: a wrap, or anything under the vault key itself."""

    iv: bytes
    ct: bytes
    bound_to: bytes
    is_wrap: bool

    @classmethod
    def of(cls, row: Row, bound_to: str, *, is_wrap: bool = False) -> Target:
        return cls(_bytes(row["iv"]), _bytes(row["ct"]), bound_to.encode(), is_wrap)

    def opened(self, key: bytes) -> bytes | None:
        try:
            return AESGCM(key).decrypt(self.iv, self.ct, self.bound_to)
        except InvalidTag:
            return None


def _targets(device: Row, stored: dict[str, list[Row]]) -> list[Target]:
    device_id = device["device_id"]
    wraps = [
        Target.of(wrap, f"wrap|{kind}|{device_id}", is_wrap=True)
        for wrap in device["wraps"]
        for kind in {wrap["kind"], "pin"}
    ]
    # A vault key that lay about would need no wrap: one row of its own is enough to know it by.
    under_it = [
        Target.of(row, _bound_to(store, row, device_id))
        for store in ("copies", "drafts")
        for row in [each for each in stored[store] if each["device_id"] == device_id][:1]
    ]
    return [*wraps, *under_it]


def _try_key(key: bytes, device: Row, stored: dict[str, list[Row]], targets: list[Target], found: Recovered) -> None:
    found.keys_tried += 1
    for target in targets:
        opened = target.opened(key)
        vault_key = opened if target.is_wrap else key
        if opened is not None and vault_key is not None and vault_key not in found.vault_keys:
            found.vault_keys.append(vault_key)
            _read(vault_key, device["device_id"], stored, found)


def _bound_to(store: str, row: Row, device_id: str) -> str:
    names = {"copies": ("copy", "op_id"), "drafts": ("draft", "draft_id"), "views": ("view", "referral_id")}
    word, name = names[store]
    return f"{word}|{row[name]}|{device_id}"


def _read(vault_key: bytes, device_id: str, stored: dict[str, list[Row]], found: Recovered) -> None:
    for store in ("copies", "drafts", "views"):
        for row in stored[store]:
            opened = Target.of(row, _bound_to(store, row, device_id)).opened(vault_key)
            if opened is not None:
                found.readable.append(opened)


def _try_curve(places: list[bytes], outbox: list[Row], found: Recovered) -> None:
    """The sealed operations themselves, with whatever may be a private key: first what looks like one as it is written."""
    waiting = [row for row in outbox if row["state"] == "waiting"][:1]
    tries = 0
    for content in places:
        for start in range(len(content) - KEY_BYTES + 1):
            # A scalar that stands alone, or in PKCS#8 and SEC 1: after an octet string of 32 bytes.
            if content[start - 2 : start] != b"\x04\x20" and start % 64:
                continue
            if tries == CURVE_TRIES:
                return
            tries += 1
            number = int.from_bytes(content[start : start + KEY_BYTES])
            try:
                private = ec.derive_private_key(number, ec.SECP256R1())
            except ValueError:
                continue
            found.keys_tried += 1
            found.queued_opened += [opened for row in waiting if (opened := unsealed(private, row)) is not None]


def unsealed(private: ec.EllipticCurvePrivateKey, row: Row) -> bytes | None:
    """A sealed operation, if this is the key that it was sealed to."""
    header = {name: row[name] for name in ("op_id", "device_id", "seq", "program_id", "key_id", "blob")}
    try:
        return open_sealed(SealedOperation.model_validate(header), {row["key_id"]: private})
    except CannotOpen:
        return None


def main() -> None:
    """Exits with 1 where anything at all was recovered."""
    profile, origin, secret = sys.argv[1:]
    with sync_playwright() as driver:
        found = recover(driver, Path(profile), origin, secret)
    print(found)
    sys.exit(bool(found.readable or found.queued_opened))


if __name__ == "__main__":
    main()
