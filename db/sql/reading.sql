-- The reading schema: the views that questions and lists are asked of (dashboard/analytics/schema.py
-- has the same names and columns; a test holds both together).  The columnar copy is filled from here,
-- so that a day, a kopeck and a deleted row mean the same on both engines.
-- The time zone is asked for once per statement (a subquery without a tie to the row), not joined.
-- ``place`` lets a fill walk a big table page by page.
-- ``amount`` is in the account's currency, by the last rate known on the day the deal closed (of an open deal:
-- the last of all); 0 and ``unrated`` where none is known.  ``amount_own`` is in the deal's.
-- What stands in braces is in db/sql/__init__.py: the account's currency (own) and time zone (zone), whether all deals
-- are in that currency (one_currency; then there is nothing to convert), the rates that may count for the deal d (rates).
-- security_invoker: row-level security of the asking role applies, not the owner's.

create schema reading;

-- A sum in whole kopecks, half a kopeck to the even neighbour: as many up as down, so sums of many do not drift.
create function reading.half_even(value numeric) returns bigint language sql immutable parallel safe as
$$ select case when abs(value) >= 9000000000000000000 then sign(value) * 9000000000000000000
               when abs(value - trunc(value)) = 0.5 then round(value * 0.5) * 2 else round(value) end::bigint $$;

create view reading.deals with (security_invoker = true) as
select d.id, d.title,
       replace(lower(d.title), 'ё', 'е') as search,
       replace(lower(d.title), 'ё', 'е' || chr(65535)) as sort_title,
       d.client_id, d.owner_id, d.project_id, d.pipeline_id, d.stage_id, d.status, d.lost_reason, d.stage_since,
       case when d.currency = {own} then (d.amount * 100)::bigint
            else coalesce((select reading.half_even(d.amount * 100 * r.rate) {rates} order by r.day desc limit 1), 0) end as amount,
       (d.amount * 100)::bigint as amount_own, d.currency,
       d.currency <> {own} and d.amount <> 0 and not exists (select 1 {rates}) as unrated, d.source,
       d.opened_at, (d.opened_at
            at time zone (select a.timezone from public.accounts a
                          where a.id = nullif(current_setting('app.account_id', true), '')::bigint))::date as opened_on,
       d.expected_close,
       d.closed_at, (d.closed_at
            at time zone (select a.timezone from public.accounts a
                          where a.id = nullif(current_setting('app.account_id', true), '')::bigint))::date as closed_on,
       -- furthest open stage the deal ever stood on; a won deal is beyond all of them
       case when d.status = 'won' then 1000000
            else greatest(
                (select max(s.position) from public.stage_events e
                 join public.stages s on s.account_id = e.account_id and s.id = e.to_stage_id
                 where e.account_id = d.account_id and e.deal_id = d.id and e.deleted_at is null
                   and s.kind = 'open' and s.pipeline_id = d.pipeline_id),
                (select s.position from public.stages s
                 where s.account_id = d.account_id and s.id = d.stage_id and s.kind = 'open'),
                -1)
       end as reached,
       case when cardinality(d.tags) > 0  -- few have any, and joining an empty list is not free
            then E'\x1f' || nullif(array_to_string(d.tags, E'\x1f'), '') || E'\x1f' end as tags,
       d.source_system, d.external_id, d.created_at, d.updated_at,
       d.deleted_at is not null as deleted, d.account_id, d.txid, d.ctid as place
from public.deals d;

create view reading.clients with (security_invoker = true) as
select c.id, c.name,
       replace(lower(concat_ws(' ', c.name, c.inn, c.email, c.city,
                               nullif(regexp_replace(c.phone, '\D', '', 'g'), ''), c.external_id)), 'ё', 'е') as search,
       replace(lower(c.name), 'ё', 'е' || chr(65535)) as sort_name,
       c.project_id, c.kind, c.inn, c.email, c.phone, c.city, c.region, c.country, c.industry, c.segment,
       c.source, c.owner_id,
       case when cardinality(c.tags) > 0  -- few have any, and joining an empty list is not free
            then E'\x1f' || nullif(array_to_string(c.tags, E'\x1f'), '') || E'\x1f' end as tags,
       c.source_system, c.external_id, c.created_at,
       (c.created_at
            at time zone (select a.timezone from public.accounts a
                          where a.id = nullif(current_setting('app.account_id', true), '')::bigint))::date as created_on, c.updated_at,
       c.deleted_at is not null as deleted, c.account_id, c.txid, c.ctid as place
from public.clients c;

create view reading.products with (security_invoker = true) as
select p.id, p.name, replace(lower(concat_ws(' ', p.name, p.sku)), 'ё', 'е') as search,
       replace(lower(p.name), 'ё', 'е' || chr(65535)) as sort_name,
       p.sku, p.kind, p.group_name, p.unit, (p.price * 100)::bigint as price, (p.cost * 100)::bigint as cost,
       p.archived_at is not null as archived, p.source_system, p.external_id, p.created_at, p.updated_at,
       p.deleted_at is not null as deleted, p.account_id, p.txid
from public.products p;

create view reading.lines with (security_invoker = true) as
select l.id, l.deal_id, l.product_id,
       case when {one_currency} then (l.amount * 100)::bigint
            else coalesce((
                select case when d.currency = {own} then (l.amount * 100)::bigint
                            else (select reading.half_even(l.amount * 100 * r.rate) {rates} order by r.day desc limit 1) end
                from public.deals d where d.account_id = l.account_id and d.id = l.deal_id), 0)
       end as amount,
       (l.amount * 100)::bigint as amount_own, (l.quantity * 1000)::bigint as quantity,
       -- most lines have no discount, and arithmetic on decimals is dear
       case when l.discount = 0 then 0
            when {one_currency} then ((round(l.quantity * l.price, 2) - l.amount) * 100)::bigint
            else coalesce((
                select case when d.currency = {own} then ((round(l.quantity * l.price, 2) - l.amount) * 100)::bigint
                            else (select reading.half_even((round(l.quantity * l.price, 2) - l.amount) * 100 * r.rate)
                                  {rates} order by r.day desc limit 1) end
                from public.deals d where d.account_id = l.account_id and d.id = l.deal_id), 0)
       end as given,
       case when l.discount = 0 then 0 else ((round(l.quantity * l.price, 2) - l.amount) * 100)::bigint end as given_own,
       l.deleted_at is not null as deleted, l.account_id, l.txid, l.ctid as place
from public.deal_lines l;

-- Where a deal went and when: ``stage_id`` is the stage it came to.
create view reading.moves with (security_invoker = true) as
select e.id, e.deal_id, e.to_stage_id as stage_id, e.at, (e.at
            at time zone (select a.timezone from public.accounts a
                          where a.id = nullif(current_setting('app.account_id', true), '')::bigint))::date as day,
       e.deleted_at is not null as deleted, e.account_id, e.txid, e.ctid as place
from public.stage_events e;

create view reading.pipelines with (security_invoker = true) as
select p.id, p.name, p.position, p.is_default, p.deleted_at is not null as deleted, p.account_id, p.txid
from public.pipelines p;

create view reading.stages with (security_invoker = true) as
select s.id, s.pipeline_id, s.name, s.position, s.kind, s.rot_days,
       s.deleted_at is not null as deleted, s.account_id, s.txid
from public.stages s;

create view reading.members with (security_invoker = true) as
select m.id, m.name, m.role, m.team, m.active, false as deleted, m.account_id
from public.memberships m
where m.account_id = nullif(current_setting('app.account_id', true), '')::bigint;

create view reading.projects with (security_invoker = true) as
select p.id, p.name, false as deleted, p.account_id
from public.projects p
where p.account_id = nullif(current_setting('app.account_id', true), '')::bigint;

create view reading.interactions with (security_invoker = true) as
select i.id, i.client_id, i.deal_id, i.kind, i.subject, replace(lower(i.subject), 'ё', 'е') as search,
       i.happened_at, (i.happened_at
            at time zone (select a.timezone from public.accounts a
                          where a.id = nullif(current_setting('app.account_id', true), '')::bigint))::date as happened_on,
       extract(isodow from i.happened_at
            at time zone (select a.timezone from public.accounts a
                          where a.id = nullif(current_setting('app.account_id', true), '')::bigint))::smallint as weekday,
       extract(hour from i.happened_at
            at time zone (select a.timezone from public.accounts a
                          where a.id = nullif(current_setting('app.account_id', true), '')::bigint))::smallint as hour,
       i.due_at, (i.due_at
            at time zone (select a.timezone from public.accounts a
                          where a.id = nullif(current_setting('app.account_id', true), '')::bigint))::date as due_on,
       (i.done_at
            at time zone (select a.timezone from public.accounts a
                          where a.id = nullif(current_setting('app.account_id', true), '')::bigint))::date as done_on,
       i.owner_id, i.created_at, i.updated_at, i.deleted_at is not null as deleted, i.account_id, i.txid, i.ctid as place
from public.interactions i;

create view reading.targets with (security_invoker = true) as
select t.id, t.metric, t.scope, t.scope_id, t.scope_name, t.month, (t.value * 100)::bigint as value,
       t.deleted_at is not null as deleted, t.account_id, t.txid
from public.targets t;

-- Replaced scores stay as the score's history; a question wants the latest alone.
create view reading.scores with (security_invoker = true) as
select s.id, s.deal_id, s.probability, not s.is_latest as deleted, s.account_id, s.txid
from public.deal_scores s;

-- What is expected of each client now. Not a table of the copy either: put beside it when somebody asks.
create view reading.outlooks with (security_invoker = true) as
select s.client_id, s.buys, s.leaves, s.next_on, (round(s.value_year::numeric, 2) * 100)::bigint as value_year,
       false as deleted, s.account_id
from public.client_scores s where s.is_latest;

-- What deals were before they were changed: a row for every state that was replaced, in force from
-- valid_from until valid_to (dashboard/analytics/timemachine.py). Not a table of the copy.
create view reading.deal_states with (security_invoker = true) as
select h.id, h.row_id as deal_id, h.row_version as number, h.valid_from, h.valid_to,
       d.title, replace(lower(d.title), 'ё', 'е') as search,
       replace(lower(d.title), 'ё', 'е' || chr(65535)) as sort_title,
       d.client_id, d.owner_id, d.project_id, d.pipeline_id, d.stage_id, d.status, d.lost_reason, d.stage_since,
       case when d.currency = {own} then (d.amount * 100)::bigint
            else coalesce((select reading.half_even(d.amount * 100 * r.rate) {rates} order by r.day desc limit 1), 0) end as amount,
       (d.amount * 100)::bigint as amount_own, d.currency,
       d.currency <> {own} and d.amount <> 0 and not exists (select 1 {rates}) as unrated, d.source,
       d.opened_at, (d.opened_at
            at time zone (select a.timezone from public.accounts a
                          where a.id = nullif(current_setting('app.account_id', true), '')::bigint))::date as opened_on,
       d.expected_close,
       d.closed_at, (d.closed_at
            at time zone (select a.timezone from public.accounts a
                          where a.id = nullif(current_setting('app.account_id', true), '')::bigint))::date as closed_on,
       case when cardinality(d.tags) > 0
            then E'\x1f' || nullif(array_to_string(d.tags, E'\x1f'), '') || E'\x1f' end as tags,
       d.source_system, d.external_id, d.created_at, h.valid_from as updated_at,
       d.deleted_at is not null as deleted, h.account_id, h.txid
from public.history h cross join lateral jsonb_populate_record(null::public.deals, h.row) d
where h.table_name = 'deals';

-- How long deals stood on their open stages: a stay ends with the next move, or on the day of closing where nobody noted a
-- move after it (imported deals). Moves back and over several stages are stays like any other; it is the "time in stage" of
-- the field's CRMs (Salesforce's stage duration, HubSpot's date entered and exited).
create view reading.stays with (security_invoker = true) as
select w.deal_id, w.stage_id, w.day as came_on, coalesce(w.next_on, case when d.closed_on >= w.day then d.closed_on end) as left_on,
       false as deleted, d.account_id
from (select m.deal_id, m.stage_id, m.day, lead(m.day) over (partition by m.deal_id order by m.day, m.id) as next_on
      from reading.moves m where not m.deleted) w
join reading.stages s on s.id = w.stage_id and s.kind = 'open'
join reading.deals d on d.id = w.deal_id;

-- When a deal's planned closing day was put off while it was open: ``id`` is the replaced state's. The state after it is the
-- next one that was replaced, or the deal as it is now.
create view reading.slips with (security_invoker = true) as
select h.id, h.row_id as deal_id, (h.valid_to
            at time zone (select a.timezone from public.accounts a
                          where a.id = nullif(current_setting('app.account_id', true), '')::bigint))::date as day,
       q.planned, q.moved_to, q.moved_to - q.planned as days, false as deleted, h.account_id, h.txid
from public.history h cross join lateral (
    select (h.row->>'expected_close')::date as planned,
           case when n.id is not null then (n.row->>'expected_close')::date
                else (select d.expected_close from public.deals d where d.account_id = h.account_id and d.id = h.row_id) end as moved_to
    from (select 1) one left join public.history n
      on n.account_id = h.account_id and n.table_name = 'deals' and n.row_id = h.row_id and n.row_version = h.row_version + 1
) q
where h.table_name = 'deals' and h.operation = 'U' and h.row->>'status' = 'open' and q.moved_to > q.planned;

grant usage on schema reading to {app};
grant select on all tables in schema reading to {app};
