"""Pages on both databases, through the real write path, the real worker and a real push service."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from api.paging import life, queries, reach, service
from api.paging.channels.answers import Answer
from api.paging.channels.push import PAYLOAD_BYTES
from api.paging.settling import ATTEMPTS_LIMIT, settle
from tests.api.paging_world import PagingWorld, Person, paging_world
from tests.push_service import PushService

ACKNOWLEDGE = {"eta_minutes": 20, "user_id": None}


@pytest.fixture
def world(database_url: str) -> Iterator[PagingWorld]:
    with PushService() as push_service:
        made = paging_world(database_url, push_service)
        yield made
        made.database.close()


@pytest.fixture
def cast(world: PagingWorld) -> dict[str, Person]:
    world.officer()
    world.add("ana", "coordinator")
    world.add("ben", "case_manager")
    world.add("sol", "supervisor")
    return world.people


def token_of(world: PagingWorld, name: str) -> str:
    subscription = world.people[name].subscription
    assert subscription is not None
    return [str(m.body["token"]) for m in world.service.received if m.path == subscription.path][-1]


def test_an_alert_pages_every_coordinator_and_nobody_else(world: PagingWorld, cast: dict[str, Person]) -> None:
    world.alert(cast["officer"])
    world.work()
    assert world.texts("ana") == [("page", "officer_waiting")]
    assert world.texts("ben") == [("page", "officer_waiting")]
    assert world.texts("sol") == world.texts("officer") == []


def test_a_referral_without_a_waiting_officer_says_so(world: PagingWorld, cast: dict[str, Person]) -> None:
    world.alert(cast["officer"], waiting=False)
    world.work()
    assert world.texts("ana") == [("page", "referral_waiting")]


def test_a_push_carries_constant_texts_and_one_length(world: PagingWorld, cast: dict[str, Person]) -> None:
    world.alert(cast["officer"])
    world.act(cast["ana"], world.alert(cast["officer"]), "page.acknowledge", ACKNOWLEDGE)
    world.work()
    assert {message.size for message in world.service.received} == {world.service.received[0].size}
    for message in world.service.received:
        assert set(message.body) == {"v", "kind", "text", "page", "token", "by", "eta_minutes"}
        assert len(message.headers["topic"]) == 32
        assert message.headers["urgency"] == "high"
        assert int(message.headers["ttl"]) > 0
        assert message.size > PAYLOAD_BYTES


def test_without_an_answer_it_is_sent_again_and_then_to_supervisors_for_ever(
    world: PagingWorld, cast: dict[str, Person]
) -> None:
    referral_id = world.alert(cast["officer"])
    world.work()
    world.clock.forward(minutes=5)
    world.work()
    assert world.texts("ana") == [("page", "officer_waiting"), ("repage", "officer_waiting")]
    assert world.texts("sol") == []
    for repeat in range(1, 4):
        world.clock.forward(minutes=5)
        world.work()
        assert len(world.texts("sol")) == repeat
        assert len(world.texts("ana")) == 2 + repeat
    page = world.page(referral_id)
    assert page.next_step_at is not None
    assert page.next_step_at > world.clock.now()


def test_it_is_not_sent_again_a_moment_before_its_time(world: PagingWorld, cast: dict[str, Person]) -> None:
    world.alert(cast["officer"])
    world.work()
    world.clock.forward(minutes=5, milliseconds=-1)
    world.work()
    assert len(world.texts("ana")) == 1


def test_an_acknowledgement_stops_it_and_tells_the_others_and_the_officer(
    world: PagingWorld, cast: dict[str, Person]
) -> None:
    referral_id = world.alert(cast["officer"])
    world.work()
    assert world.act(cast["ana"], referral_id, "page.acknowledge", ACKNOWLEDGE) == "applied"
    world.work()
    assert world.texts("ben")[-1] == ("taken", "taken_by")
    assert world.texts("ana") == [("page", "officer_waiting")]
    assert world.texts("officer") == [("acknowledged", "seen_by")]
    world.act(cast["ana"], referral_id, "consent.confirm", {"answer": "yes"})
    world.clock.forward(hours=3)
    world.work()
    assert len(world.texts("ben")) == 2


def test_an_acknowledgement_that_nobody_follows_up_expires_and_pages_again(
    world: PagingWorld, cast: dict[str, Person]
) -> None:
    referral_id = world.alert(cast["officer"])
    waiting_since = world.page(referral_id).opened_at
    world.work()
    world.act(cast["ana"], referral_id, "page.acknowledge", ACKNOWLEDGE)
    world.clock.forward(minutes=10)
    world.work()
    assert world.page(referral_id).state == "open"
    assert world.page(referral_id).opened_at == waiting_since
    assert world.texts("ben")[-1] == ("page", "officer_waiting")
    registers = world.state(referral_id)["registers"]
    assert registers["holder"]["value"] is None
    assert registers["status"]["value"] == "submitted"


def test_opening_the_referral_keeps_the_acknowledgement(world: PagingWorld, cast: dict[str, Person]) -> None:
    referral_id = world.alert(cast["officer"])
    world.act(cast["ana"], referral_id, "page.acknowledge", ACKNOWLEDGE)
    with world.database.write() as session:
        service.opened(session, referral_id, cast["ana"].user_id, world.clock.now())
    world.clock.forward(hours=1)
    world.work()
    assert world.page(referral_id).state == "acknowledged"


def test_opening_by_somebody_else_does_not(world: PagingWorld, cast: dict[str, Person]) -> None:
    referral_id = world.alert(cast["officer"])
    world.act(cast["ana"], referral_id, "page.acknowledge", ACKNOWLEDGE)
    with world.database.write() as session:
        service.opened(session, referral_id, cast["ben"].user_id, world.clock.now())
    world.clock.forward(minutes=10)
    world.work()
    assert world.page(referral_id).state == "open"


def test_the_second_to_acknowledge_learns_that_it_is_taken(world: PagingWorld, cast: dict[str, Person]) -> None:
    referral_id = world.alert(cast["officer"])
    seen = {cast["officer"].phone.device_id: cast["officer"].phone.seq}
    for name in ("ana", "ben"):
        phone = cast[name].phone
        operation = phone.write(referral_id, "page.acknowledge", ACKNOWLEDGE, "2026-04-30T02:15:00Z", base=seen)
        world.push(cast[name], [operation])
    assert world.page(referral_id).acknowledged_by == cast["ana"].user_id
    assert world.state(referral_id)["registers"]["holder"]["value"]["user_id"] == cast["ana"].user_id


def test_a_tap_on_the_lock_screen_acknowledges_in_that_persons_name(
    world: PagingWorld, cast: dict[str, Person]
) -> None:
    referral_id = world.alert(cast["officer"])
    world.work()
    page = world.page(referral_id)
    with world.database.write() as session:
        first = service.acknowledge_by_token(session, page.id, token_of(world, "ben"), world.clock.now())
    with world.database.write() as session:
        second = service.acknowledge_by_token(session, page.id, token_of(world, "ana"), world.clock.now())
        stranger = service.acknowledge_by_token(session, page.id, "0" * 32, world.clock.now())
    assert first == ("acknowledged", "ben")
    assert second == ("already", "ben")
    assert stranger is None
    registers = world.state(referral_id)["registers"]
    assert registers["holder"]["value"] == {"user_id": cast["ben"].user_id, "eta_minutes": None}
    world.work()
    assert world.texts("ana")[-1] == ("taken", "taken_by")


def test_a_token_of_one_page_opens_no_other(world: PagingWorld, cast: dict[str, Person]) -> None:
    world.alert(cast["officer"])
    world.work()
    other = world.page(world.alert(cast["officer"]))
    with world.database.write() as session:
        assert service.acknowledge_by_token(session, other.id, token_of(world, "ana"), world.clock.now()) is None


def test_nobody_reachable_goes_to_the_supervisors_at_once(world: PagingWorld) -> None:
    officer = world.officer()
    world.add("ana", "coordinator", subscribed=False)
    world.add("sol", "supervisor")
    referral_id = world.alert(officer)
    world.work()
    assert world.texts("sol") == [("repage", "officer_waiting")]
    assert world.page(referral_id).next_step_at is not None


def test_with_no_phone_at_all_the_page_stays_and_its_next_step_is_near(world: PagingWorld) -> None:
    referral_id = world.alert(world.officer())
    world.clock.forward(hours=2)
    world.work()
    page = world.page(referral_id)
    assert page.state == "open"
    assert page.next_step_at is not None
    assert life.status(page)["calling"] == "nobody"
    late = world.add("ana", "coordinator")
    world.clock.forward(minutes=5)
    world.work()
    assert late.subscription is not None
    assert world.texts("ana") == [("repage", "officer_waiting")]
    assert life.status(world.page(referral_id))["calling"] == "everyone"


@pytest.mark.parametrize(("kind", "payload"), [
    ("handoff.record", {"outcome": "in_person"}),
    ("handoff.record", {"outcome": "could_not_meet"}),
    ("referral.close", {"reason": "person_left"}),
])  # fmt: skip
def test_a_referral_that_ended_pages_nobody(
    world: PagingWorld, cast: dict[str, Person], kind: str, payload: dict[str, str]
) -> None:
    referral_id = world.alert(cast["officer"])
    world.act(cast["ana"], referral_id, kind, payload)
    world.clock.forward(hours=1)
    world.work()
    assert world.page(referral_id).state == "closed"
    assert world.texts("ana") == []


def test_a_supervisor_gives_it_to_somebody_who_is_called(world: PagingWorld, cast: dict[str, Person]) -> None:
    referral_id = world.alert(cast["officer"])
    world.act(cast["ana"], referral_id, "page.acknowledge", ACKNOWLEDGE)
    world.work()
    assert world.act(cast["sol"], referral_id, "referral.assign", {"user_id": cast["ben"].user_id}) == "applied"
    world.work()
    assert world.texts("ben")[-1] == ("page", "officer_waiting")
    assert world.page(referral_id).state == "open"


def test_something_held_pages_the_supervisors_once_while_it_is_open(
    world: PagingWorld, cast: dict[str, Person]
) -> None:
    officer = cast["officer"]
    referral_id = world.alert(officer)
    world.work()
    named = {"fields": {"name": "Sample Person"}}
    for _ in range(2):
        operation = officer.phone.write(referral_id, "referral.set", named, "2026-04-30T02:15:00Z")
        assert world.push(officer, [operation]) == ["held"]
    world.work()
    assert world.texts("sol") == [("page", "referral_waiting")]


def test_a_subscription_that_is_gone_is_not_tried_again(world: PagingWorld, cast: dict[str, Person]) -> None:
    gone = cast["ana"].subscription
    assert gone is not None
    world.service.behave(gone, "gone")
    world.alert(cast["officer"])
    world.work()
    with world.database.read() as session:
        assert reach.addresses(session, [cast["ana"].user_id]) == {}
    world.clock.forward(minutes=5)
    world.work()
    assert [path for path, _ in world.service.attempts].count(gone.path) == 1
    assert world.texts("ben") != []


@pytest.mark.parametrize("behaviour", ["refused", "busy", "broken", "redirect"])
def test_a_push_service_in_trouble_is_tried_again_and_delays_nobody(
    world: PagingWorld, cast: dict[str, Person], behaviour: str
) -> None:
    troubled = cast["ana"].subscription
    assert troubled is not None
    world.service.behave(troubled, behaviour)  # type: ignore[arg-type]
    world.alert(cast["officer"])
    world.work()
    assert world.texts("ben") == [("page", "officer_waiting")]
    assert world.texts("ana") == []
    world.service.behave(troubled, "accept")
    world.clock.forward(minutes=1)
    world.work()
    assert world.texts("ana") == [("page", "officer_waiting")]


def test_retry_after_is_honoured(world: PagingWorld, cast: dict[str, Person]) -> None:
    busy = cast["ana"].subscription
    assert busy is not None
    world.service.behave(busy, "busy")
    world.alert(cast["officer"])
    world.work()
    waiting = [row for row in world.deliveries() if row.state == "pending"]
    assert [(row.due_at - world.clock.now()).total_seconds() for row in waiting] == [7.0]


def test_a_delivery_is_given_up_only_at_its_named_limit(world: PagingWorld, cast: dict[str, Person]) -> None:
    world.alert(cast["officer"])
    with world.database.write() as session:
        delivery = queries.claim(session, "worker", world.clock.now(), timedelta(seconds=15), 1)[0]
        delivery.attempts = ATTEMPTS_LIMIT - 1
        settle(session, delivery, Answer("again", note="500"), world.clock.now())
        assert delivery.state == "pending"
        delivery.attempts = ATTEMPTS_LIMIT
        settle(session, delivery, Answer("again", note="500"), world.clock.now())
        assert delivery.state == "dead"


def test_a_lease_of_a_killed_worker_runs_out(world: PagingWorld, cast: dict[str, Person]) -> None:
    world.alert(cast["officer"])
    with world.database.write() as session:
        taken = queries.claim(session, "killed", world.clock.now(), timedelta(seconds=15), 10)
    assert len(taken) == 2
    world.work()
    assert world.texts("ana") == []
    world.clock.forward(seconds=15)
    world.work()
    assert world.texts("ana") == [("page", "officer_waiting")]


def test_a_token_is_stored_hashed_once_sent(world: PagingWorld, cast: dict[str, Person]) -> None:
    world.alert(cast["officer"])
    world.work()
    assert {row.token for row in world.deliveries()} == {""}
    assert all(row.token_hash != token_of(world, "ana") for row in world.deliveries())
