"""Whom a page calls, and when: the pure part."""

from datetime import timedelta

import pytest

from api.paging import escalation
from api.paging.web_push import EndpointRefused, check_endpoint, payload
from api.settings import DEFAULT_PUSH_HOSTS
from tests.bench.world import NOW


def test_coordinators_are_called_twice_and_then_with_the_supervisors() -> None:
    called = [escalation.audience("referral", step) for step in range(4)]
    coordinators = ("coordinator", "case_manager")
    assert called == [coordinators, coordinators, (*coordinators, "supervisor"), (*coordinators, "supervisor")]


def test_the_word_for_screens_follows_the_audience() -> None:
    words = [escalation.calling("referral", step, reached=1) for step in range(3)]
    assert words == ["coordinator", "coordinator", "supervisors"]
    assert escalation.calling("attention", 0, reached=1) == "supervisors"


def test_a_call_that_reached_no_phone_does_not_claim_to_call() -> None:
    assert escalation.calling("referral", 0, reached=0) == escalation.calling("attention", 0, reached=0) == "nobody"


def test_only_the_repeating_step_is_the_last() -> None:
    assert [escalation.is_last("referral", step) for step in range(3)] == [False, False, True]
    assert escalation.is_last("attention", 0)


@pytest.mark.parametrize(("config", "minutes"), [({}, 5), ({"page_minutes": 3}, 3), ({"page_minutes": 0}, 5)])
def test_the_next_step_is_the_programs_minutes_away(config: dict[str, int], minutes: int) -> None:
    assert escalation.next_step_at(config, NOW) == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize("endpoint", [
    "https://fcm.googleapis.com/fcm/send/abc",
    "https://web.push.apple.com/abc",
    "https://wns2-par02p.notify.windows.com/w/?token=abc",
    "https://updates.push.services.mozilla.com/wpush/v2/abc",
])  # fmt: skip
def test_the_push_services_of_browsers_may_be_called(endpoint: str) -> None:
    check_endpoint(endpoint, DEFAULT_PUSH_HOSTS)


@pytest.mark.parametrize("endpoint", [
    "http://fcm.googleapis.com/fcm/send/abc",
    "https://fcm.googleapis.com.example.org/abc",
    "https://push.apple.com@example.org/abc",
    "https://user@fcm.googleapis.com/abc",
    "https://fcm.googleapis.com:8443/abc",
    "https://push.apple.com.evil/abc",
    "https://xpush.apple.com/abc",
    "https://127.0.0.1/abc",
    "https://[::1]/abc",
    "https://169.254.169.254/latest",
    "https:///abc",
    "file:///etc/passwd",
    "https://fcm.googleapis.com:notaport/abc",
    "https://fcm.googleapıs.com/abc",
    "",
])  # fmt: skip
def test_nothing_else_is_ever_called(endpoint: str) -> None:
    with pytest.raises(EndpointRefused):
        check_endpoint(endpoint, DEFAULT_PUSH_HOSTS)


def test_every_payload_has_the_same_length() -> None:
    sizes = {
        len(payload("page", "officer_waiting", "0" * 36, "0" * 32)),
        len(payload("test", "test", None, "0" * 32)),
        len(payload("acknowledged", "seen", "0" * 36, "0" * 32)),
    }
    assert len(sizes) == 1
