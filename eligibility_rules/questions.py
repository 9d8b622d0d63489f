"""In which order an officer is asked: the question that settles most comes first.

The greedy order. A rule is open while it is unknown and its answer could still change the outcome. An open rule is
settled by a fact alone if that is the only one it waits for, or the only one its `when` waits for: one answer may show
that the rule does not matter here. What the record holds is nobody's to ask, so no rule waits for it. Then:

1. the fact that alone settles most open `bars` rules;
2. of those equal, the one that alone settles most open rules;
3. of those equal, the one on which most open rules bear;
4. of those equal, the first in the pack's order of facts.

Count that fact as answered (it is missing no more, and settles nothing more), and choose again. The form asks the first
and evaluates anew after each answer, so the order of the rest is only how many questions there can still be.
"""

from collections.abc import Iterable, Sequence

#: Far above the number of rules that a pack can hold, so that no lower step of the order outweighs a higher one.
SETTLES = 1 << 16
BARS = 1 << 32

#: Whether the open rule bars, what it waits for, and what its `when` waits for (nothing, if it holds or there is none).
OpenRule = tuple[bool, Sequence[str], Sequence[str]]


def in_greedy_order(candidates: Iterable[str], open_rules: Iterable[OpenRule]) -> list[str]:
    """The candidates (in the pack's order), best first."""
    weights = dict.fromkeys(candidates, 0)
    linked = []
    for rule in open_rules:
        for name in rule[1]:
            _add(weights, name, 1)
        _add(weights, _alone(rule), _worth(rule))
        if len(rule[1]) > 1:
            linked.append(rule)
    chosen = []
    while linked and weights:
        best = max(weights, key=weights.__getitem__)
        chosen.append(best)
        del weights[best]
        linked = [left for rule in linked if len((left := _once_answered(rule, best, weights))[1]) > 1]
    # What is left bears on rules of its own, and sorting is stable.
    return chosen + sorted(weights, key=weights.__getitem__, reverse=True)


def _once_answered(rule: OpenRule, answered: str, weights: dict[str, int]) -> OpenRule:
    """The rule without the fact just chosen; the weight of settling it goes to the fact that now can alone."""
    bars, missing, gate = rule
    if answered not in missing:
        return rule
    left = bars, [name for name in missing if name != answered], [name for name in gate if name != answered]
    alone = _alone(left)
    if alone != _alone(rule):
        _add(weights, alone, _worth(rule))
    return left


def _alone(rule: OpenRule) -> str | None:
    """The one fact that settles the rule alone; None if several are needed."""
    _, missing, gate = rule
    return missing[0] if len(missing) == 1 else gate[0] if len(gate) == 1 else None


def _worth(rule: OpenRule) -> int:
    return SETTLES + BARS if rule[0] else SETTLES


def _add(weights: dict[str, int], name: str | None, weight: int) -> None:
    if name in weights:
        weights[name] += weight
