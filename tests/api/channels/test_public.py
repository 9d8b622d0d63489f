"""Connections go to public addresses only, and to the very address that was judged."""

import asyncio
import ssl
import threading

import httpcore
import pytest

from api.paging.channels import public
from api.paging.channels.posting import Poster, Reply
from api.paging.channels.public import AddressNotPublic, Guard, Names, is_public
from tests.api.channels.messages import trusting
from tests.http_service import HttpService


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001::1"])
def test_what_everybody_means_alike_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "240.0.0.1", "255.255.255.255", "192.88.99.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
    "ff0e::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808",
    "64:ff9b:1::7f00:1", "2002:7f00:1::1", "2001:0:7f00:1::1", "2001:db8::1", "3fff::1", "fec0::1", "localhost", "",
])  # fmt: skip
def test_nothing_else_is(address: str) -> None:
    assert not is_public(address)


def ask(service: HttpService, url: str, lookup: public.Lookup | None = None, *, excepted: bool = False) -> Reply:
    async def run() -> Reply:
        names = Names()
        targets = frozenset({("localhost", service.port)}) if excepted else frozenset()
        poster = Poster(lookup or names.lookup, targets, trusting(service.ca_file))
        try:
            return await poster.post(url, b"x", {})
        finally:
            await poster.close()
            names.close()

    return asyncio.run(run())


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "127.1", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_no_spelling_leads_back_into_the_house(host: str) -> None:
    with HttpService(tls=False) as service:
        service.behave("/", 200)
        reply = ask(service, f"http://{host}:{service.port}/")
        assert (reply.status, reply.error) == (0, AddressNotPublic.__name__)
        assert service.received == []


def test_the_operators_exception_counts_for_its_port_alone() -> None:
    with HttpService() as service, HttpService() as other:
        service.behave("/", 204)
        other.behave("/", 204)
        assert ask(service, f"{service.url}/", excepted=True).status == 204
        assert ask(service, f"{other.url}/", excepted=True).error == AddressNotPublic.__name__
        assert other.received == []


def test_one_public_address_among_private_ones_is_the_only_one_that_is_tried() -> None:
    async def mixed(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1", "192.0.2.1", "8.8.8.8", "::1"]

    guard = Guard(mixed, frozenset())
    assert asyncio.run(guard.addresses("push.example.org", 443, 1)) == ["8.8.8.8"]


def test_a_name_that_changes_its_answer_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rebinding attack: public when judged, private when connected to."""
    connected: list[str] = []
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])

    async def changing(_host: str, _port: int) -> list[str]:
        return next(answers)

    async def connect(_self: object, host: str, *_: object) -> httpcore.AsyncNetworkStream:
        connected.append(host)
        raise httpcore.ConnectError("not from a test")

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    with pytest.raises(httpcore.ConnectError):
        asyncio.run(Guard(changing, frozenset()).connect_tcp("rebinding.example.org", 443, 1))
    assert connected == ["8.8.8.8"]


def test_every_address_is_tried_until_one_answers() -> None:
    async def two(_host: str, _port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]  # nobody listens on the first

    with HttpService() as service:
        service.behave("/", 204)
        assert ask(service, f"{service.url}/", two, excepted=True).status == 204


def test_the_certificate_is_checked_for_the_name_and_not_for_the_address() -> None:
    with HttpService(name="elsewhere.example.org") as service:
        service.behave("/", 204)
        reply = ask(service, f"{service.url}/", excepted=True)
        assert (reply.status, reply.error) == (0, ssl.SSLCertVerificationError.__name__)
        assert service.received == []


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with HttpService() as service, HttpService(tls=False) as proxy:
        service.behave("/", 204)
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        assert ask(service, f"{service.url}/", excepted=True).status == 204
        assert proxy.received == []


def test_a_name_that_does_not_exist_is_trouble_that_may_pass() -> None:
    with HttpService() as service:
        assert ask(service, "https://nobody.invalid/").error == "ConnectError"


def test_a_hung_name_server_holds_one_thread_for_all_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    released = threading.Event()

    def hang(host: str, _port: int) -> list[str]:
        asked.append(host)
        released.wait()
        return ["8.8.8.8"]

    monkeypatch.setattr(public, "_addresses", hang)

    async def run() -> list[BaseException | list[str]]:
        names = Names()
        guard = Guard(names.lookup, frozenset())
        waiting = [guard.addresses("slow.example.org", 443, 0.05) for _ in range(8)]
        found = await asyncio.gather(*waiting, return_exceptions=True)
        released.set()
        names.close()
        return found

    assert {type(each) for each in asyncio.run(run())} == {httpcore.ConnectTimeout}
    assert asked == ["slow.example.org"]
