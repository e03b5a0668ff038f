"""The words of the lease: one statement for so many platforms, queues, languages and loans."""

from __future__ import annotations

from functools import lru_cache

from outreach.domain.load_shedding import MODES, NEVER_SHED
from outreach.storage.hot_sql import HotStatement

# Lanes are read in the stored order, each by its own index range, so that neither entries in a language the
# agent does not speak nor entries the mode sheds are ever walked over. Heads are read without a lock, then
# locked from the most urgent on: locking each lane's head would hide a positive from whoever asks meanwhile.
# Behind the last head read of any lane ("edge") the order is not known: nothing beyond it is handed out.
# Lists are written out as VALUES, not passed as arrays: with their length known, PostgreSQL keeps one plan
# (planning anew would take longer than the lease). The number in hand is looked up by a scalar subquery,
# which always goes by the index of live leases; as NOT EXISTS it became a walk over all of them.
# Two who reach for one number at one instant cannot see each other's lease: its advisory lock tells them.
# Without it a contact could win the number from a positive of the same household, who would wait for them.
_LEASE_NEXT = """
    with lanes as (
      select p.platform, q.queue, l.language, s.level as shed_level, coalesce(m.version, 0) as mode_version
      from (values {platforms}) p(platform)
      cross join (values {queues}) q(queue)
      cross join (values {languages}) l(language)
      cross join (values {levels}) s(level)
      left join platform_modes m on m.platform = p.platform
      where s.level = 0 or s.level > case when m.ends_at <= :now then 1 else coalesce(m.level, 1) end
    ){lent_lanes}, heads as (
      select head.id, head.call_class, head.front, head.effective_deadline, head.tie_break,
             head.callback_agent_id, lanes.mode_version, head.place = {most} as is_edge
      from lanes cross join lateral (
        select e.id, e.call_class, e.front, e.effective_deadline, e.tie_break, e.callback_agent_id,
          row_number() over (order by e.call_class, e.front, e.effective_deadline, e.tie_break, e.id) as place
        from call_list_entries e
        where e.state = 'READY' and e.platform = lanes.platform and e.queue = lanes.queue
          and e.language = lanes.language and e.shed_level = lanes.shed_level
          and (e.ready_until is null or e.ready_until > :now)
          and (not e.callback_for_me_only or e.callback_agent_id = :agent_id or e.not_before <= :grace_ended)
        order by e.call_class, e.front, e.effective_deadline, e.tie_break, e.id
        limit {most}
      ) head
      {lent_heads}
      union all
      select e.id, e.call_class, e.front, e.effective_deadline, e.tie_break, e.callback_agent_id,
             coalesce(m.version, 0), false
      from call_list_entries e left join platform_modes m on m.platform = e.platform
      where e.state = 'READY' and e.callback_agent_id = :agent_id and e.shed_level = 0
        and (e.platform in (values {platforms}){lent_own}) and e.queue in (values {queues})
        and (e.ready_until is null or e.ready_until > :now)
    ), chosen as (
      select locked.id, ordered.mode_version
      from (
        select id, mode_version, bool_or(is_edge) over (
            order by call_class, (callback_agent_id is distinct from cast(:agent_id as uuid)),
                     front, effective_deadline, tie_break, id
            rows between unbounded preceding and 1 preceding) as beyond_edge
        from heads
        order by call_class, (callback_agent_id is distinct from cast(:agent_id as uuid)),
                 front, effective_deadline, tie_break, id
      ) ordered cross join lateral (
        select e.id from call_list_entries e
        where e.id = ordered.id and e.state = 'READY' and (
          e.number_index is null
          or pg_try_advisory_xact_lock({numbers_lock}, hashtext(encode(e.number_index, 'hex')))
        ) and (
          select held.id from call_list_entries held
          where held.state = 'LEASED' and held.number_index = e.number_index) is null
        for update skip locked
      ) locked
      where ordered.beyond_edge is not true
      limit 1
    ), leased as (
      update call_list_entries e
      set state = 'LEASED', lease_id = :lease_id, leased_by = :agent_id, leased_until = :until,
          version = e.version + 1
      from chosen where e.id = chosen.id
      returning e.id as entry_id, e.lease_id, e.leased_until, e.platform, e.case_record_id, e.person_id,
        e.purpose, e.queue, e.call_class, e.deadline, e.effective_deadline, e.callback_at, e.phone_position,
        e.number_index, e.tries, chosen.mode_version
    ), noted as (
      insert into journal (at, platform, event, actor, case_record_id, entry_id, facts)
      select :now, platform, :event, :actor, case_record_id, entry_id,
        jsonb_build_object('lease_id', lease_id, 'call_class', call_class, 'mode_version', mode_version)
      from leased
    )
    select entry_id, lease_id, leased_until, platform, case_record_id, person_id, purpose, queue, call_class,
      deadline, effective_deadline, callback_at, phone_position, number_index, tries, mode_version
    from leased
"""
# What other platforms lend to the agent's: the same lanes, under the owner's mode, by an index of their own.
_LENT_LANES = """, lent as (
      select b.loan, b.queue, l.language, s.level as shed_level, coalesce(m.version, 0) as mode_version
      from (values {loans}) b(owner, loan, queue)
      cross join (values {languages}) l(language)
      cross join (values {levels}) s(level)
      left join platform_modes m on m.platform = b.owner
      where s.level = 0 or s.level > case when m.ends_at <= :now then 1 else coalesce(m.level, 1) end
    )"""
_LENT_HEADS = """union all
      select head.id, head.call_class, head.front, head.effective_deadline, head.tie_break,
             head.callback_agent_id, lent.mode_version, head.place = {most}
      from lent cross join lateral (
        select e.id, e.call_class, e.front, e.effective_deadline, e.tie_break, e.callback_agent_id,
          row_number()
          over (order by e.call_class, e.front, e.effective_deadline, e.tie_break, e.id) as place
        from call_list_entries e
        where e.state = 'READY' and e.loan <> 0 and e.loan = lent.loan and e.queue = lent.queue
          and e.language = lent.language and e.shed_level = lent.shed_level
          and (e.ready_until is null or e.ready_until > :now)
          and (not e.callback_for_me_only or e.callback_agent_id = :agent_id or e.not_before <= :grace_ended)
        order by e.call_class, e.front, e.effective_deadline, e.tie_break, e.id
        limit {most}
      ) head"""
_LENT_OWN = " or (e.loan, e.queue) in (select lent.loan, lent.queue from lent)"
_NUMBERS_LOCK = 7_002  # the space of these advisory locks
_LEVELS = ", ".join(f"({level})" for level in sorted({NEVER_SHED} | {rule.level for rule in MODES.values()}))


@lru_cache(maxsize=256)
def lease_statement(platforms: int, queues: int, languages: int, most: int, loans: int = 0) -> HotStatement:
    """The lease for so many platforms, queues and languages (parameters platform_0, queue_0, language_0…).

    `loans`: pairs of a loan and a queue (owner_0, loan_0, loan_queue_0…); without any, the words are the same
    as if there were no mutual aid.
    """
    lists = {
        f"{name}s": ", ".join(f"(cast(:{name}_{n} as text))" for n in range(count))
        for name, count in (("platform", platforms), ("queue", queues), ("language", languages))
    }
    lists |= {
        "levels": _LEVELS,
        "numbers_lock": str(_NUMBERS_LOCK),
        "most": str(most),
        "loans": ", ".join(map(_loan_row, range(loans))),
    }
    lent = {
        "lent_lanes": _LENT_LANES.format(**lists) if loans else "",
        "lent_heads": _LENT_HEADS.format(**lists) if loans else "",
        "lent_own": _LENT_OWN if loans else "",
    }
    return HotStatement(_LEASE_NEXT.format(**lists, **lent))


def _loan_row(n: int) -> str:
    return f"(cast(:owner_{n} as text), cast(:loan_{n} as integer), cast(:loan_queue_{n} as text))"
