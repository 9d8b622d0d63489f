"""Who settles a conflict follows from the permission table; the phone offers the choice by the same list."""

from __future__ import annotations

import json
from pathlib import Path

from api.auth.permissions import ROLES, may_write, readable_groups
from sync.fields import ACT_REGISTERS, FIELDS, GROUPS

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "settling.json").read_text())
WITH_FIELDS = {field.group for field in FIELDS.values()} | set(ACT_REGISTERS.values())


def test_the_shared_list_is_what_the_table_gives() -> None:
    found = {
        role: [
            group
            for group in GROUPS
            if group in WITH_FIELDS & readable_groups(role) and may_write(role, frozenset({group}))
        ]
        for role in ROLES
    }
    assert {role: groups for role, groups in found.items() if groups} == VECTORS["settles"]
