"""The real OpenID provider of the tests: `provider/provider.mjs` as a process of its own, over TLS."""

from __future__ import annotations

import ssl
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import httpx
import trustme

FOLDER = Path(__file__).parent / "provider"
CLIENT_ID, CLIENT_SECRET = "warm handoff/tests", "a secret + of the tests: 100 %"
ORIGIN = "https://testserver"
RETURNS = f"{ORIGIN}/api/openid/"
HOPS_LIMIT = 8


class ProviderProcess:
    """Start with `with ProviderProcess() as provider:`; `issuer` is its address, `ca_file` who vouches for it."""

    def __enter__(self) -> ProviderProcess:
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost")
        self.ca_file = str(folder / "ca.pem")
        authority.cert_pem.write_to_path(self.ca_file)
        certificate.private_key_pem.write_to_path(folder / "key.pem")
        certificate.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
        command = ["node", "provider.mjs", str(folder / "certificate.pem"), str(folder / "key.pem")]
        self._process = subprocess.Popen(
            [*command, CLIENT_ID, CLIENT_SECRET, RETURNS], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        self.issuer = self._process.stdout.readline().strip()
        assert self.issuer, "the provider did not start; are its packages installed (make install-dev)?"
        self.host = self.issuer.removeprefix("https://")
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._folder.cleanup()

    def browser(self) -> httpx.Client:
        """A browser that has never been here."""
        return httpx.Client(verify=ssl.create_default_context(cafile=self.ca_file), trust_env=False)

    def control(self, **what: Any) -> list[str]:
        """What happens next, in the place of all that was said before; the paths that were asked for since then."""
        with self.browser() as browser:
            asked: list[str] = browser.post(f"{self.issuer}/control", json=what).json()
        return asked

    def visit(self, address: str) -> str:
        """Follow an address through the provider, as a browser does, to where it sends us back to."""
        with self.browser() as browser:
            for _ in range(HOPS_LIMIT):
                answer = browser.get(address)
                location = answer.headers.get("location")
                assert location is not None, f"{answer.status_code} {answer.text[:500]}"
                address = str(answer.url.join(location))
                if address.startswith(ORIGIN):
                    return address
        raise AssertionError("the provider goes round in circles")
