"""Jobs: each queue is served, each job can be run by name, and none takes anything but ids."""

import inspect

import pytest
from rq.utils import import_attribute

from outreach.queues.job_queue import JOB_OF_QUEUE, LONGEST_SECONDS, JobName, QueueName
from workers.jobs import WORK
from workers.schedule import PERIODS


@pytest.mark.parametrize("job", list(JobName))
def test_each_job_is_a_function_that_says_what_it_is_for_and_takes_nothing(job: JobName) -> None:
    function = import_attribute(job.value)
    assert inspect.isfunction(function)
    assert function.__doc__
    assert not inspect.signature(function).parameters
    assert LONGEST_SECONDS[job] <= 3600


@pytest.mark.parametrize("queue", list(QueueName))
def test_each_queue_has_a_job_a_turn_and_work_to_do_without_redis(queue: QueueName) -> None:
    assert WORK[queue] is import_attribute(JOB_OF_QUEUE[queue].value)
    assert PERIODS[queue].total_seconds() > 0


def test_no_job_is_left_without_a_queue() -> None:
    assert set(JOB_OF_QUEUE.values()) == set(JobName)
