"""Service hours in the cases that phones read too (`pwa/src/domain/hours.test.ts`)."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from api.rota.hours import WeeklyWindow, next_opening, open_at

FILE = Path(__file__).parents[2] / "vectors" / "hours" / "openings.json"
MOMENTS = [
    (case, moment) for case in json.loads(FILE.read_text(encoding="utf-8"))["cases"] for moment in case["moments"]
]


@pytest.mark.parametrize(
    ("case", "moment"), MOMENTS, ids=[f"{case['name']}: {moment['at']}" for case, moment in MOMENTS]
)
def test_the_service_is_open_when_the_case_says(case: dict[str, Any], moment: dict[str, Any]) -> None:
    windows = [WeeklyWindow.model_validate(window) for window in case["windows"]]
    at = datetime.fromisoformat(moment["at"])
    opens = moment["opens"] and datetime.fromisoformat(moment["opens"])
    assert open_at(windows, case["zone"], at) is moment["open"]
    assert next_opening(windows, case["zone"], at) == opens
