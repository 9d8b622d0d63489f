"""The server's own evaluation of what phones determined: every verdict."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from api.database import Database
from api.rules import check
from api.tables.rules import ShippedPack
from eligibility_rules.catalog import Catalog
from tests.api import exchange_world as world
from tests.api.conftest import FakeClock, SignIn
from tests.api.determining import INCIDENT, Refer, checked, determined, own_pack, verdict
from tests.api.device import TestDevice
from tests.api.rule_packs import TODAY, TOMORROW, pack_text
from tests.api.rules_world import configure, installed, shipped

DATED = (
    pack_text()
    .replace(
        "rules:\n",
        """  - id: incident_date
    type: date
    question: {en: "The incident's day", es: "El día del incidente"}
    asked_of: record
  - id: referral_date
    type: date
    question: {en: "The referral's day", es: "El día de la remisión"}
    asked_of: record
rules:
""",
    )
    .replace("must: [adult, is, true]", "must: {all: [[adult, is, true], [incident_date, BOUND, 2026-04-29]]}")
)
"""A rule on the incident's day, which nobody is asked: the phone and the server each work it out."""


def test_what_both_say_is_not_said_again(refer: Refer, database: Database) -> None:
    facts = {"charges": ["trespassing"], "adult": True}
    fields = {"incident_at": INCIDENT, "facts": facts, "determination": determined(shipped(), facts)}
    referral_id = refer(fields)
    assert checked(database, referral_id) is None
    assert world.log_size(database) == 2
    world.check_projection(database)


def test_a_difference_is_told_with_the_servers_outcome(refer: Refer, database: Database, sign_in: SignIn) -> None:
    name = installed(sign_in("administrator"), pack_text())
    said = determined(own_pack(), {"adult": True})
    referral_id = refer({"incident_at": INCIDENT, "facts": {"adult": False}, "determination": said})
    value = checked(database, referral_id)
    register = world.state(database, referral_id)["registers"]
    assert value == {
        "verdict": "differs", "outcome": "ineligible", "pack": name, "of": register["determination"]["op"],
    }  # fmt: skip
    assert register["determination"]["value"] == said, "what the phone said stands"
    world.check_projection(database)


def test_the_same_outcome_for_other_reasons_is_a_difference(refer: Refer, database: Database, sign_in: SignIn) -> None:
    installed(sign_in("administrator"), pack_text())
    said = determined(own_pack(), {"adult": True})
    for answers in ({"adult": "unknown"}, {}, said["answers"] | {"more": "yes"}):
        referral_id = refer(
            {"incident_at": INCIDENT, "facts": {"adult": True}, "determination": said | {"answers": answers}}
        )
        assert verdict(database, referral_id) == ("differs", "eligible")


@pytest.mark.parametrize(
    "facts",
    [
        {"charges": ["trespassing"], "adult": True}, {"adult": "yes"}, {"adult": 1}, {"adult": ["yes"]}, {"adult": -5},
        {"constructor": True},
    ],
)  # fmt: skip
def test_facts_of_another_pack_or_another_type_are_unreadable(
    refer: Refer, database: Database, sign_in: SignIn, facts: dict[str, Any]
) -> None:
    installed(sign_in("administrator"), pack_text())
    said = determined(own_pack(), {"adult": True})
    referral_id = refer({"incident_at": INCIDENT, "facts": facts, "determination": said})
    assert verdict(database, referral_id) == ("unreadable_facts", None)


def test_a_pathway_that_the_pack_does_not_offer_is_unreadable(
    refer: Refer, database: Database, sign_in: SignIn
) -> None:
    installed(sign_in("administrator"), pack_text())
    said = determined(own_pack(), {"adult": True})
    fields = {"incident_at": INCIDENT, "facts": {"adult": True}, "determination": said}
    assert verdict(database, refer(fields, pathway="social_contact")) == ("unreadable_facts", None)


@pytest.mark.parametrize("name", ["a" * 64, "no hash", "\u0000", ""])
def test_a_pack_that_nobody_knows_is_told(refer: Refer, database: Database, name: str) -> None:
    said = {"outcome": "eligible", "pack": name, "answers": {"adult": "yes"}}
    referral_id = refer({"incident_at": INCIDENT, "facts": {"adult": True}, "determination": said})
    value = checked(database, referral_id)
    assert value is not None
    assert (value["verdict"], value["outcome"]) == ("unknown_pack", None)
    assert value["pack"] == (name if len(name) == 64 else None)


def test_another_programs_pack_is_unknown_here(refer: Refer, database: Database, sign_in: SignIn) -> None:
    name = installed(sign_in("other_administrator"), pack_text())
    assert name == own_pack().hash
    said = determined(own_pack(), {"adult": True})
    referral_id = refer({"incident_at": INCIDENT, "facts": {"adult": True}, "determination": said})
    assert verdict(database, referral_id) == ("unknown_pack", None)


def test_another_programs_shipped_pack_is_unknown_here(refer: Refer, database: Database) -> None:
    other = Catalog.shipped().of("dona-ana")[-1]
    said = {"outcome": "needs_review", "pack": other.hash, "answers": {}}
    assert verdict(database, refer({"incident_at": INCIDENT, "determination": said})) == ("unknown_pack", None)


def test_a_withdrawn_pack_is_told_with_what_it_says(refer: Refer, database: Database, sign_in: SignIn) -> None:
    administrator = sign_in("administrator")
    name = installed(administrator, pack_text())
    administrator.post(f"/api/rules/{name}/withdraw", json={"reason": "Misread."})
    said = determined(own_pack(), {"adult": True})
    referral_id = refer({"incident_at": INCIDENT, "facts": {"adult": True}, "determination": said})
    assert verdict(database, referral_id) == ("withdrawn_pack", "eligible")
    referral_id = refer({"incident_at": INCIDENT, "facts": {"other": True}, "determination": said})
    assert verdict(database, referral_id) == ("withdrawn_pack", None)


@pytest.mark.parametrize(
    ("incident_at", "said"),
    [
        ("2026-04-30T05:59:00Z", None), ("2026-04-30T06:00:00Z", "not_in_force"), ("2026-04-29T23:59:00-06:00", None),
        ("2026-04-29T05:59:00Z", "not_in_force"), ("2026-04-29T06:00:00Z", None), ("0001-01-01T00:00:00Z", "not_in_force"),
        ("9999-12-31T23:59:59Z", "not_in_force"),
    ],
)  # fmt: skip
def test_a_pack_holds_on_its_days_in_the_programs_zone(
    refer: Refer, database: Database, sign_in: SignIn, incident_at: str, said: str | None
) -> None:
    """In force on the 29th alone, in Denver: from 06:00 UTC to 06:00 UTC."""
    text = pack_text(TODAY, ends=TODAY)
    installed(sign_in("administrator"), text)
    determination = determined(own_pack(text), {"adult": True})
    referral_id = refer({"incident_at": incident_at, "facts": {"adult": True}, "determination": determination})
    value = checked(database, referral_id)
    assert (value and value["verdict"]) == said
    assert value is None or value["outcome"] == "eligible"


def test_a_pack_that_another_has_overtaken_is_not_in_force(refer: Refer, database: Database, sign_in: SignIn) -> None:
    installed(sign_in("administrator"), pack_text())
    facts = {"charges": ["trespassing"], "adult": True}
    said = determined(shipped(), facts)
    referral_id = refer({"incident_at": INCIDENT, "facts": facts, "determination": said})
    assert verdict(database, referral_id) == ("not_in_force", said["outcome"])


def test_without_an_incident_time_the_day_is_that_of_the_determination(
    refer: Refer, database: Database, sign_in: SignIn, clock: FakeClock
) -> None:
    installed(sign_in("administrator"), pack_text(TOMORROW))
    tomorrow = own_pack(pack_text(TOMORROW))
    fields = {"facts": {"adult": True}, "determination": determined(tomorrow, {"adult": True})}
    clock.advance(hours=6)  # so that both have been written by then
    assert verdict(database, refer(fields, made_at="2026-04-30T05:59:00Z")) == ("not_in_force", "eligible")
    assert checked(database, refer(fields, made_at="2026-04-30T06:00:00Z")) is None


NO_PACK: dict[str, Any] = {"outcome": "needs_review", "pack": None, "answers": {}}


class TestWithoutAPack:
    def test_a_phone_that_should_have_had_one_is_told(self, refer: Refer, database: Database) -> None:
        assert verdict(database, refer({"incident_at": INCIDENT, "determination": NO_PACK})) == ("no_pack", None)

    def test_where_there_was_none_it_is_right(self, refer: Refer, database: Database) -> None:
        configure(database, pack=None)
        assert checked(database, refer({"incident_at": INCIDENT, "determination": NO_PACK})) is None

    def test_where_there_was_none_nobody_can_call_it_eligible(self, refer: Refer, database: Database) -> None:
        configure(database, pack=None)
        said = NO_PACK | {"outcome": "eligible"}
        referral_id = refer({"incident_at": INCIDENT, "determination": said})
        assert verdict(database, referral_id) == ("differs", "needs_review")


def test_a_pack_of_an_earlier_release_is_evaluated_and_told(refer: Refer, database: Database) -> None:
    former = own_pack(pack_text("2024-01-01"))
    unreadable = former.document() | {"program": 5}
    now = datetime(2026, 4, 1, tzinfo=UTC)
    with database.write() as session:
        session.add(ShippedPack(hash=former.hash, slug="denver", document=former.document(), first_seen_at=now))
        session.add(ShippedPack(hash="d" * 64, slug="denver", document=unreadable, first_seen_at=now))
    said = determined(former, {"adult": True})
    fields = {"incident_at": INCIDENT, "facts": {"adult": False}, "determination": said}
    assert verdict(database, refer(fields)) == ("not_in_force", "ineligible")
    assert verdict(database, refer(fields | {"determination": said | {"pack": "d" * 64}})) == ("unknown_pack", None)


class TestRecordFacts:
    def test_the_incidents_day_is_worked_out_from_its_time(
        self, refer: Refer, database: Database, sign_in: SignIn
    ) -> None:
        text = DATED.replace("BOUND", "on_or_before")
        installed(sign_in("administrator"), text)
        pack = own_pack(text)
        said = determined(pack, {"adult": True, "incident_date": "2026-04-29", "referral_date": "2026-04-29"})
        assert said["outcome"] == "eligible"
        for facts in ({"adult": True}, {"adult": True, "incident_date": "2026-04-29"}):
            assert checked(database, refer({"incident_at": INCIDENT, "facts": facts, "determination": said})) is None
        wrong = {"adult": True, "incident_date": "2026-05-02"}
        told = determined(pack, wrong)
        assert told["outcome"] == "ineligible"
        referral_id = refer({"incident_at": INCIDENT, "facts": wrong, "determination": told})
        assert verdict(database, referral_id) == ("differs", "eligible")

    def test_the_day_of_the_referral_is_the_one_sent_or_that_of_the_determination(
        self, refer: Refer, database: Database, sign_in: SignIn
    ) -> None:
        text = DATED.replace("BOUND", "on_or_before").replace("[incident_date", "[referral_date")
        installed(sign_in("administrator"), text)
        eligible = determined(own_pack(text), {"adult": True, "referral_date": TODAY})
        late = determined(own_pack(text), {"adult": True, "referral_date": TOMORROW})
        fields = {"incident_at": INCIDENT, "facts": {"adult": True}, "determination": eligible}
        assert checked(database, refer(fields)) is None
        sent = fields | {"facts": {"adult": True, "referral_date": TOMORROW}}
        assert verdict(database, refer(sent)) == ("differs", "ineligible")
        assert checked(database, refer(sent | {"determination": late})) is None

    def test_what_says_who_the_person_is_may_not_stand_among_the_facts(
        self, officer: TestDevice, database: Database
    ) -> None:
        created = officer.create()
        [_, answer] = officer.push(
            created, officer.set(created["referral_id"], {"facts": {"birth_date": "1990-05-01"}})
        )
        assert (answer["status"], answer["reason"]) == ("rejected", "payload")
        assert "1990" not in str(world.state(database, created["referral_id"]))


def test_a_fault_of_the_evaluator_keeps_nothing_out(
    refer: Refer, database: Database, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError

    installed(sign_in("administrator"), pack_text())
    said = determined(own_pack(), {"adult": True})
    monkeypatch.setattr(check, "evaluate", fail)
    referral_id = refer({"incident_at": INCIDENT, "facts": {"adult": True}, "determination": said})
    assert verdict(database, referral_id) == ("unreadable_facts", None)
