"""What happens in the demo: a dozen invented referrals in different states, as scripts of acts.

Pure data. `minutes_ago` places an act in time; `unseen` marks one whose author's phone had not heard of the others' acts,
which is how conflicts arise. `GRANTS` in `saw` stands for the consent given earlier in the same story.
"""

from dataclasses import dataclass
from typing import Any, Literal

from sync.fields import JsonValue

Who = Literal["officer", "officer2", "coordinator", "coordinator2", "supervisor"]


@dataclass(frozen=True)
class Act:
    """One operation: who, what, and how long ago."""

    minutes_ago: int
    who: Who
    kind: str
    payload: dict[str, Any]
    cites_consent: bool = False
    unseen: bool = False


@dataclass(frozen=True)
class Story:
    """One referral from its first act to its last."""

    title: str
    program: str
    acts: tuple[Act, ...]


HOUR, DAY = 60, 24 * 60


def _start(
    at: int, who: Who, pathway: str, case: dict[str, JsonValue], place: dict[str, JsonValue],
    person: dict[str, JsonValue], needs: list[str], *, reader: str = "read_aloud", language: str = "en",
) -> tuple[Act, ...]:  # fmt: skip
    """An officer's usual way: consent, place, alert, and the person's details a few minutes later."""
    later = max(at - 3, 0)
    grant = {
        "method": "witness", "language": language, "script_version": "", "script_hash": "", "reader": reader,
        "interpreter": "Interpreter Demo" if reader == "interpreter" else None, "witness": "Officer Demo Witness",
        "camera_reference": None, "signature": None,
    }  # fmt: skip
    return (
        Act(at, who, "referral.create", {"pathway": pathway, "agency_id": ""}),
        Act(at, who, "referral.set", {"fields": case}),
        Act(at, who, "consent.grant", grant),
        Act(at, who, "referral.set", {"fields": place}),
        Act(at, who, "referral.alert", {"officer_waiting": place["wait_minutes"] != 0}),
        Act(later, who, "referral.set", {"fields": person}, cites_consent=True),
        Act(later, who, "referral.set", {"fields": {"needs": needs}}),
    )


def _arrest(case_number: str, charges: list[str], facts: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {
        "case_number": case_number, "charges": charges, "facts": {"charges": charges, **facts}, "custody": "detained",
        "paperwork_held": True, "unit": "Demo unit 6",
    }  # fmt: skip


def _social() -> dict[str, JsonValue]:
    return {"basis": "direct_observation", "within_area": "yes", "unit": "Demo unit 2"}


def _place(place: str, wait: int, callback: str) -> dict[str, JsonValue]:
    return {"place": place, "wait_minutes": wait, "callback": callback}


def _seen(at: int, who: Who, eta: int | None = 20) -> Act:
    return Act(at, who, "page.acknowledge", {"eta_minutes": eta, "user_id": None})


def _safety(at: int, who: Who, about: str, text: str) -> Act:
    return Act(at, who, "safety.add", {"about": about, "text": text, "observed_at": "", "expires_at": ""})


def _note(at: int, who: Who, text: str) -> Act:
    return Act(at, who, "note.add", {"text": text})


def _handoff(at: int, who: Who, outcome: str) -> Act:
    return Act(at, who, "handoff.record", {"outcome": outcome})


def _asked(at: int, who: Who, answer: str = "yes") -> Act:
    return Act(at, who, "consent.confirm", {"answer": answer})


def _release(at: int, who: Who, office: str) -> Act:
    """Signed on paper, so that a prosecutor may hear whether intake was done."""
    given = {
        "recipient": {"kind": "prosecutor", "name": office}, "information": ["intake", "enrolled"],
        "purpose": "Deciding the charge", "expires_on": "", "signed_how": "paper", "signed_at": "",
    }  # fmt: skip
    return Act(at, who, "release.give", given)


def _assess(at: int, who: Who, **answers: tuple[str, str]) -> Act:
    fields = {f"assessment.{item}": {"answer": answer, "text": text} for item, (answer, text) in answers.items()}
    return Act(at, who, "referral.set", {"fields": fields}, cites_consent=True)


_CLEAR: dict[str, JsonValue] = {"adult": True, "domestic_violence": False}

STORIES: tuple[Story, ...] = (
    Story("unanswered, the officer waits", "denver", (
        *_start(3, "officer", "arrest_diversion", _arrest("DEMO-1001", ["trespassing"], _CLEAR),
                _place("Colfax and Demo Street, by the bus stop", 30, "303-555-0111"),
                {"name": "Rio Sample", "age_years": 34, "contact": "Sits at the library on Demo Street most mornings",
                 "card_number": "D-0101"}, ["food", "shelter", "identification"]),
    )),
    Story("acknowledged, on the way", "denver", (
        *_start(14, "officer", "arrest_diversion", _arrest("DEMO-1002", ["shoplifting"], _CLEAR | {"restitution_owed": False}),
                _place("Demo Market, 200 Sample Avenue, back entrance", 30, "303-555-0111"),
                {"name": "Kit Sample", "alias": "Kit", "birth_date": "1991-04-02", "contact": "303-555-0177"},
                ["food", "phone"]),
        _safety(12, "officer", "medical", "Limps, says the knee is sore"),
        _seen(9, "coordinator", 20),
        _asked(8, "coordinator"),
    )),
    Story("handed over in person", "denver", (
        *_start(5 * HOUR, "officer2", "arrest_diversion", _arrest("DEMO-1003", ["possession_dm1"], _CLEAR),
                _place("Sample Park, north gate", 15, "303-555-0112"),
                {"name": "Dana Sample", "age_years": 27, "contact": "Sample Park in the evening"},
                ["naloxone", "withdrawal", "shelter"]),
        _safety(5 * HOUR - 4, "officer2", "withdrawal", "Shaking and sweating"),
        _seen(5 * HOUR - 6, "coordinator", 15),
        _asked(5 * HOUR - 30, "coordinator"),
        _handoff(5 * HOUR - 32, "coordinator", "in_person"),
        _assess(4 * HOUR, "coordinator", naloxone=("yes", "Given two doses"), sleeping=("yes", "At the park"),
                first_want=("yes", "A dry place tonight")),
    )),
    Story("deferred to the morning", "denver", (
        *_start(9 * HOUR, "officer", "social_contact", _social(), _place("Demo Viaduct, west side", 5, "303-555-0111"),
                {"name": "Lou Sample", "contact": "Tent under the viaduct, mornings"}, ["clothing", "medical"]),
        _seen(9 * HOUR - 8, "coordinator2", 45),
        _handoff(9 * HOUR - 20, "coordinator2", "deferred"),
        _note(9 * HOUR - 20, "coordinator2", "Meets at 09:00 by the viaduct. Brings socks."),
    )),
    Story("accepted", "denver", (
        *_start(3 * DAY, "officer2", "arrest_diversion", _arrest("DEMO-0970", ["camping"], _CLEAR),
                _place("Sample Creek path", 30, "303-555-0112"),
                {"name": "Sam Sample", "age_years": 45, "language": "en", "contact": "Day center on Demo Street"},
                ["housing", "identification"]),
        _seen(3 * DAY - 5, "coordinator", 20),
        _handoff(3 * DAY - 40, "coordinator", "in_person"),
        Act(2 * DAY, "coordinator", "decision.record", {"outcome": "accepted", "reason": None}),
        _release(2 * DAY - HOUR, "coordinator", "Demo District Attorney"),
        Act(DAY, "coordinator", "contact.add", {"how": "in_person", "result": "reached", "text": "Met at the day center."}),
    )),
    Story("two phones wrote different things", "denver", (
        *_start(2 * HOUR, "officer", "social_contact", _social(), _place("Demo Plaza fountain", 10, "303-555-0111"),
                {"name": "Jo Sample", "contact": "By the fountain"}, ["phone"]),
        _seen(2 * HOUR - 7, "coordinator", 30),
        Act(2 * HOUR - 20, "coordinator", "referral.set", {"fields": {"contact": "Works at the Demo Diner, nights"}},
            cites_consent=True),
        Act(2 * HOUR - 25, "officer", "referral.set", {"fields": {"contact": "Moved to the east side of the plaza"}},
            cites_consent=True, unseen=True),
    )),
    Story("unanswered, nobody waits", "san-luis-valley", (
        *_start(18, "officer", "social_contact", _social(), _place("County Road Demo, mile 4", 0, "719-555-0111"),
                {"name": "Ira Sample", "contact": "Trailer by the mile marker"}, ["transport", "food"]),
    )),
    Story("could not meet", "san-luis-valley", (
        *_start(7 * HOUR, "officer2", "arrest_diversion", _arrest("DEMO-V-31", ["paraphernalia"], _CLEAR),
                _place("Demo Gas, Main Street", 15, "719-555-0112"),
                {"name": "Pat Sample", "age_years": 39, "contact": "Sister's house, 719-555-0188"}, ["treatment"]),
        _seen(7 * HOUR - 5, "coordinator", 45),
        _handoff(7 * HOUR - 55, "coordinator", "could_not_meet"),
        Act(6 * HOUR, "coordinator", "contact.add", {"how": "phone", "result": "not_reached", "text": "Left word to call."}),
    )),
    Story("closed", "san-luis-valley", (
        *_start(12 * DAY, "officer", "arrest_diversion", _arrest("DEMO-V-12", ["shoplifting"], _CLEAR),
                _place("Valley Demo Store", 30, "719-555-0111"),
                {"name": "Noa Sample", "age_years": 22, "contact": "719-555-0190"}, ["work"]),
        _seen(12 * DAY - 6, "coordinator", 30),
        _handoff(12 * DAY - 40, "coordinator", "phone"),
        Act(11 * DAY, "coordinator", "decision.record", {"outcome": "redirected", "reason": "Lives in another county"}),
        Act(10 * DAY, "coordinator", "referral.close", {"reason": "referred_elsewhere"}),
    )),
    Story("acknowledged, in Spanish", "dona-ana", (
        *_start(25, "officer", "social_contact", _social(), _place("Parque Demo, entrada sur", 30, "575-555-0111"),
                {"name": "Luz Ejemplo", "language": "es", "contact": "En el parque por la tarde"}, ["food", "medical"],
                reader="interpreter", language="es"),
        _seen(18, "coordinator2", 30),
        _asked(16, "coordinator2"),
    )),
    Story("consent taken back", "dona-ana", (
        *_start(2 * DAY, "officer2", "social_contact", _social(), _place("Demo Arroyo crossing", 10, "575-555-0112"),
                {"name": "Val Sample", "contact": "Camp by the crossing"}, ["shelter"]),
        _seen(2 * DAY - 9, "coordinator", 45),
        _handoff(2 * DAY - 60, "coordinator", "phone"),
        Act(DAY, "coordinator", "consent.withdraw", {"reason": None}, cites_consent=True),
    )),
    Story("from the community, no police", "dona-ana", (
        Act(6 * HOUR, "coordinator", "referral.create", {"pathway": "community", "agency_id": None}),
        Act(6 * HOUR, "coordinator", "referral.set", {"fields": {
            "name": "Ari Sample", "contact": "Comes to the Demo Pantry on Fridays", "referrer_name": "Wren Example",
            "referrer_relation": "pantry volunteer", "person_knows": "yes"}}),
        Act(6 * HOUR, "coordinator", "referral.set", {"fields": {"place": "Demo Pantry, Mesilla side", "wait_minutes": 0}}),
        Act(6 * HOUR, "coordinator", "referral.alert", {"officer_waiting": False}),
        _seen(6 * HOUR - 2, "coordinator2", None),
    )),
)  # fmt: skip
