import type pg from "pg";

/**
 * Fills the tables with `count` events and their matches, by SQL: four in five match one campaign. The events are those
 * of bench/service/workload.ts in shape and size, decided once a quarter of a second.
 */
export async function fill(client: pg.Client, count: number): Promise<void> {
  await client.query("set synchronous_commit = off");
  await client.query(
    "create temp table numbered as select id, row_number() over (order by id) - 1 as n from campaigns",
  );
  await client.query(
    `insert into events (source, id, type, subject, time, received_at, processed_at, epoch, data)
     select 'shop', 'event-' || lpad(n::text, 12, '0'),
       (array['purchase', 'refund', 'login', 'page_view', 'signup'])[1 + n % 5], 'customer-' || (n * 7919) % 100000,
       at, at, at, 1,
       jsonb_build_object('amount', 1 + (n * 31) % 500, 'currency', 'EUR', 'country', 'DE', 'channel', 'web',
         'user', jsonb_build_object('tier', 'gold', 'since', 2000 + n % 26),
         'items', jsonb_build_array(jsonb_build_object('sku', 'sku-' || n % 10000, 'qty', 1 + n % 5, 'price', 10)))
     from generate_series(0, $1::bigint - 1) n, lateral (select now() - (n * interval '250 milliseconds') as at) t`,
    [count],
  );
  await client.query(
    `insert into matches (campaign_id, source, event_id, campaign_version, subject, matched_at)
     select c.id, 'shop', 'event-' || lpad(e.n::text, 12, '0'), 1, 'customer-' || (e.n * 7919) % 100000,
       now() - (e.n * interval '250 milliseconds')
     from generate_series(0, $1::bigint - 1) as e (n)
     join numbered c on c.n = e.n % (select count(*) from numbered)
     where e.n % 5 < 4`,
    [count],
  );
  await client.query("analyze");
}

/** What a stored event takes on disk, its matches and all indexes included, in bytes. */
export async function bytesPerEvent(
  client: pg.Client,
): Promise<{ events: number; matches: number; data: number }> {
  const { rows } = await client.query<{ events: number; matches: number; data: number }>(
    `select pg_total_relation_size('events')::float8 / n as events, pg_total_relation_size('matches')::float8 / n as matches,
       pg_relation_size('events')::float8 / n as data
     from (select count(*) as n from events) counted`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error("no answer");
  return row;
}
