"""Prepares the rows of a file beside their writing: in a thread, or a large file in a process of its own.

The process is told what to do, and the keys to do it with, over a pipe: nothing of it stands on a command
line or on disk. It ends with the file, and when whoever reads the other end of the pipe is gone.
"""

from __future__ import annotations

import gc
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection, Pipe
from threading import Thread
from typing import NamedTuple

from outreach.domain.column_mappings import Columns
from outreach.errors import OutreachError
from outreach.services.intake_setting import IntakeSetting
from outreach.services.row_preparation import PreparedPiece, RowPreparation
from outreach.services.table_reading import TableFile
from outreach.storage.vault import Vault

_ALLOCATIONS_BETWEEN_COLLECTIONS = 200_000
_SWITCH_SECONDS = 0.0005
_HEAD_START = 4  # pieces
# Not "-m": what is raised in a module run as __main__ has a name that its parent does not know.
_PROGRAM = f"from {__name__} import main; main()"


class PreparationFailed(OutreachError):
    """The process that prepares rows ended by an error of the program; the sentence names its kind."""

    code = "preparation_failed"


class _Order(NamedTuple):
    """What the process needs; the table's content comes after it."""

    master_key: bytes
    table: TableFile
    columns: Columns
    setting: IntakeSetting
    repeated: Set[str]
    piece: int


Pieces = Callable[[Callable[[], bool]], Generator[PreparedPiece, None, None]]


@contextmanager
def reading(preparation: RowPreparation, *, in_own_process: bool) -> Iterator[Pieces]:
    """Gives pieces as `RowPreparation.pieces` does, one ahead; who takes them closes them."""
    with at_full_speed():
        if in_own_process:
            with _child(preparation) as connection:
                yield lambda expect_new: _one_ahead(_with_a_child(preparation, connection, expect_new))
        else:
            yield lambda expect_new: _one_ahead(preparation.pieces(expect_new))


@contextmanager
def at_full_speed() -> Iterator[None]:
    """A file makes millions of short-lived values and no cycles: looking for cycles took a third of the time.

    And who waits for the database's answer must get the interpreter back at once from who prepares rows.
    """
    usual, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS, *usual[1:])
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*usual)
        gc.unfreeze()


def _one_ahead(pieces: Iterator[PreparedPiece]) -> Generator[PreparedPiece, None, None]:
    """Prepares or receives the next piece while the database writes this one."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="import-rows") as reader:
        coming = reader.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = reader.submit(next, pieces, None)
            yield piece


def _with_a_child(
    preparation: RowPreparation, connection: Connection, expect_new: Callable[[], bool]
) -> Iterator[PreparedPiece]:
    """Prepares the first pieces here, while the process starts."""
    yield from preparation.pieces(expect_new, stop=_HEAD_START)
    yield from _received(connection, expect_new)


@contextmanager
def _child(preparation: RowPreparation) -> Iterator[Connection]:
    """Starts the process, and ends it however the block is left."""
    ours, theirs = Pipe()
    with ours:
        with theirs:
            child = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-c", _PROGRAM, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        ordering = Thread(target=_send_order, args=(ours, preparation), name="import-order")
        ordering.start()  # a whole file does not fit into a pipe: somebody must wait until it is read
        try:
            yield ours
        finally:
            child.kill()
            child.wait()
            ordering.join()


def _send_order(connection: Connection, told: RowPreparation) -> None:
    table = replace(told.table, content=b"")
    order = _Order(told.vault.master_key, table, told.columns, told.setting, told.repeated, told.piece)
    with suppress(OSError):  # who waits for the pieces will see that the process is gone
        connection.send(order)
        connection.send_bytes(told.table.content)


def _received(connection: Connection, expect_new: Callable[[], bool]) -> Iterator[PreparedPiece]:
    """What the process sends until it says that the file is read; raises what it raised."""
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):
            raise PreparationFailed("The process that prepares the rows was ended from outside.") from None
        if message is None:
            return
        if isinstance(message, OutreachError):
            raise message
        with suppress(OSError):  # it may have sent its last piece and ended
            connection.send(expect_new())
        yield message


def _serve(connection: Connection) -> None:
    """In the process: prepare the ordered file, and send its pieces."""
    expected = True

    def expect_new() -> bool:
        nonlocal expected
        while connection.poll():
            expected = connection.recv()
        return expected

    try:
        for piece in _ordered(connection).pieces(expect_new, start=_HEAD_START):
            connection.send_bytes(pickle.dumps(piece, pickle.HIGHEST_PROTOCOL))
    except OutreachError as error:
        connection.send(error)
    except (EOFError, OSError):
        return  # nobody takes the pieces any more
    except Exception as error:
        connection.send(PreparationFailed(f"Preparing the rows failed: {type(error).__qualname__}."))
    else:
        connection.send(None)


def _ordered(connection: Connection) -> RowPreparation:
    order: _Order = connection.recv()
    table = replace(order.table, content=connection.recv_bytes())
    vault = Vault(order.master_key)
    return RowPreparation(vault, table, order.columns, order.setting, order.repeated, order.piece)


def main() -> None:
    """Serve the pipe whose number is the only argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    with at_full_speed(), Connection(int(sys.argv[1])) as connection:
        _serve(connection)
