"""Playing the demo: accounts are made, phones enrolled, and every act goes through the real write path in its order in time."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from api.accounts import people, queries
from api.accounts.people import NewPerson
from api.accounts.program import ProgramConfig, script_of
from api.auth import passwords
from api.auth.dependencies import DevicePrincipal
from api.auth.sessions import Principal
from api.clock import rfc3339
from api.database import Database
from api.demo import rota
from api.demo.acts import STORIES, Act, Story
from api.demo.cast import ACCOUNTS, PASSPHRASE, PROGRAMS, Account
from api.demo.devices import ScriptedDevice
from api.devices import service as devices
from api.devices.keys import SealingKeys
from api.disclosures import service as disclosures
from api.exchange import service as exchange
from api.exchange.models import PushRequest
from api.operations import projection
from api.operations.queries import whole_state
from api.rules.calendar import day_of
from eligibility_rules.catalog import Catalog
from eligibility_rules.evaluate import evaluate
from sync.views import render

SOURCE = "demo"
BEGAN = timedelta(days=30)
SAFETY_LASTS = timedelta(hours=12)
RELEASE_LASTS = timedelta(days=180)
PROSECUTORS_LOOKED = timedelta(hours=20)
AGENCIES = {program.id: program.agency_id for program in PROGRAMS}
CONFIGS: Mapping[str, ProgramConfig] = {program.id: program.config for program in PROGRAMS}
PREFIXES = {"denver": "denver", "san-luis-valley": "valley", "dona-ana": "donaana"}


class DemoRefused(Exception):
    """An act was not accepted: the script and the rules disagree."""


@dataclass
class Player:
    """One invented person with a phone."""

    account: Account
    phone: ScriptedDevice


@dataclass
class Stage:
    """Everything that the acts need while they are played."""

    database: Database
    keys: SealingKeys
    now: datetime
    players: dict[str, Player]
    grants: dict[str, str] = field(default_factory=dict)


def holds_demo(database: Database) -> bool:
    """True if one of the demo's accounts is here and opens with the passphrase that everybody knows."""
    with database.read() as session:
        found = [queries.user_by_login(session, account.login) for account in ACCOUNTS]
    return any(passwords.matches(PASSPHRASE, user.password_hash) for user in found if user is not None and user.active)


def load(database: Database, keys: SealingKeys, now: datetime) -> bool:
    """Fill an empty database; False if somebody has an account already."""
    password_hash = passwords.hashed(PASSPHRASE)
    with database.write() as session:
        if queries.any_user(session):
            return False
        players = _accounts(session, keys, password_hash, now)
        users = {
            (player.account.program, login.partition(".")[2]): player.phone.user_id for login, player in players.items()
        }
        rota.write(session, users, now, SOURCE)
    stage = Stage(database, keys, now, players)
    script = [
        (act, story, str(uuid.uuid5(uuid.NAMESPACE_URL, f"demo:{story.title}")))
        for story in STORIES
        for act in story.acts
    ]
    for act, story, referral_id in sorted(script, key=lambda entry: -entry[0].minutes_ago):
        _play(stage, act, story, referral_id)
    _disclose(stage)
    return True


def _accounts(session: Session, keys: SealingKeys, password_hash: str, now: datetime) -> dict[str, Player]:
    began = now - BEGAN
    for program in PROGRAMS:
        people.add_program(session, program.id, program.name, program.config, began, SOURCE)
        people.add_agency(session, program.id, program.agency, began, SOURCE, program.agency_id)
    players = {}
    for account in ACCOUNTS:
        agency_id = AGENCIES[account.program] if account.role in people.POLICE else None
        person = NewPerson(account.login, account.name, account.role, account.program, agency_id, account.callback)
        user = people.add_person(session, person, password_hash, began, SOURCE)
        phone = ScriptedDevice(user.id, account.program, keys.active.private.public_key())
        if account.role in ("officer", "coordinator", "supervisor"):
            principal = Principal(user.id, account.program, account.role, agency_id, "", None, began, began, began)
            devices.enrol(
                session, principal, phone.device_id, phone.public_key, "Demo phone", began, SOURCE, has_cookie=False
            )
        players[account.login] = Player(account, phone)
    return players


def _play(stage: Stage, act: Act, story: Story, referral_id: str) -> None:
    player = stage.players[f"{PREFIXES[story.program]}.{act.who}"]
    at = stage.now - timedelta(minutes=act.minutes_ago)
    base = {} if act.unseen else _shown(stage.database, player, referral_id)
    saw = [stage.grants[referral_id]] if act.cites_consent else []
    payload = _filled(act, story.program, at)
    operation = player.phone.write(referral_id, act.kind, payload, rfc3339(at), base=base, saw=saw)
    if act.kind == "consent.grant":
        stage.grants[referral_id] = operation["op_id"]
    principal = DevicePrincipal(player.phone.device_id, player.phone.user_id, story.program, "active")
    request = PushRequest.model_validate(player.phone.push_body([operation]))
    answer = exchange.push(stage.database, stage.keys.by_id, principal, request, at)
    receipt = answer["receipts"][0]
    if receipt["status"] not in ("applied", "merged"):
        raise DemoRefused(f"{story.title}, {act.kind}: {receipt['status']} {receipt['reason']} {receipt['detail']}")


def _disclose(stage: Stage) -> None:
    """Every prosecutor has asked once what was released, so that there is an accounting to look at."""
    at = stage.now - PROSECUTORS_LOOKED
    for player in stage.players.values():
        account = player.account
        if account.role == "prosecutor":
            asks = Principal(player.phone.user_id, account.program, account.role, None, "", None, at, at, at)
            with stage.database.write() as session:
                disclosures.disclose_all(session, asks, None, at, SOURCE)


def _shown(database: Database, player: Player, referral_id: str) -> dict[str, int]:
    """What the player's screen shows of the referral at this moment."""
    with database.read() as session:
        state = whole_state(session, referral_id)
    if state is None:
        return {}
    vector = render(state, projection.shown_to(player.account.role, state))["vector"]
    return {device: seq for device, seq in vector.items() if device != player.phone.device_id}


def _filled(act: Act, program_id: str, at: datetime) -> dict[str, Any]:
    """The payload with what depends on the program and the time put in."""
    payload = dict(act.payload)
    if act.kind == "referral.create" and payload["agency_id"] == "":
        payload["agency_id"] = AGENCIES[program_id]
    if act.kind == "consent.grant":
        script = script_of(CONFIGS[program_id])
        payload |= {"script_version": script.version, "script_hash": script.hash}
    if act.kind == "safety.add":
        payload |= {"observed_at": rfc3339(at), "expires_at": rfc3339(at + SAFETY_LASTS)}
    if act.kind == "release.give":
        payload |= {"signed_at": rfc3339(at), "expires_on": (at + RELEASE_LASTS).date().isoformat()}
    if act.kind == "referral.set" and "facts" in payload["fields"]:
        known, determined = _judged(program_id, payload["fields"]["facts"], at)
        payload["fields"] = payload["fields"] | {
            "incident_at": rfc3339(at),
            "facts": known,
            "determination": determined,
        }
    return payload


def _judged(program_id: str, facts: Mapping[str, Any], at: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a phone would send: the facts that the pack asks for, and what it says of them on the incident's day."""
    config = CONFIGS[program_id]
    day = day_of(at, ZoneInfo(config.time_zone))
    pack = None if config.pack is None else Catalog.shipped().in_force(config.pack, day)
    if pack is None:
        return dict(facts), {"outcome": "needs_review", "pack": None, "answers": {}}
    known = {fact: value for fact, value in facts.items() if fact in pack.facts_by_id}
    recorded = {fact: day.isoformat() for fact in ("incident_date", "referral_date") if fact in pack.facts_by_id}
    determined = evaluate(pack, "arrest_diversion", known | recorded)
    answers = {reason.rule: reason.answer for reason in determined.reasons}
    return known, {"outcome": determined.outcome, "pack": pack.hash, "answers": answers}
