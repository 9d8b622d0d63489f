"""Eligibility: a program's rule pack and a set of facts give a determination.

Answers for what a pack may say (`model`), reading one strictly from YAML (`load`, `check`), judging facts by
it (`evaluate`) and finding the pack in force on a day or by its hash (`catalog`). Pure: no database, network,
settings or clock. Leaves to others who may see a determination, when it is made, and what a person decides
after reading it. The phone's twin is `pwa/src/rules`; both are held together by `tests/vectors/eligibility`
and a differential test.
"""

from eligibility_rules.catalog import Catalog, document, pack_hash
from eligibility_rules.errors import FactError, PackError, PathwayError, RulesError
from eligibility_rules.evaluate import Determination, Reason, check_facts, evaluate
from eligibility_rules.load import load_pack
from eligibility_rules.model import Charge, Fact, Pack, Rule
from eligibility_rules.vocabulary import Text

__all__ = [
    "Catalog",
    "Charge",
    "Determination",
    "Fact",
    "FactError",
    "Pack",
    "PackError",
    "PathwayError",
    "Reason",
    "Rule",
    "RulesError",
    "Text",
    "check_facts",
    "document",
    "evaluate",
    "load_pack",
    "pack_hash",
]
