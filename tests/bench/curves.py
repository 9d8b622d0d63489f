"""How costs grow with history: push, pull, starting anew and folding anew after 1 k, 10 k and 100 k operations (1 M if asked).

    python -m tests.bench curves [--million]

The history goes through the real code that decides, folds, seals and stores, without the phones' signing and sealing, which
would take most of the time. What is measured is the whole path. Nothing that a phone at work waits for may grow with history.
"""

import time
import uuid
from collections.abc import Callable, Iterable
from datetime import timedelta
from statistics import median

from sqlmodel import col, select
from uuid6 import uuid7

from api.auth.sessions import Principal
from api.clock import rfc3339
from api.database import Database, migrate
from api.exchange import batch
from api.exchange import service as exchange
from api.exchange.models import PullRequest, PushRequest
from api.operations import queries, service
from api.serving import settle
from api.tables.records import Referral
from sync import intake
from sync.intake import Incoming
from sync.operations import canonical
from tests.bench.world import BATCH, NOW, PROGRAM, World, batches, found, referral
from tests.databases import opened_at

HISTORIES = (1_000, 10_000, 100_000)
MILLION = 1_000_000
BUILT_AT_ONCE = 500
PUSHED_BATCHES = 10
ROUNDS = 40
"""Of what takes milliseconds; the median counts."""
VIEWS_READ = 5_000
COLUMNS = ("push 100", "push 1", "pull 0", "pull 1", "anew, per view", "refold one", "show one anew")


def measure(name: str, url: str, *, million: bool = False) -> None:
    """Print a row for each history on the database at `url`, which must be empty: medians in milliseconds."""
    migrate(url)
    database = opened_at(url)
    try:
        world = found(database)
        settle()
        print(f"curves {'ms':10} {'operations':>11}" + "".join(f"{column:>16}" for column in COLUMNS))
        stored = 0
        for history in HISTORIES + ((MILLION,) if million else ()):
            stored += _build(world, history - stored)
            figures, pushed = _figures(world)
            stored += pushed
            print(f"curves {name:10} {history:>11,}" + "".join(f"{figure:>16.2f}" for figure in figures), flush=True)
    finally:
        database.close()


def _build(world: World, operations: int) -> int:
    """Add so many operations to the log, or a few more; returns how many."""
    done = 0
    while done < operations:
        phone = world.phones[done // BUILT_AT_ONCE % len(world.phones)]
        written: list[Incoming] = []
        while len(written) < BUILT_AT_ONCE:
            written += [intake.reopen(canonical(operation)) for operation in referral(world, phone, signed=False)]
        with world.database.write() as session:
            device = queries.lock_device(session, phone.device_id)
            assert device is not None
            verdicts, _ = batch.take(session, service.begin(session), device, written, NOW)
        assert {verdict.status for verdict in verdicts} == {"applied"}
        done += len(written)
    return done


def _figures(world: World) -> tuple[list[float], int]:
    """One history's figures in the order of `COLUMNS`, and how many operations measuring has stored."""
    database, phone = world.database, world.phones[0]
    bodies = list(batches(world, PUSHED_BATCHES * BATCH))
    hundred = _median(lambda body=body, by=by: world.push(by, body) for by, body in bodies)  # type: ignore[misc]
    with database.read() as session:
        newest = select(Referral.id).order_by(col(Referral.number).desc()).limit(ROUNDS)
        ids = list(session.exec(newest))
    reader = _Reader(database)
    anew = reader.read_anew(VIEWS_READ)
    nothing = _median([reader.pull] * ROUNDS)
    singles, changes = [], []
    for _ in range(ROUNDS):
        created = {"pathway": "arrest_diversion", "agency_id": world.agency_id}
        operation = phone.write(str(uuid7()), "referral.create", created, rfc3339(NOW))
        body = PushRequest.model_validate(phone.push_body([operation]))
        singles.append(_ms(lambda body=body: world.push(phone, body)))  # type: ignore[misc]
        changes.append(_ms(reader.pull))
    refolded = _median(lambda one=one: _refold(database, one) for one in ids)  # type: ignore[misc]
    shown = _median(lambda one=one: _show_anew(database, one) for one in ids)  # type: ignore[misc]
    figures = [hundred, median(singles), nothing, median(changes), anew, refolded, shown]
    return figures, len(bodies) * BATCH + ROUNDS


class _Reader:
    """A coordinator's session that pulls from where it stands."""

    def __init__(self, database: Database) -> None:
        self._database = database
        far = NOW + timedelta(days=1)
        self._principal = Principal(str(uuid.uuid4()), PROGRAM, "coordinator", None, "", None, far, NOW, NOW)
        self._request = PullRequest(protocol=1, epoch=None, cursor=None, limit=500, device_id=None)

    def pull(self) -> tuple[int, bool]:
        """How many items came, and whether there are more."""
        part, _, _ = exchange.pull(self._database, self._principal, self._request, NOW)
        ",".join(part.items).encode()
        self._request = self._request.model_copy(update={"cursor": part.cursor})
        return len(part.items), part.more

    def read_anew(self, measured: int) -> float:
        """Milliseconds for each of the first so many views; then on to the end of the feed."""
        views, more, began = 0, True, time.perf_counter()
        while more and views < measured:
            count, more = self.pull()
            views += count
        each = (time.perf_counter() - began) * 1000 / views
        while more:
            _, more = self.pull()
        return each


def _refold(database: Database, referral_id: str) -> None:
    with database.read() as session:
        service.rebuilt(session, referral_id)


def _show_anew(database: Database, referral_id: str) -> None:
    """As after a release that folds or shows otherwise."""
    with database.write() as session:
        draft = service.hold(session, referral_id)
        draft.touched[referral_id].state = service.rebuilt(session, referral_id)
        service.store(session, draft, {}, NOW)


def _ms(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _median(acts: Iterable[Callable[[], object]]) -> float:
    return median(_ms(act) for act in acts)
