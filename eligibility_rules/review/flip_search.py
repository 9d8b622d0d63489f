"""Finding for whom two versions of a pack decide differently: example facts, as few as they can be.

Answers for one example of each change of outcome that a differing rule brings on a pathway. The search is systematic
around the rules that differ (every combination of the values that matter to them, within `MOST_AROUND_A_RULE`, with the
other rules made to hold), and then draws `MOST_DRAWN` persons with a fixed seed for what only several rules do together.
What it finds is true; that it found everything is not promised. Leaves the sentences to `telling`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from random import Random

from eligibility_rules.compile import Judge, compile_rule
from eligibility_rules.conditions import facts_of
from eligibility_rules.evaluate import Determination, Outcome, evaluate
from eligibility_rules.model import Pack, Rule, Tier
from eligibility_rules.review.flips import STRICTNESS, Facts, Flip, causes_of, seen_by
from eligibility_rules.review.representatives import Domain, conditions_of, domain, falls_back
from eligibility_rules.vocabulary import Pathway

#: Combinations tried around one rule on one pathway; beyond it, so many are drawn.
MOST_AROUND_A_RULE = 20_000
#: Persons tried for one and the same way in which a rule differs.
MOST_TRIES = 4
#: Steps taken to make the other rules hold.
MOST_STEPS = 4_000
#: Persons drawn at random for each pathway.
MOST_DRAWN = 1_000
#: Examples made as small as they can be, of which many turn out to be told already, for each pathway.
MOST_SHRUNK = 100
#: Examples told for one pathway.
MOST_EXAMPLES = 30
SEED = 20_250_101


def find_flips(old: Pack, new: Pack) -> tuple[Flip, ...]:
    """Examples for every pathway that both versions offer, in the pack's order."""
    found = []
    for pathway in new.pathways:
        if pathway in old.pathways:
            found += _Search(old, new, pathway).run()
    return tuple(found)


@dataclass
class _Side:
    """One version on one pathway: its rules, ready to judge, and what it sees of each value."""

    pack: Pack
    pathway: Pathway
    seen: dict[tuple[str, object], object] = field(default_factory=dict)

    @cached_property
    def rules(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in self.pack.rules if self.pathway in rule.applies_to}

    @cached_property
    def judges(self) -> dict[str, Judge]:
        return {name: compile_rule(rule) for name, rule in self.rules.items()}

    def view(self, facts: Mapping[str, object]) -> Facts:
        found = {}
        for name, value in facts.items():
            key = (name, value)
            if key not in self.seen:
                self.seen[key] = seen_by(self.pack, name, value)
            if self.seen[key] is not None:
                found[name] = self.seen[key]
        return found

    def standing(self, rule: str, facts: Mapping[str, object]) -> tuple[Tier, bool | None] | None:
        """How the rule counts: its tier and answer, or None where it is absent or holds."""
        if rule not in self.rules:
            return None
        answer = self.judges[rule](facts)[0]
        return None if answer is True else (self.rules[rule].tier, answer)

    def determine(self, facts: Mapping[str, object]) -> Determination:
        return evaluate(self.pack, self.pathway, self.view(facts))


class _Search:
    """The search on one pathway."""

    def __init__(self, old: Pack, new: Pack, pathway: Pathway) -> None:
        self.old, self.new = _Side(old, pathway), _Side(new, pathway)
        self.pathway = pathway
        self.random = Random(SEED)
        sides = (self.old, self.new)
        conditions = [part for side in sides for rule in side.rules.values() for part in conditions_of(rule)]
        listed = [{charge.code for charge in pack.charges} for pack in (old, new)]
        apart = {code: (code in listed[0], code in listed[1]) for code in listed[0] | listed[1]}
        self.domain: Domain = domain([new, old], conditions, apart)
        self.found: list[Flip] = []
        self.shrunk = 0

    def run(self) -> list[Flip]:
        for rule in self._differing():
            for facts in self._around(rule):
                self._keep(facts)
        names = tuple(self.domain.values)
        for _ in range(MOST_DRAWN if self._differing() else 0):
            self._keep({name: self.random.choice(self.domain.values[name]) for name in names})
        return self.found

    def _differing(self) -> list[str]:
        """The rules that differ, or that read a list whose codes do."""
        names = dict.fromkeys([*self.new.rules, *self.old.rules])
        return [name for name in names if self._differs(self.old.rules.get(name), self.new.rules.get(name))]

    def _differs(self, before: Rule | None, after: Rule | None) -> bool:
        if before is None or after is None:
            return True
        if (before.must, before.when, before.tier) != (after.must, after.when, after.tier):
            return True
        codes = (self.old.pack.codes_by_fact, self.new.pack.codes_by_fact)
        types = (self.old.pack.facts_by_id, self.new.pack.facts_by_id)
        return any(
            codes[0].get(name) != codes[1].get(name) or types[0][name].type != types[1][name].type
            for name in facts_of(after)
        )

    def _around(self, rule: str) -> Iterator[Facts]:
        """Persons for whom this rule counts differently, while the others hold."""
        both = [side.rules[rule] for side in (self.old, self.new) if rule in side.rules]
        names = tuple(dict.fromkeys(name for each in both for name in facts_of(each)))
        tried: dict[object, int] = {}
        for values in self._combinations(names):
            facts: Facts = dict(zip(names, values, strict=True))
            before = self.old.standing(rule, self.old.view(facts))
            after = self.new.standing(rule, self.new.view(facts))
            if before == after or tried.get((before, after), 0) >= MOST_TRIES:
                continue
            tried[before, after] = tried.get((before, after), 0) + 1
            for sides in ((self.old, self.new), (self.new,), (self.old,)):
                whole = self._completed(facts, rule, sides)
                if whole is not None:
                    yield whole
                    break
            else:
                yield facts

    def _combinations(self, names: Sequence[str]) -> Iterator[tuple[object, ...]]:
        """All combinations within the bound, else as many drawn; a fact that only the new version has may be unasked."""
        choices = [
            (*self.domain.values[name], None) if name not in self.old.pack.facts_by_id else self.domain.values[name]
            for name in names
        ]
        if self.domain.size(names) <= MOST_AROUND_A_RULE:
            yield from product(*choices)
            return
        for _ in range(MOST_AROUND_A_RULE):
            yield tuple(self.random.choice(values) for values in choices)

    def _completed(self, facts: Facts, rule: str, sides: Iterable[_Side]) -> Facts | None:
        """The facts with others added, so that every other rule of these sides holds; None if none were found."""
        goals = [
            (side, name, facts_of(other), any(falls_back(part) for part in conditions_of(other)))
            for side in sides
            for name, other in side.rules.items()
            if name != rule and other.tier != "warn"
        ]
        free = [name for name in dict.fromkeys(n for goal in goals for n in goal[2]) if name not in facts]
        steps = [0]

        def hold(chosen: Facts, whole: bool) -> bool:
            for side, name, reads, waits in goals:
                if waits and not whole and not all(read in chosen for read in reads):
                    continue
                answer = side.judges[name](side.view(chosen))[0]
                if answer is False or (whole and answer is None):
                    return False
            return True

        def add(chosen: Facts, number: int) -> Facts | None:
            steps[0] += 1
            if steps[0] > MOST_STEPS or not hold(chosen, number == len(free)):
                return None
            if number == len(free):
                return chosen
            for value in self.domain.values[free[number]]:
                found = add({**chosen, free[number]: value}, number + 1)
                if found is not None:
                    return found
            return None

        return add(dict(facts), 0)

    def _keep(self, facts: Facts) -> None:
        """Make an example of these facts, if the outcome changes in a way not seen yet."""
        if len(self.found) >= MOST_EXAMPLES or self.shrunk >= MOST_SHRUNK:
            return
        before, after = self.old.determine(facts), self.new.determine(facts)
        if before.outcome == after.outcome or self._is_told(before, after):
            return
        self.shrunk += 1
        least = self._least(facts, before.outcome, after.outcome)
        before, after = self.old.determine(least), self.new.determine(least)
        if not self._is_told(before, after):
            self.found.append(self._flip(least, before, after))

    def _is_told(self, before: Determination, after: Determination) -> bool:
        """Whether an example stands already whose causes, all among these, lead to the same outcome (or away from it)."""
        causes = set(causes_of(self.old.pack, self.new.pack, before, after))
        stricter = STRICTNESS[after.outcome] > STRICTNESS[before.outcome]
        return any(
            causes.issuperset(flip.causes)
            and (flip.after == after.outcome if stricter else flip.before == before.outcome)
            for flip in self.found
        )

    def _least(self, facts: Facts, before: Outcome, after: Outcome) -> Facts:
        """As few facts, and as few codes in lists, as keep both outcomes."""

        def flips(fewer: Facts) -> bool:
            return self.old.determine(fewer).outcome == before and self.new.determine(fewer).outcome == after

        least = {name: value for name, value in facts.items() if value is not None}
        # What could not go at first may go once something else has gone; each round makes it smaller.
        while (fewer := next((each for each in _smaller(least) if flips(each)), None)) is not None:
            least = fewer
        return least

    def _flip(self, facts: Facts, before: Determination, after: Determination) -> Flip:
        causes = causes_of(self.old.pack, self.new.pack, before, after)
        sides = {True: self.new, False: self.old}
        read = dict.fromkeys(name for cause in causes for name in facts_of(sides[cause.in_new].rules[cause.rule]))
        return Flip.model_construct(
            pathway=self.pathway,
            facts=facts,
            decisive=tuple(name for name in read if name in facts),
            before=before.outcome,
            after=after.outcome,
            causes=causes,
        )


def _smaller(facts: Facts) -> Iterator[Facts]:
    """The same without one fact, or without one of several codes."""
    for name in facts:
        yield {other: value for other, value in facts.items() if other != name}
    for name, value in facts.items():
        if isinstance(value, tuple) and len(value) > 1:
            for code in value:
                yield {**facts, name: tuple(each for each in value if each != code)}
