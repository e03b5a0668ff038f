"""The jobs: each makes one service call, may run twice, and says nothing of what it saw when it fails."""

from __future__ import annotations

from collections.abc import Callable

from outreach.errors import InvalidInput
from outreach.ids import ImportId
from outreach.log import get_logger
from outreach.queues.job_queue import JOB_OF_QUEUE, JobName, QueueName
from outreach.services.case_import import CaseImport
from workers.running import app

log = get_logger("jobs")


class JobFailed(Exception):
    """A job failed; its words are a kind of error only, because RQ keeps them in Redis."""


def send_messages() -> None:
    """Text whom the mode sheds, and send what is queued."""
    _run(JobName.SEND_MESSAGES, app().messaging.sending.send_due)


def run_imports() -> None:
    """Read every file that waits, or whose reader died."""
    _run(JobName.RUN_IMPORTS, _read_files)


def run_sweeps() -> None:
    """Repair what is due to be looked at."""
    _run(JobName.RUN_SWEEPS, app().upkeep.run)


def publish_outbox() -> None:
    """Tell the outside case systems what happened."""
    _run(JobName.PUBLISH_OUTBOX, app().write_back.publish)


def _read_files() -> None:
    app().records.undo.go_on()
    for import_id in app().case_import.unfinished():
        read_file(app().case_import, import_id)


def read_file(case_import: CaseImport, import_id: ImportId) -> None:
    """Read one file; whatever is wrong with it, the files behind it have their turn."""
    try:
        case_import.run_import(import_id)
    except InvalidInput as refusal:
        log.info("import.refused", import_id=str(import_id), code=refusal.code)
    except Exception as error:
        log.exception("import.failed", import_id=str(import_id), exc_info=error)
        case_import.note_failure(import_id, error=type(error).__qualname__)


def _run(job: JobName, work: Callable[[], object]) -> None:
    app().jobs.begun(job)
    try:
        work()
    except Exception as error:
        log.exception("job.failed", job=job.value, exc_info=error)
        raise JobFailed(type(error).__qualname__) from None


_FUNCTION_OF = {
    JobName.SEND_MESSAGES: send_messages,
    JobName.RUN_IMPORTS: run_imports,
    JobName.RUN_SWEEPS: run_sweeps,
    JobName.PUBLISH_OUTBOX: publish_outbox,
}
WORK: dict[QueueName, Callable[[], None]] = {queue: _FUNCTION_OF[job] for queue, job in JOB_OF_QUEUE.items()}
