-- Stamps and history: kept by the database, so that bulk SQL cannot bypass them.
-- Row-level triggers: statement-level ones with transition tables do not work on Citus.

create or replace function stamp_row() returns trigger language plpgsql as $$
begin
    new.txid := pg_current_xact_id()::text::bigint;
    new.changeset_id := nullif(current_setting('app.changeset_id', true), '')::bigint;
    new.updated_by := nullif(current_setting('app.member_id', true), '')::bigint;
    if tg_op = 'INSERT' then
        new.version := 1;
        new.created_by := new.updated_by;
    else
        new.version := old.version + 1;
        -- A transaction may date what it has made itself (a story told afterwards: the demo, a restored export),
        -- never what others have.
        if old.txid <> new.txid or new.updated_at is not distinct from old.updated_at then
            new.updated_at := now();
        end if;
        new.created_at := old.created_at;
        new.created_by := old.created_by;
    end if;
    return new;
end $$;

create or replace function stamp_txid() returns trigger language plpgsql as $$
begin
    new.txid := pg_current_xact_id()::text::bigint;
    return new;
end $$;

-- SECURITY DEFINER: the application may read history but never write it by itself.
create or replace function keep_history() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public as $$
begin
    insert into public.history (account_id, table_name, row_id, row_version, operation, valid_from, valid_to,
                                changeset_id, member_id, row, txid)
    values (old.account_id, tg_table_name, old.id, old.version, left(tg_op, 1), old.updated_at,
            case when tg_op = 'UPDATE' then new.updated_at else now() end,
            nullif(current_setting('app.changeset_id', true), '')::bigint,
            nullif(current_setting('app.member_id', true), '')::bigint,
            to_jsonb(old), pg_current_xact_id()::text::bigint);
    return null;
end $$;
