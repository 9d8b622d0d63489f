"""The protocol's rules as switches. All on is the protocol; `mutants` names what is broken when one is off."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """What the server and the phones keep to."""

    idempotent: bool = True
    """What arrives again is recognised."""
    stores_the_bad: bool = True
    """A bad operation is stored as rejected; otherwise it is to be sent again."""
    believes_strangers: bool = False
    """Any answer with status 200 counts as a receipt, a captive portal's too."""
    keeps_until_durable: bool = True
    """What was sent stays on the phone until a verified backup holds it."""
    compares_known: bool = True
    """What the server turns out not to know is sent again."""
    leaves_former_epochs: bool = True
    """An answer of an epoch that the phone has left says nothing."""
    distrusts_overtaken: bool = True
    """An answer that was overtaken by another one does not say what is in a backup, nor that there is another server."""
    drops_by_number: bool = True
    """The server names the numbers that a backup holds, beside the position. A restored server gives positions out anew: of what
    reached it behind the phone's back the phone holds the former one."""


PROTOCOL = Rules()
