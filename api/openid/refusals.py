"""Why a sign-in through a provider came to nothing. The app has a sentence for each reason; the audit trail has the word."""

from typing import Literal

Reason = Literal["again", "declined", "unavailable", "not_verified", "weak", "not_linked", "taken"]
"""`again`: no such way is open in this browser, or no longer. `declined`: the provider says so. `unavailable`: it gives no
usable answer. `not_verified`: what it says does not hold. `weak`: not by a factor that is asked for. `not_linked`: nobody here.
`taken`: the identity is somebody else's, or the person has another one at this provider."""


class Refused(Exception):
    """The way ends here."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason
