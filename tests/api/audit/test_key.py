"""The audit's key: a lost one and another one are told plainly, nothing goes on in silence, and what a new one can still show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from api.at_rest import opened
from api.audit.key import FILE, AuditKeyLost, check, make_in, secret_in
from api.audit.upkeep import prune, replace_key
from api.audit.verify import verify
from api.doctor import examine
from api.problems import Conflict
from api.serving import prepare
from api.settings import Settings
from tests.api.audit.conftest import NOW, OTHER, PROGRAM, Audit


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Of a server on the audit's database and keys."""
    return Settings(data_dir=tmp_path, database_url=database_url, worker=False, snapshot_minutes=0)


def lose(folder: Path) -> None:
    (folder / FILE).unlink()
    secret_in.cache_clear()


def exchange(folder: Path) -> None:
    """Somebody else's key in its place."""
    lose(folder)
    make_in(folder)


def checked(audit: Audit, folder: Path) -> int:
    with audit.database.read() as session:
        return check(session, folder)


@pytest.mark.parametrize(("harm", "words"), [(lose, "is missing"), (exchange, "is another key")])
class TestAKeyThatIsNotTheRightOne:
    def test_keeps_a_server_from_starting_and_is_told_by_the_doctor(
        self, audit: Audit, settings: Settings, harm: Callable[[Path], None], words: str
    ) -> None:
        opened(settings).close()
        audit.fill(3)
        prepare(settings)
        assert ("ok", "audit key") in {(each.verdict, each.about) for each in examine(settings)}
        harm(settings.keys_dir)
        found = [each for each in examine(settings) if each.about == "audit key"]
        assert [each.verdict for each in found] == ["wrong"]
        with pytest.raises(AuditKeyLost) as refused:
            prepare(settings)
        for told in (found[0].words, str(refused.value)):
            assert words in told
            assert "key backup" in told
            assert "replace-audit-key" in told

    def test_is_let_be_where_nothing_was_chained(
        self, audit: Audit, settings: Settings, harm: Callable[[Path], None], words: str
    ) -> None:
        harm(settings.keys_dir)
        assert checked(audit, settings.keys_dir) == 0
        audit.add()
        assert checked(audit, settings.keys_dir) == 1


def test_a_lost_key_is_not_made_anew_by_the_next_act(audit: Audit, settings: Settings) -> None:
    audit.add()
    lose(settings.keys_dir)
    with pytest.raises(AuditKeyLost, match="is missing"):
        audit.add()
    assert not (settings.keys_dir / FILE).exists()
    assert audit.numbers() == [1]


def test_one_chain_that_fits_shows_that_the_key_is_right(audit: Audit, settings: Settings) -> None:
    """The other one was tampered with: that is for `verify-audit` to tell, and no reason to stand still."""
    audit.fill(3)
    audit.fill(3, OTHER)
    audit.unguard()
    audit.alter("UPDATE audit_event SET subject = 'x' WHERE number = 3 AND program_id = :program", program=OTHER)
    assert checked(audit, settings.keys_dir) == 2
    audit.alter("UPDATE audit_event SET subject = 'x' WHERE number = 3")
    with pytest.raises(AuditKeyLost, match="none of 2 chains"):
        checked(audit, settings.keys_dir)


class TestANewKey:
    @pytest.fixture
    def renewed(self, audit: Audit, settings: Settings) -> Audit:
        """Five events under the lost key, one that tells of the new one, two under that."""
        audit.fill(5)
        audit.anchor()
        lose(settings.keys_dir)
        assert replace_key(audit.database, settings.keys_dir, NOW) == [PROGRAM]
        audit.key = secret_in(settings.keys_dir)
        audit.fill(2)
        return audit

    def test_is_not_made_while_the_old_one_fits(self, audit: Audit, settings: Settings) -> None:
        audit.fill(2)
        before = (settings.keys_dir / FILE).read_bytes()
        with pytest.raises(Conflict):
            replace_key(audit.database, settings.keys_dir, NOW)
        assert (settings.keys_dir / FILE).read_bytes() == before
        assert audit.numbers() == [1, 2]

    def test_goes_on_with_the_chain_and_is_told(self, renewed: Audit, settings: Settings) -> None:
        assert checked(renewed, settings.keys_dir) == 1
        verdict = renewed.verdict(renewed.anchored())
        assert (verdict.events, verdict.faults) == (8, [])
        assert [f"{PROGRAM}: the key was replaced, says number 6" in told for told in verdict.renewed] == [True]

    def test_leaves_the_former_file_in_the_folder(self, audit: Audit, settings: Settings) -> None:
        audit.fill(2)
        exchange(settings.keys_dir)
        wrong = (settings.keys_dir / FILE).read_bytes()
        replace_key(audit.database, settings.keys_dir, NOW)
        [former] = settings.keys_dir.glob("audit-until-*.key")
        assert (former.read_bytes(), former.stat().st_mode & 0o777) == (wrong, 0o600)

    @pytest.mark.parametrize("number", [1, 5, 7, 8])
    def test_shows_what_was_changed_afterwards_on_both_sides_of_it(self, renewed: Audit, number: int) -> None:
        renewed.unguard()
        renewed.alter("UPDATE audit_event SET subject = 'x' WHERE number = :number", number=number)
        [fault] = renewed.verdict().faults
        assert fault.number == max(number, 6)

    def test_does_not_believe_a_replacement_that_its_key_did_not_vouch_for(
        self, audit: Audit, settings: Settings
    ) -> None:
        audit.fill(3)
        audit.add(action="audit.renew", detail={"first": 1, "sha256": "00" * 32})
        audit.unguard()
        audit.alter('UPDATE audit_event SET detail = \'{"first": 9, "sha256": ""}\' WHERE number = 4')
        audit.alter("UPDATE audit_event SET subject = 'x' WHERE number = 2")
        assert [fault.number for fault in audit.verdict().faults] == [2]

    def test_can_be_lost_and_replaced_again(self, renewed: Audit, settings: Settings) -> None:
        lose(settings.keys_dir)
        replace_key(renewed.database, settings.keys_dir, NOW + timedelta(hours=1))
        with renewed.database.read() as session:
            verdict = verify(session, secret_in(settings.keys_dir))
        assert (verdict.events, verdict.faults) == (9, [])

    def test_lets_old_events_go_as_before(self, renewed: Audit) -> None:
        renewed.add(at=NOW + timedelta(days=11))
        assert prune(renewed.database, 10, NOW + timedelta(days=20)) == 8
        assert renewed.verdict().faults == []
