"""The outside service that raises the alarm when it hears nothing: it is told that all is well, and nothing else, ever."""

from api.paging.channels.posting import Poster, Reply
from api.paging.channels.public import Names
from api.paging.channels.switchboard import trust
from api.settings import Settings

DEADLINE_SECONDS = 10.0


class DeadMan:
    """Fetches one address; make it where an event loop runs, close it at the end."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.deadman_url
        self._names = Names()
        self._poster = Poster(self._names.lookup, settings.private_targets, trust(settings))

    async def all_is_well(self) -> Reply:
        """Say so, within the deadline. Whatever the other side does, this returns."""
        return await self._poster.get(self._url, DEADLINE_SECONDS)

    async def close(self) -> None:
        """Give the connections back."""
        await self._poster.close()
        self._names.close()
