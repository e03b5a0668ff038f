"""Many requests, one transaction: whatever waits while a transaction runs goes into the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import anyio
from anyio.to_thread import run_sync

from outreach.log import get_logger

log = get_logger("group_commit")
Item = TypeVar("Item")


class GroupCommit(Generic[Item]):
    """`commit` runs in a thread, one group at a time; it says whether all of the group is saved."""

    def __init__(self, commit: Callable[[Sequence[Item]], bool], *, most: int) -> None:
        self._commit = commit
        self._most = most
        self._waiting: list[tuple[Item, asyncio.Future[bool]]] = []
        self._running: asyncio.Task[None] | None = None

    async def saved(self, item: Item) -> bool:
        """Wait until the item is saved (True), or its group could not be (False)."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        limiter = anyio.CapacityLimiter(1)  # a thread beside those of the other requests
        try:
            while self._waiting:
                group, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                saved = await run_sync(self._save, [item for item, _ in group], limiter=limiter)
                for _, future in group:
                    if not future.done():
                        future.set_result(saved)
        finally:
            self._running = None

    def _save(self, group: Sequence[Item]) -> bool:
        try:
            return self._commit(group)
        except Exception as error:  # whatever it is: those who wait must hear of it
            log.exception("group.failed", size=len(group), exc_info=error)
            return False
