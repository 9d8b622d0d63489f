"""The one table of rights, held against the promises that programs were given."""

from __future__ import annotations

import pytest

from api.auth.permissions import (
    BEGINS,
    LOST_ON_ACCEPTANCE,
    RESOURCES,
    RIGHTS,
    ROLES,
    SCOPES,
    SEES_COMMUNITY,
    groups_left,
    matrix,
    may,
    may_begin,
    may_change,
    may_write,
    readable_groups,
)
from sync.fields import GROUPS, PATHWAYS, Role

CLINICAL = ("assessment", "needs", "notes", "contacts", "demographics")
POLICE: tuple[Role, ...] = ("officer", "sergeant")


@pytest.mark.parametrize(
    "role", ["officer", "sergeant", "supervisor", "administrator", "prosecutor", "evaluator", "partner"]
)
@pytest.mark.parametrize("group", CLINICAL)
def test_clinical_content_is_readable_by_coordinators_alone(role: Role, group: str) -> None:
    assert not may(role, f"referral.{group}", "R")


@pytest.mark.parametrize("role", ["administrator", "evaluator"])
def test_these_roles_see_no_referral_at_all(role: Role) -> None:
    assert readable_groups(role) == frozenset()
    assert SCOPES[role] == "none"


def test_a_sergeant_sees_status_words_of_the_own_agency_and_no_identity() -> None:
    assert readable_groups("sergeant") == {"origin", "status", "approvals"}
    assert SCOPES["sergeant"] == "agency"


def test_a_prosecutor_sees_the_case_of_arrests_and_changes_nothing() -> None:
    assert readable_groups("prosecutor") == {"origin", "case", "approvals"}
    assert SCOPES["prosecutor"] == "prosecutor"
    assert {resource: rights for resource, rights in RIGHTS["prosecutor"].items() if "." in resource} == {
        "devices.own": "CRD", "referral.origin": "R", "referral.case": "R", "referral.approvals": "CR",
    }  # fmt: skip


def test_rules_are_installed_and_withdrawn_by_administrators_and_read_by_those_who_use_them() -> None:
    readers = {role for role in ROLES if may(role, "rules", "R")}
    assert readers == {
        "officer", "sergeant", "coordinator", "case_manager", "supervisor", "administrator", "prosecutor",
    }  # fmt: skip
    for right in ("C", "D"):
        assert {role for role in ROLES if may(role, "rules", right)} == {"administrator"}


def test_only_the_health_side_corrects_what_others_recorded_of_approvals() -> None:
    approvals = frozenset({"approvals"})
    assert {role for role in ROLES if may_change(role, approvals)} == {"coordinator", "case_manager"}  # type: ignore[arg-type]


def test_an_arrest_is_begun_by_police_alone_and_the_community_never_by_them() -> None:
    assert {role for role in ROLES if "arrest_diversion" in may_begin(role)} == {"officer"}
    assert not any("community" in may_begin(role) for role in POLICE)


def test_whoever_begins_a_referral_may_write_its_origin_and_may_see_it() -> None:
    assert set(BEGINS) == {role for role in ROLES if may(role, "referral.origin", "C")}
    for role, pathways in BEGINS.items():
        assert pathways
        assert SCOPES[role] != "none"
        assert "community" not in pathways or role in SEES_COMMUNITY


def test_a_supervisor_sees_no_identity() -> None:
    assert "identity" not in readable_groups("supervisor")


def test_no_police_role_sees_the_community_or_the_roster() -> None:
    for role in POLICE:
        assert role not in SEES_COMMUNITY
        assert not may(role, "people", "R")


def test_officers_cannot_read_back_what_only_the_program_needs() -> None:
    for group in ("needs", "notes", "demographics", "decision"):
        assert may("officer", f"referral.{group}", "C")
        assert not may("officer", f"referral.{group}", "R")


def test_what_is_not_listed_is_refused() -> None:
    assert not may("officer", "referral.assessment", "C")
    assert not may("officer", "no.such.resource", "R")
    assert not may("nobody", "session", "R")  # type: ignore[arg-type]  # a role that does not exist
    assert not may("officer", "session", "X")


def test_writing_needs_a_right_on_every_group_touched() -> None:
    assert may_write("officer", frozenset({"case", "needs"}))
    assert not may_write("officer", frozenset({"case", "assessment"}))


def test_rights_are_letters_of_the_four_and_groups_exist() -> None:
    for row in RIGHTS.values():
        for resource, rights in row.items():
            assert rights
            assert set(rights) <= set("CRUD")
            assert not resource.startswith("referral.") or resource.removeprefix("referral.") in GROUPS


def test_the_printed_matrix_is_the_table() -> None:
    heading, *rows = matrix()
    assert heading[1:] == [role for role in ROLES if role != "server"]
    assert [row[0] for row in rows] == [f"pathway.{name}" for name in PATHWAYS] + list(RESOURCES)
    for name, row in zip(PATHWAYS, rows, strict=False):
        assert row[1:] == ["C" if name in may_begin(role) else "–" for role in heading[1:]]  # type: ignore[arg-type]
    for row in rows[len(PATHWAYS) :]:
        for role, cell in zip(heading[1:], row[1:], strict=True):
            rights = RIGHTS[role].get(row[0], "–")  # type: ignore[index]  # the heading holds roles
            assert cell.replace("(R)", "R") == rights
            group = row[0].removeprefix("referral.")
            assert ("(R)" in cell) == (row[0] != group and group in LOST_ON_ACCEPTANCE.get(role, ()))  # type: ignore[call-overload]


def test_what_ends_with_the_acceptance_was_readable_before() -> None:
    for role, groups in LOST_ON_ACCEPTANCE.items():
        assert groups <= readable_groups(role)
        assert groups_left(role, accepted=False) - groups_left(role, accepted=True) == groups


def test_releases_are_given_and_taken_back_by_the_health_side_and_seen_by_those_who_answer_for_it() -> None:
    assert {role for role in ROLES if may_write(role, frozenset({"release"}))} == {"coordinator", "case_manager"}
    assert {role for role in ROLES if may(role, "referral.release", "R")} == {
        "coordinator",
        "case_manager",
        "supervisor",
    }
