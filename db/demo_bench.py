"""A large account for the benchmarks, made inside the database: a million deals in minutes."""

from __future__ import annotations

from datetime import date
from math import pi
from typing import Any

from sqlalchemy import Connection, text

from db import demo_words as words
from db.demo_world import first_day
from db.engine import Database, DbScope

DAYS = 1096
#: One seed per part, so that one part's size does not change another.
_SEED = 0.42
_PRODUCTS, _MEMBERS = 500, 40


def make_bench(
    database: Database,
    account_id: int,
    *,
    deals: int = 1_000_000,
    clients: int = 100_000,
    lines_per_deal: float = 2.5,
    today: date | None = None,
) -> None:
    """Fill an existing, empty account: members, products, clients, deals, lines, stage events, interactions.

    Plausible in its distributions (growth, seasons, skewed amounts and clients), the same for the same sizes
    and day.  One transaction; nothing of it has a changeset.
    """
    with database.unit_of_work(DbScope(account_id), write=True, timeout_s=0) as conn:
        maker = _Maker(conn, account_id, today, clients=clients, deals=deals, lines_per_deal=lines_per_deal)
        maker.people_and_goods()
        maker.clients()
        maker.deals()
        maker.past()
        maker.lines()
        maker.events()
        maker.interactions()


class _Maker:
    def __init__(
        self, conn: Connection, account_id: int, today: date | None, *, clients: int, deals: int, lines_per_deal: float
    ) -> None:
        self.conn = conn
        day = today or conn.execute(text("select current_date")).scalar_one()
        row = conn.execute(text(
            "select (select min(id) from projects) as project, (select min(id) from pipelines where is_default) as pipeline"
        )).one()
        begin = first_day(day)
        self.params: dict[str, Any] = {
            # a warp of time that crowds the days around 10 October
            "phase": pi - 2 * pi * (date(begin.year, 10, 10) - begin).days / 365,
            "account": account_id, "project": row.project, "pipeline": row.pipeline, "clients": clients, "deals": deals,
            "spread": lines_per_deal * 2 - 1, "start": begin, "days": DAYS, "products": _PRODUCTS, "members": _MEMBERS,
            "regions": [region[0] for region in words.REGIONS], "cities": [region[1] for region in words.REGIONS],
            "industries": [industry[0] for industry in words.INDUSTRIES], "starts": list(words.NAME_STARTS),
            "ends": [end for industry in words.INDUSTRIES for end in industry[1]],
            "sources": [source[0] for source in words.SOURCES], "segments": [segment[0] for segment in words.SEGMENTS],
            "groups": list(words.GROUPS), "reasons": list(words.LOST_REASONS),
        }

    def run(self, sql: str) -> None:
        self.conn.execute(text("select setseed(:seed)"), {"seed": _SEED})
        used = {name: value for name, value in self.params.items() if f":{name}" in sql}
        self.conn.execute(text(sql), used)

    def pick(self, table: str, order: str = "id") -> None:
        """Ids of a table with their numbers 0…n−1, to be drawn from."""
        self.run(f"create temporary table pick_{table} on commit drop as "  # noqa: S608
                 f"select row_number() over (order by {order}) - 1 as n, id from {table}")
        self.conn.exec_driver_sql(f"create unique index on pick_{table} (n)")
        self.conn.exec_driver_sql(f"analyze pick_{table}")

    def people_and_goods(self) -> None:
        self.run("insert into memberships (account_id, name, role, team) "
                 "select :account, 'Менеджер ' || n, 'rep', 'Команда ' || (n % 5 + 1) from generate_series(1, :members) n")
        self.run("insert into products (account_id, name, sku, group_name, unit, price, cost, created_at) "
                 "select :account, 'Товар ' || n, 'B-' || n, (cast(:groups as text[]))[n % 5 + 1], 'шт.', p, round(p * "
                 "0.7, 2), :start "
                 "from (select n, round((20 * exp(3.5 * random()))::numeric, 2) as p from generate_series(1, :products) n) s")
        self.pick("memberships")
        self.pick("products")

    def clients(self) -> None:
        self.run(
            "insert into clients (account_id, project_id, name, email, phone, city, region, country, industry, segment, "
            "source, "
            "owner_id, created_at, updated_at) "
            "select :account, :project, 'ООО «' || (cast(:starts as text[]))[1 + (a * 48)::int % 48] || ' ' || "
            "(cast(:ends as text[]))[1 + (b * 50)::int % 50] || ' ' || s.n || '»', 'info@client' || s.n || '.example', "
            "'+7 9' || lpad((s.n::bigint * 7919 % 1000000000)::text, 9, '0'), "
            "(cast(:cities as text[]))[r], (cast(:regions as text[]))[r], 'Россия', (cast(:industries as text[]))[1 + (c * "
            "10)::int % 10], "
            "(cast(:segments as text[]))[case when d < 0.1 then 1 when d < 0.4 then 2 else 3 end], "
            "(cast(:sources as text[]))[1 + (e * 6)::int % 6], m.id, at, at "
            "from (select n, random() a, random() b, random() c, random() d, random() e, 1 + floor(18 * random() * "
            "random())::int as r, "
            "floor(random() * (select count(*) from pick_memberships))::bigint as owner, "
            "cast(:start as timestamptz) + :days * 0.9 * random() * interval '1 day' as at "
            "from generate_series(1, :clients) n) s join pick_memberships m on m.n = s.owner order by s.n"
        )
        self.pick("clients")

    def deals(self) -> None:
        """Deals grow over time, peak in autumn, crowd on few clients; what is too young to be closed is open."""
        self.conn.execute(text(
            "create temporary table bench_stages on commit drop as select id, kind, "
            "row_number() over (partition by kind order by position) as n from stages where pipeline_id = :pipeline"
        ), {"pipeline": self.params["pipeline"]})
        self.run(
            "create temporary table bench_deals on commit drop as "
            "select n, client, owner, amount, source, opened, closed, won, reason, reached, "
            "closed < cast(:start as timestamptz) + :days * interval '1 day' as over, n % 16 = 0 as changed, "
            "nextval(pg_get_serial_sequence('deals', 'id')) as id "
            "from (select n, floor(power(random(), 2) * :clients)::bigint as client, "
            "floor(random() * (select count(*) from pick_memberships))::bigint as owner, "
            "round((40000 * exp(1.3 * sqrt(-2 * ln(1 - random())) * cos(6.28318 * random())))::numeric, 2) as amount, "
            "1 + floor(6 * random())::int as source, opened, "
            "opened + (2 + 25 * -ln(1 - random())) * interval '1 day' as closed, random() < 0.35 as won, "
            "1 + floor(6 * random())::int as reason, 1 + floor(5 * random() * random())::int as reached "
            "from (select n, cast(:start as timestamptz) + interval '1 day' * "
            "greatest(0, least(:days - 0.01, day + 12 * sin(day * 6.28318 / 365 + :phase))) as opened "
            "from (select n, :days * (sqrt(0.15 + 0.85 * random()) - 0.3873) / 0.6127 as day from generate_series(1, "
            ":deals) n) u) t) s"
        )
        self.run(
            "insert into deals (account_id, id, project_id, title, client_id, owner_id, pipeline_id, stage_id, status, "
            "lost_reason, "
            "amount, source, opened_at, expected_close, closed_at, created_at, updated_at, stage_since) "
            "select :account, d.id, :project, 'Поставка ' || d.n, c.id, m.id, :pipeline, st.id, st.kind, "
            "case when st.kind = 'lost' then (cast(:reasons as text[]))[d.reason] end, "
            "case when d.changed then round(d.amount * (0.8 + d.n % 7 * 0.08), 2) else d.amount end, (cast("
            ":sources as "
            "text[]))[d.source], "
            "d.opened, d.closed::date - case when d.changed then 10 else 0 end, case when d.over and "
            "not d.changed then d.closed end, d.opened, case when d.over and not d.changed then d.closed else "
            "d.opened end, case when d.changed then d.opened when not d.over then d.opened + (least(d.closed, "
            "cast(:start as timestamptz) + :days * interval '1 day') - d.opened) * (d.reached - 1) / (d.reached + 0.5) end "
            "from bench_deals d join pick_clients c on c.n = d.client join pick_memberships m on m.n = d.owner "
            "join bench_stages st on st.kind = case when not d.over or d.changed then 'open' when d.won then 'won' "
            "else 'lost' end and st.n = case when d.over or d.changed then 1 else d.reached end"
        )

    def past(self) -> None:
        """Every sixteenth deal was changed on its way (its sum, its date): the trigger keeps what it was."""
        self.run(
            "update deals set amount = s.amount, expected_close = s.closed::date, stage_id = s.stage, updated_at = s.at, "
            "stage_since = s.at from (select d.id, d.amount, d.closed, st.id as stage, d.opened + (least(d.closed, "
            "cast(:start as timestamptz) + :days * interval '1 day') - d.opened) * 0.6 as at from bench_deals d "
            "join bench_stages st on st.kind = 'open' and st.n = case when d.over then 1 else d.reached end "
            "where d.changed) s where s.id = deals.id"
        )
        self.run(
            "update deals set status = s.kind, stage_id = s.stage, closed_at = s.closed, updated_at = s.closed, stage_since = "
            "s.closed, lost_reason = case when s.kind = 'lost' then (cast(:reasons as text[]))[s.reason] end "
            "from (select d.id, d.closed, d.reason, st.kind, st.id as stage from bench_deals d "
            "join bench_stages st on st.n = 1 and st.kind = case when d.won then 'won' else 'lost' end "
            "where d.changed and d.over) s where s.id = deals.id"
        )

    def lines(self) -> None:
        self.run(
            "insert into deal_lines (account_id, deal_id, position, product_id, quantity, price, amount, created_at, "
            "updated_at) "
            "select :account, s.id, s.position, p.id, 1, s.part, s.part, s.opened, s.opened "
            "from (select d.id, d.opened, l.position, floor(power(random(), 2) * :products)::bigint as product, "
            "case when l.position = 0 then d.amount - round(d.amount / d.count, 2) * (d.count - 1) else round(d.amount / "
            "d.count, 2) end as part "
            "from (select id, opened, amount, 1 + floor(random() * :spread)::int as count from bench_deals) d, "
            "lateral generate_series(0, d.count - 1) as l(position)) s join pick_products p on p.n = s.product"
        )

    def events(self) -> None:
        """Each deal's way: in at its opening, on through the stages it reached (won ones in double steps), out at its close."""
        self.run(
            "insert into stage_events (account_id, deal_id, from_stage_id, to_stage_id, at, created_at, updated_at) "
            "select :account, s.id, f.id, t.id, s.at, s.at, s.at from ("
            "select d.id, 'open' as kind, l.n, l.n - d.step as before, d.opened + (least(d.closed, cast(:start as timestamptz) "
            "+ :days * interval '1 day') - d.opened) * (l.n - 1) / (d.last + 0.5) as at "
            "from (select *, case when won and over then 5 else reached end as last, case when won and over then 2 else 1 "
            "end as step "
            "from bench_deals) d, lateral generate_series(1, d.last, d.step) as l(n) "
            "union all select id, case when won then 'won' else 'lost' end, 1, case when won then 5 else reached end, closed "
            "from bench_deals where over) s "
            "join bench_stages t on t.kind = s.kind and t.n = s.n left join bench_stages f on f.kind = 'open' and f.n = "
            "s.before"
        )

    def interactions(self) -> None:
        self.run(
            "insert into interactions (account_id, client_id, deal_id, kind, subject, happened_at, owner_id, created_at, "
            "updated_at) "
            "select :account, c.id, d.id, (array['call', 'email', 'meeting'])[1 + floor(3 * random() * random())::int], "
            "'Контакт', at, m.id, at, at "
            "from (select *, opened + (least(closed, cast(:start as timestamptz) + :days * interval '1 day') - opened) * "
            "random() as at "
            "from bench_deals where n % 2 = 0) d join pick_clients c on c.n = d.client join pick_memberships m on m.n = d.owner"
        )
