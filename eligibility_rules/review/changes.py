"""What changed between two versions of a pack, and for whom.

Answers for the comparison, part by part, as data that the app can send. Leaves the examples to `flip_search` and the sentences
to `telling`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from eligibility_rules.model import Pack
from eligibility_rules.review.flip_search import find_flips
from eligibility_rules.review.flips import Flip
from eligibility_rules.vocabulary import Frozen

Section = Literal["head", "pathways", "charges", "facts", "rules", "approvals", "practice"]
Kind = Literal["added", "removed", "changed", "moved"]

#: Parts of the head that are compared; the version and the hash always differ.
HEAD = ("source", "official", "unverified", "way_on")


class Change(Frozen):
    """One part that is there in only one version, says something else (`parts` names what), or stands elsewhere."""

    section: Section
    kind: Kind
    name: str
    parts: tuple[str, ...] = ()


class Changes(Frozen):
    """Everything that differs, in the order of the pack's sections, and examples of whom it concerns."""

    old: str
    new: str
    items: tuple[Change, ...]
    flips: tuple[Flip, ...]


def changes(old: Pack, new: Pack) -> Changes:
    """Compare two versions, usually of one program. Takes up to some seconds: it searches for examples."""
    items = [
        *_head(old, new),
        *_parts("pathways", _by_name(old), _by_name(new)),
        *_parts("charges", _by(old.charges, "code"), _by(new.charges, "code")),
        *_parts("facts", _by(old.facts, "id"), _by(new.facts, "id")),
        *_parts("rules", _by(old.rules, "id"), _by(new.rules, "id")),
        *_parts("approvals", _by(old.practice.approvals, "id"), _by(new.practice.approvals, "id")),
        *_practice(old, new),
    ]
    return Changes.model_construct(old=old.hash, new=new.hash, items=tuple(items), flips=find_flips(old, new))


def _head(old: Pack, new: Pack) -> list[Change]:
    names = [key for key in HEAD if getattr(old, key) != getattr(new, key)]
    if (old.effective_from, old.effective_until) != (new.effective_from, new.effective_until):
        names.insert(0, "in_force")
    return [Change(section="head", kind="changed", name=name) for name in names]


def _by_name(pack: Pack) -> dict[str, Any]:
    return {str(pathway): referrers for pathway, referrers in pack.pathways.items()}


def _by(parts: Sequence[Frozen], key: str) -> dict[str, Any]:
    return {getattr(part, key): part for part in parts}


def _parts(section: Section, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    found = [Change(section=section, kind="removed", name=name) for name in old if name not in new]
    for name, part in new.items():
        if name not in old:
            found.append(Change(section=section, kind="added", name=name))
        elif old[name] != part:
            found.append(Change(section=section, kind="changed", name=name, parts=_differing(old[name], part)))
    kept = [name for name in old if name in new]
    if section in ("facts", "rules") and kept != [name for name in new if name in old]:
        # The order decides which reason is told first, and which question is asked first of equals.
        found.append(Change(section=section, kind="moved", name=section))
    return found


def _differing(old: Any, new: Any) -> tuple[str, ...]:
    if not isinstance(old, Frozen):
        return ()
    return tuple(key for key in type(old).model_fields if getattr(old, key) != getattr(new, key))


def _practice(old: Pack, new: Pack) -> list[Change]:
    keys = [key for key in type(old.practice).model_fields if key != "approvals"]
    return [
        Change(section="practice", kind="changed", name=key)
        for key in keys
        if getattr(old.practice, key) != getattr(new.practice, key)
    ]
