"""A request about a referral is told by the number that people call it by, to whoever decides and reaches no referral."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Enrol, SignIn


def test_every_request_about_a_referral_has_its_number(enrol: Enrol, sign_in: SignIn) -> None:
    officer = enrol("officer")
    first, second = officer.create(), officer.create()
    assert [answer["status"] for answer in officer.push(first, second)] == ["applied", "applied"]
    referral_id = second["referral_id"]
    supervisor, administrator = sign_in("supervisor"), sign_in("administrator")

    def ask(path: str, body: dict[str, Any], client: Any = supervisor) -> str:
        answer = client.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["asked_id"])

    hold = ask(f"/api/referrals/{referral_id}/hold", {"reason": "audit", "until": "2026-05-30"})
    assert administrator.post(f"/api/holds/{hold}/approve").status_code == 204
    ask(f"/api/holds/{hold}/end", {})
    ask(f"/api/referrals/{first['referral_id']}/expunge", {"reason": "mistake"})
    ask("/api/break-glass", {"number": 2, "reason": "Nobody can be reached"}, administrator)
    asked = administrator.get("/api/second-person").json()["requests"]
    assert {(entry["kind"], entry["number"]) for entry in asked} == {
        ("hold", 2), ("hold_end", 2), ("expunge", 1), ("break_glass", 2),
    }  # fmt: skip
    foreign = sign_in("other_administrator").get("/api/second-person").json()["requests"]
    assert foreign == []
