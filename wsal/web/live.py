"""Live news: what happens in the background, told to every open page through server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Final

__all__ = ["Hub", "News"]

_WAITING: Final = 50  # news that a page may be behind; a page that fell further behind misses the oldest
_HEARTBEAT: Final = 15.0  # seconds


@dataclass(frozen=True)
class News:
    """Something that happened.

    Parameters
    ----------
    kind : str
        ``work`` (something began), ``done``, ``problem``, ``progress`` (answers came in) or ``idle``.
    text : str
        In words, for people.
    run : str
        The run that was made; empty where none was.
    """

    kind: str
    text: str = ""
    run: str = ""

    def to_json(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(asdict(self))


class Hub:
    """Hands news to every open page; may be told from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pages: set[asyncio.Queue[News]] = set()
        self.last = News("idle")

    def tell(self, news: News) -> None:
        """Tell all pages."""
        if news.kind != "progress":
            self.last = news
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._hand_out, news)

    async def stream(self) -> AsyncIterator[str]:
        """Yield news as server-sent events, for as long as the page is open; first how things stand."""
        self._loop = asyncio.get_running_loop()
        waiting: asyncio.Queue[News] = asyncio.Queue(_WAITING)
        self._pages.add(waiting)
        try:
            yield f"retry: 2000\n\ndata: {self.last.to_json()}\n\n"
            while True:
                try:
                    news = await asyncio.wait_for(waiting.get(), _HEARTBEAT)
                except TimeoutError:
                    yield ": still here\n\n"
                else:
                    yield f"data: {news.to_json()}\n\n"
        finally:
            self._pages.discard(waiting)

    def _hand_out(self, news: News) -> None:
        for waiting in self._pages:
            if waiting.full():
                waiting.get_nowait()
            waiting.put_nowait(news)
