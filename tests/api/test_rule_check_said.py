"""When the server's own evaluation is said, by whom, and to whom; that nothing is refused or lost by it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from api.database import Database
from api.tables.records import OperationHeader
from tests.api import exchange_world as world
from tests.api.conftest import Cast, Enrol, FakeClock, SignIn
from tests.api.determining import INCIDENT, Refer, checked, determined, own_pack, verdict
from tests.api.device import TestDevice
from tests.api.rule_packs import TODAY, TOMORROW, pack_text
from tests.api.rules_world import installed, shipped


class TestWhenItIsSaid:
    def test_a_correction_is_agreed_with_once(
        self, refer: Refer, officer: TestDevice, database: Database, sign_in: SignIn
    ) -> None:
        installed(sign_in("administrator"), pack_text())
        said = determined(own_pack(), {"adult": True})
        referral_id = refer({"incident_at": INCIDENT, "facts": {"adult": False}, "determination": said})
        officer.pull()
        officer.push(officer.set(referral_id, {"facts": {"adult": True}}))
        assert verdict(database, referral_id) == ("agrees", "eligible")
        size = world.log_size(database)
        officer.pull()
        officer.push(officer.set(referral_id, {"facts": {"adult": True}, "unit": "7"}))
        assert world.log_size(database) == size + 1, "an agreement is told once"
        world.check_projection(database)

    def test_the_same_word_on_the_same_operation_is_not_repeated(
        self, refer: Refer, officer: TestDevice, database: Database
    ) -> None:
        said = {"outcome": "eligible", "pack": "a" * 64, "answers": {}}
        referral_id = refer({"incident_at": INCIDENT, "facts": {"adult": True}, "determination": said})
        size = world.log_size(database)
        officer.push(officer.set(referral_id, {"facts": {"adult": False}}))
        assert world.log_size(database) == size + 1

    def test_other_fields_call_for_nothing(self, refer: Refer, officer: TestDevice, database: Database) -> None:
        referral_id = refer({"place": "Here", "facts": {"adult": True}})
        assert checked(database, referral_id) is None
        officer.push(officer.set(referral_id, {"place": "There"}))
        assert checked(database, referral_id) is None

    def test_a_later_time_of_the_incident_is_looked_at_again(
        self, refer: Refer, officer: TestDevice, database: Database, sign_in: SignIn
    ) -> None:
        text = pack_text(TODAY, ends=TODAY)
        installed(sign_in("administrator"), text)
        said = determined(own_pack(text), {"adult": True})
        referral_id = refer({"incident_at": INCIDENT, "facts": {"adult": True}, "determination": said})
        assert checked(database, referral_id) is None
        officer.push(officer.set(referral_id, {"incident_at": "2026-04-28T12:00:00Z"}))
        assert verdict(database, referral_id) == ("not_in_force", "eligible")

    def test_a_conflict_that_was_settled_is_looked_at_again(
        self, refer: Refer, enrol: Enrol, database: Database, sign_in: SignIn
    ) -> None:
        installed(sign_in("administrator"), pack_text())
        said = determined(own_pack(), {"adult": True})
        referral_id = refer({"incident_at": INCIDENT, "facts": {"adult": True}, "determination": said})
        coordinator = enrol("coordinator")
        stale = coordinator.set(referral_id, {"facts": {"adult": False}}, base={})
        assert coordinator.push(stale)[0]["status"] == "merged"
        assert checked(database, referral_id) is None, "the officer's facts stand"
        coordinator.pull()
        conflicts = list(world.state(database, referral_id)["conflicts"])
        settled = {"key": "facts", "value": {"adult": False}, "conflicts": conflicts}
        coordinator.push(coordinator.write(referral_id, "conflict.resolve", settled))
        assert verdict(database, referral_id) == ("differs", "ineligible")

    def test_what_waited_is_looked_at_when_it_is_applied(self, officer: TestDevice, database: Database) -> None:
        created = officer.create()
        said = {"outcome": "eligible", "pack": "a" * 64, "answers": {}}
        early = officer.set(created["referral_id"], {"determination": said}, prev=None)
        assert officer.push(early)[0]["reason"] == "unknown_referral"
        officer.push(created)
        assert verdict(database, created["referral_id"]) == ("unknown_pack", None)
        world.check_projection(database)

    def test_a_batch_of_several_referrals_gets_a_word_on_each(self, officer: TestDevice, database: Database) -> None:
        said = {"outcome": "eligible", "pack": "a" * 64, "answers": {}}
        created = [officer.create() for _ in range(3)]
        facts = [officer.set(one["referral_id"], {"determination": said}) for one in created]
        assert {answer["status"] for answer in officer.push(*created, *facts)} == {"applied"}
        for one in created:
            assert verdict(database, one["referral_id"]) == ("unknown_pack", None)
        world.check_projection(database)

    def test_a_cleared_determination_calls_for_nothing(
        self, refer: Refer, officer: TestDevice, database: Database
    ) -> None:
        referral_id = refer({"determination": None, "facts": None, "incident_at": None})
        assert checked(database, referral_id) is None


def test_the_word_is_the_servers_and_nobody_elses(
    refer: Refer, enrol: Enrol, database: Database, cast: Cast, clock: FakeClock
) -> None:
    said = {"outcome": "eligible", "pack": "a" * 64, "answers": {}}
    referral_id = refer({"determination": said})
    with database.read() as session:
        rows = [row for row in session.exec(select(OperationHeader)) if row.kind == "determination.check"]
    assert [(row.role, row.device_id, row.state, row.groups) for row in rows] == [
        ("server", world.head(database).epoch, "applied", "decision"),
    ]  # fmt: skip
    forged = {"verdict": "agrees", "outcome": "eligible", "pack": "a" * 64, "of": rows[0].op_id}
    for login in ("officer", "coordinator", "supervisor"):
        device = enrol(login)
        clock.advance(seconds=1)
        [answer] = device.push(device.write(referral_id, "determination.check", forged))
        assert (answer["status"], answer["reason"]) == ("rejected", "reserved_device")
    settled = {"key": "check", "value": forged, "conflicts": ["check|a|b"]}
    coordinator = enrol("coordinator")
    [answer] = coordinator.push(coordinator.write(referral_id, "conflict.resolve", settled))
    assert (answer["status"], answer["reason"]) == ("rejected", "payload")
    assert verdict(database, referral_id) == ("unknown_pack", None)


def test_officers_sergeants_and_prosecutors_are_not_shown_the_check(
    refer: Refer, enrol: Enrol, clock: FakeClock
) -> None:
    said = {"outcome": "eligible", "pack": "a" * 64, "answers": {}}
    referral_id = refer({"determination": said})
    for login, shown in {
        "officer": False, "sergeant": False, "prosecutor": False, "coordinator": True, "case_manager": True, "supervisor": True,
    }.items():  # fmt: skip
        device = enrol(login)
        clock.advance(seconds=1)
        view = device.views()[referral_id]
        assert ("check" in view["registers"]) == shown, login
        assert ("unknown_pack" in str(view)) == shown, login


def test_a_phone_offline_for_a_week_is_judged_by_the_rules_of_the_day(
    officer: TestDevice, database: Database, sign_in: SignIn, clock: FakeClock
) -> None:
    facts = {"charges": ["trespassing"], "adult": True}
    said = determined(shipped(), facts)
    created = officer.create()
    fields = {"incident_at": INCIDENT, "facts": facts, "determination": said}
    written = officer.set(created["referral_id"], fields)
    clock.advance(days=1)
    installed(sign_in("administrator"), pack_text(TOMORROW))
    clock._now += timedelta(days=6)
    assert [answer["status"] for answer in officer.push(created, written)] == ["applied", "applied"]
    assert checked(database, created["referral_id"]) is None


PRESUMED = pack_text().replace("tier: bars", "tier: presumed_out\n    override_by: coordinator")
SAID = {"rule": "adult", "reason": "Seen before.", "by_name": "Cory", "how": "phone", "given_at": INCIDENT}


class TestSettingAside:
    @pytest.mark.parametrize(
        ("text", "said", "told"),
        [
            (PRESUMED, {"by_role": "coordinator"}, None),
            (PRESUMED, {"by_role": "officer"}, "not_to_set_aside"),
            (PRESUMED, {"by_role": "officer", "how": "self", "by_name": None}, "not_to_set_aside"),
            (PRESUMED, {"by_role": "coordinator", "rule": "no_such_rule"}, "not_to_set_aside"),
            (pack_text(), {"by_role": "coordinator"}, "not_to_set_aside"),
        ],
        ids=["by whom the rule names", "by another role", "by the officer alone", "of no rule", "of a rule that bars"],
    )
    def test_what_the_rules_do_not_let_that_role_set_aside_is_told(
        self, refer: Refer, officer: TestDevice, database: Database, sign_in: SignIn, text: str, said: Any, told: Any
    ) -> None:
        installed(sign_in("administrator"), text)
        determination = determined(own_pack(text), {"adult": False})
        referral_id = refer({"incident_at": INCIDENT, "facts": {"adult": False}, "determination": determination})
        assert checked(database, referral_id) is None
        [answer] = officer.push(officer.write(referral_id, "override.add", SAID | said))
        assert answer["status"] == "applied", "whatever was said is kept"
        value = checked(database, referral_id)
        assert (value and value["verdict"]) == told
        assert value is None or value["outcome"] == determination["outcome"]
        world.check_projection(database)

    def test_it_is_told_until_it_is_struck_out(
        self, refer: Refer, officer: TestDevice, enrol: Enrol, database: Database, sign_in: SignIn
    ) -> None:
        installed(sign_in("administrator"), pack_text())
        said = determined(own_pack(), {"adult": False})
        referral_id = refer({"incident_at": INCIDENT, "facts": {"adult": False}, "determination": said})
        override = officer.write(referral_id, "override.add", SAID | {"by_role": "coordinator"})
        officer.push(override)
        coordinator = enrol("coordinator")
        view = coordinator.views()[referral_id]
        assert view["registers"]["check"]["value"]["verdict"] == "not_to_set_aside"
        answer = {"entry": override["op_id"], "answer": "confirmed"}
        coordinator.push(coordinator.write(referral_id, "approval.confirm", answer))
        assert verdict(database, referral_id) == ("not_to_set_aside", "ineligible"), "a word of nobody's adds nothing"
        strike = {"entry": override["op_id"], "entry_kind": "override.add", "reason": "The rule bars."}
        coordinator.push(coordinator.write(referral_id, "entry.strike", strike))
        assert verdict(database, referral_id) == ("agrees", "ineligible")

    def test_it_is_told_although_the_answers_differ_or_cannot_be_read(
        self, refer: Refer, officer: TestDevice, database: Database, sign_in: SignIn
    ) -> None:
        installed(sign_in("administrator"), pack_text())
        said = determined(own_pack(), {"adult": False})
        for facts, outcome in (({"adult": True}, "eligible"), ({"adult": 5}, None)):
            referral_id = refer({"incident_at": INCIDENT, "facts": facts, "determination": said})
            officer.push(officer.write(referral_id, "override.add", SAID | {"by_role": "prosecutor"}))
            assert verdict(database, referral_id) == ("not_to_set_aside", outcome)

    def test_a_note_that_is_struck_calls_for_no_evaluation(
        self, refer: Refer, officer: TestDevice, database: Database, sign_in: SignIn
    ) -> None:
        administrator = sign_in("administrator")
        name = installed(administrator, pack_text())
        said = determined(own_pack(), {"adult": True})
        referral_id = refer({"incident_at": INCIDENT, "facts": {"adult": True}, "determination": said})
        note = officer.write(referral_id, "note.add", {"text": "Bring shoes."})
        officer.push(note)
        administrator.post(f"/api/rules/{name}/withdraw", json={"reason": "Misread."})
        struck = {"entry": note["op_id"], "entry_kind": "note.add", "reason": "Wrong person."}
        officer.push(officer.write(referral_id, "entry.strike", struck))
        assert checked(database, referral_id) is None
