-- deals.stage_since: since when a deal stands on its stage. Kept here, so that imports and bulk SQL keep it too.
-- Whoever knows better (an import with its own dates, an undo) writes the column in the same statement.

create function keep_stage_since() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        new.stage_since := coalesce(new.stage_since, new.closed_at, new.opened_at);
    elsif new.stage_id is distinct from old.stage_id and new.stage_since is not distinct from old.stage_since then
        new.stage_since := now();
    end if;
    return new;
end $$;

create trigger keep_stage_since before insert or update on deals for each row execute function keep_stage_since();
