"""The phone's types, written from the models of the answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from api import cli, commands, typescript
from api.administration import openapi


class TestTypes:
    def test_they_are_written_and_then_current(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(commands, "SCHEMA", tmp_path / "transport" / "schema.d.ts")
        assert cli.main(["types", "--check"]) == 1
        assert cli.main(["types"]) == 0
        first = commands.SCHEMA.read_text("utf-8")
        assert cli.main(["types", "--check"]) == 0
        commands.SCHEMA.write_text(first.replace("string", "number", 1), "utf-8")
        assert cli.main(["types", "--check"]) == 1

    def test_the_same_models_give_the_same_text(self) -> None:
        assert typescript.declarations(openapi()) == typescript.declarations(openapi())

    def test_they_say_what_the_answers_hold(self) -> None:
        text = typescript.declarations(openapi())
        session = text.partition("export interface SessionDocument ")[2].partition("\n}")[0]
        assert "  device_id: string | null;" in session
        assert "  user: SessionUser;" in session
        enrolled = text.partition("export interface Enrolled ")[2].partition("\n}")[0]
        assert "  known: [number, number][];" in enrolled
        assert "HTTPValidationError" not in text

    def test_a_schema_without_a_form_is_an_error(self) -> None:
        document = {"components": {"schemas": {"Odd": {"type": "object", "properties": {"x": {"not": {}}}}}}}
        with pytest.raises(ValueError, match="no TypeScript form"):
            typescript.declarations(document)
