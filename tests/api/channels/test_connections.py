"""However a request ends, its place is free for the next one, and its connection is used again if it can be."""

import httpcore
import pytest

from api.paging.channels import connections
from tests.api.channels.test_posting import SHORT_SECONDS, post
from tests.http_service import HttpService, Way

REQUESTS = 4


@pytest.mark.parametrize("way", ["answer", "hang", "drop", "drop_in_answer"])
def test_a_request_gives_its_place_back(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "CONNECTIONS_LIMIT", 1)
    with HttpService() as service:
        url = service.behave("/x", way=way)
        post(service, url, SHORT_SECONDS, times=REQUESTS)
        assert len(service.received) == REQUESTS


def test_a_connection_that_rests_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    connect = httpcore.AnyIOBackend.connect_tcp

    async def count(self: httpcore.AnyIOBackend, host: str, *rest: object) -> object:
        opened.append(host)
        return await connect(self, host, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", count)
    with HttpService() as service:
        replies = post(service, service.behave("/x", 201), times=REQUESTS)
    assert [reply.status for reply in replies] == [201] * REQUESTS
    assert len(opened) == 1
