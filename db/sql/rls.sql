-- Row-level security: what the application's role may see, said once, for every tenant table.
-- The migration runs the first block for each table of db.models.TENANT_TABLES ({table}),
-- the rest once.  Settings come from db/engine.py (SET LOCAL); an unset one is '' or null.

-- @each
alter table {table} enable row level security;
alter table {table} force row level security;
-- The subquery is worked out once for the statement, a bare expression again for every row.
create policy of_account on {table}
    using (account_id = (select nullif(current_setting('app.account_id', true), '')::bigint))
    with check (account_id = nullif(current_setting('app.account_id', true), '')::bigint);

-- @own
-- A representative whose account shows reps their own records only.
create policy own_only on {table} as restrictive
    using ((select nullif(current_setting('app.only_owner', true), '') is null)
           or owner_id = (select nullif(current_setting('app.only_owner', true), '')::bigint))
    with check (true);

-- @made
-- The same representative: what others have made of records that are not theirs. Models serve everybody.
create policy own_only on reports as restrictive
    using ((select nullif(current_setting('app.only_owner', true), '') is null)
           or created_by = (select nullif(current_setting('app.only_owner', true), '')::bigint))
    with check (true);
create policy own_only on files as restrictive
    using ((select nullif(current_setting('app.only_owner', true), '') is null) or purpose = 'model'
           or created_by = (select nullif(current_setting('app.only_owner', true), '')::bigint))
    with check (true);

-- @once
alter table accounts enable row level security;
alter table accounts force row level security;
create policy of_account on accounts
    using (id = nullif(current_setting('app.account_id', true), '')::bigint)
    with check (id = nullif(current_setting('app.account_id', true), '')::bigint);
-- A signed-in person may read the accounts they belong to.
create policy of_member on accounts for select
    using (id in (select m.account_id from memberships m
                  where m.user_id = nullif(current_setting('app.user_id', true), '')::bigint));

-- Identity before the account is known: only the row that answers to what was presented.
-- Only there: inside an account the person's memberships of others are none of its business.
create policy of_user on memberships for select
    using (nullif(current_setting('app.account_id', true), '') is null
           and user_id = nullif(current_setting('app.user_id', true), '')::bigint);
create policy by_token on sessions for select
    using (token_hash = decode(nullif(current_setting('app.session_hash', true), ''), 'hex'));
create policy by_prefix on api_keys for select
    using (prefix = nullif(current_setting('app.key_prefix', true), ''));

alter table users enable row level security;
alter table users force row level security;
create policy self on users
    using (id = nullif(current_setting('app.user_id', true), '')::bigint)
    with check (id = nullif(current_setting('app.user_id', true), '')::bigint);
create policy by_email on users for select
    using (email = nullif(current_setting('app.login_email', true), ''));
create policy of_session on users for select
    using (id in (select s.user_id from sessions s
                  where s.token_hash = decode(nullif(current_setting('app.session_hash', true), ''), 'hex')));
