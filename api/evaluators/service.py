"""One row for each referral of a month that is over, with everything left out that would lead back to a person."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from api.audit.service import record
from api.auth.sessions import Principal
from api.evaluators import queries
from api.evaluators.cells import SMALLEST_CELL, Row, large_cells
from api.evaluators.models import (
    BUCKETS,
    KNOWN_WORDS,
    LONGEST,
    NOT_ANSWERED,
    NOT_GIVEN,
    OTHER,
    WITHDRAWN,
    Described,
    Evaluation,
    Group,
)
from api.problems import TooLarge
from api.spreadsheet import table
from api.tables.records import Referral
from sync.fields import STATUSES
from sync.fold import blocked

ROWS_LIMIT = 50_000
BEGUN = "begun"


def rows(session: Session, principal: Principal, now: datetime) -> list[Row]:
    """Every referral of the evaluator's program in the words of `Described`, small cells withheld. Raises TooLarge."""
    zone = ZoneInfo(queries.time_zone(session, principal.program_id))
    this_month = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    agencies = queries.agencies(session, principal.program_id)
    answers = queries.answers(session, principal.program_id)
    found: list[Row] = []
    looked_at = 0
    for each in queries.referrals(session, principal.program_id, this_month, ROWS_LIMIT + 1):
        looked_at += 1
        if not each.state.get("expunged"):
            agency = agencies.get(each.agency_id or "", NOT_GIVEN)
            found.append(describe(each, agency, answers.get(each.id), zone))
    if looked_at > ROWS_LIMIT:
        raise TooLarge(f"There are more than {ROWS_LIMIT} referrals. Ask whoever runs this server.")
    return large_cells(found)


def evaluation(found: list[Row]) -> Evaluation:
    """Rows that are alike, counted: the most frequent first."""
    groups = [Group(values=list(values), count=count) for values, count in Counter(found).most_common()]
    return Evaluation(smallest_cell=SMALLEST_CELL, columns=list(Described._fields), referrals=len(found), groups=groups)


def export(found: list[Row]) -> str:
    """One line for each referral, as CSV."""
    return table(Described._fields, found)


def was_read(
    session: Session, principal: Principal, now: datetime, source: str, count: int, *, exported: bool
) -> None:  # fmt: skip
    """That an evaluator looked at the rows or took them away, and how many there were."""
    record(
        session, now, "evaluation.export" if exported else "evaluation.read", actor_id=principal.user_id,
        program_id=principal.program_id, source=source, device_id=principal.device_id, detail={"rows": count},
    )  # fmt: skip


def describe(referral: Referral, agency: str, answered: tuple[datetime, datetime] | None, zone: ZoneInfo) -> Described:
    """One referral in words that are the same for many. Of somebody who withdrew consent nothing of the person is told."""
    state: Any = referral.state
    values = {key: register["value"] for key, register in state["registers"].items()}
    withdrawn = blocked(state)
    person: Mapping[str, Any] = {} if withdrawn else values
    status, decision = values.get("status"), values.get("decision")
    return Described(
        pathway=referral.pathway,
        month=f"{referral.received_at.astimezone(zone):%Y-%m}",
        agency=agency,
        status=WITHDRAWN if withdrawn else status if status in STATUSES else BEGUN,
        decision=NOT_GIVEN if decision is None or withdrawn else str(decision["outcome"]),
        minutes_to_answer=bucket(answered),
        race_self=_word("race", person.get("race_self")),
        ethnicity_self=_word("ethnicity", person.get("ethnicity_self")),
        gender_self=_word("gender", person.get("gender_self")),
        race_perceived=_word("race", person.get("race_observed")),
        ethnicity_perceived=_word("ethnicity", person.get("ethnicity_observed")),
        gender_perceived=_word("gender", person.get("gender_observed")),
    )


def bucket(answered: tuple[datetime, datetime] | None) -> str:
    """How long the page called, in whole minutes and coarsely."""
    if answered is None:
        return NOT_ANSWERED
    minutes = (answered[1] - answered[0]) // timedelta(minutes=1)
    return next((name for below, name in BUCKETS if minutes < below), LONGEST)


def _word(kind: str, text: str | None) -> str:
    """A known word, or that it is none."""
    if not text or not text.strip():
        return NOT_GIVEN
    word = "_".join(text.lower().replace("-", " ").replace("_", " ").split())
    return word if word in KNOWN_WORDS[kind] else OTHER
