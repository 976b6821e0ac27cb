/**
 * What the database itself writes down, in the very transactions in which it happens: emissions and effects as the application has them,
 * each step of each delivery, and each end of a worker. Nothing is unique here, so what happens twice shows.
 */
export const APPLICATION_TABLES = `
create table if not exists chaos_emission (
  id text not null, workload text not null, plan jsonb not null, at timestamptz not null default clock_timestamp());
create table if not exists chaos_effect (
  emission text not null, receiver text not null, delivery text not null, process text not null,
  at timestamptz not null default clock_timestamp())`;

export const ENGINE_RECORDING = `
create table chaos_step (
  id bigserial primary key, event_id bigint not null, receiver integer not null, what text not null, version smallint not null, worker integer,
  claims integer not null, attempts integer not null, interruptions integer not null, due_at timestamptz,
  at timestamptz not null default clock_timestamp());
create table chaos_end (worker integer not null, state text not null, at timestamptz not null default clock_timestamp());
create function chaos_note_step() returns trigger language plpgsql as $$
declare
  d jobs_delivery := case when tg_op = 'DELETE' then old else new end;
  what text := lower(tg_op);
begin
  if tg_op = 'UPDATE' then
    what := case when new.worker is not null and new.claims > old.claims then 'claim'
      when old.worker is not null and new.worker is null then 'free' else 'change' end;
  end if;
  insert into chaos_step (event_id, receiver, what, version, worker, claims, attempts, interruptions, due_at)
  values (d.event_id, d.receiver, what, d.version, case when what = 'free' then old.worker else d.worker end, d.claims, d.attempts,
    d.interruptions, d.due_at);
  return null;
end $$;
create trigger chaos_step after insert or update or delete on jobs_delivery for each row execute function chaos_note_step();
create function chaos_note_end() returns trigger language plpgsql as $$
begin
  insert into chaos_end (worker, state) values (new.id, new.state);
  return null;
end $$;
create trigger chaos_end after update on jobs_worker for each row when (old.state is distinct from new.state)
  execute function chaos_note_end()`;
