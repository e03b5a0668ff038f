"""The jobs: each makes one service call, may run twice, and says nothing of what it saw when it fails."""

from __future__ import annotations

from collections.abc import Callable

from outreach.errors import InvalidInput
from outreach.log import get_logger
from outreach.queues.job_queue import JOB_OF_QUEUE, JobName, QueueName
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
    for import_id in app().case_import.unfinished():
        try:
            app().case_import.run_import(import_id)
        except InvalidInput as refusal:
            log.info("import.refused", import_id=str(import_id), code=refusal.code)


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
