"""A failure can be looked into: its seed replays exactly, and its schedule is cut down to what matters."""

from __future__ import annotations

from tests.simulation.runner import simulation
from tests.simulation.schedule import Move, drawn
from tests.simulation.shrinking import shrunk
from tests.simulation.world import World

LONG = 40
SEEDS = 3


def test_a_seed_replays_exactly() -> None:
    with simulation("sqlite") as worlds:
        for seed in range(SEEDS):
            stories: list[list[str]] = []
            for _ in range(2):
                story: list[str] = []

                def told(world: World, _: Move, story: list[str] = story) -> None:
                    story.append(world.standing())

                worlds.run(drawn(seed), told)
                stories.append(story)
            assert stories[0] == stories[1], f"seed {seed}"


def test_a_failing_schedule_is_cut_down_to_the_moves_that_fail() -> None:
    schedule = next(each for each in map(drawn, range(100)) if len(each) > LONG)
    guilty = {schedule[3], schedule[9], schedule[-1]}
    assert set(shrunk(schedule, lambda shorter: guilty <= set(shorter))) == guilty


def test_a_schedule_that_always_fails_is_cut_down_to_nothing() -> None:
    assert shrunk(drawn(1), lambda shorter: True) == []


def test_schedules_of_different_seeds_differ_and_of_one_seed_agree() -> None:
    assert drawn(1) == drawn(1) != drawn(2)
