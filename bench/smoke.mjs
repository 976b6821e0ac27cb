// npm run bench:smoke, after a build: the benchmark's machinery in seconds, and the work it counts. Statements, bytes of WAL and plans do
// not depend on how fast or busy a machine is, so this is what continuous integration can fail on. No peer is needed.
import assert from 'node:assert/strict';

import { tableNames } from '../dist/esm/engine/schema/table-names.js';
import { Claimer } from '../dist/esm/engine/claiming/claimer.js';
import { startServer } from './harness/server.mjs';
import { assertCount, onStage, untilValue } from './harness/stage.mjs';
import { checkJobs } from './smoke/jobs.mjs';
import { callsOf, counted, total } from './smoke/counting.mjs';
import { jobDesk, ours } from './systems/index.mjs';

const TRANSACTIONS = 200;
const DELIVERIES = 5_000;
const FEW_DELIVERIES = 300;
const RECEIVERS = 3;
/** Of the statements of a worker, a delivery. One by one it would be three. */
const MOST_STATEMENTS = 0.3;
/** Begin, the handler's, the acknowledgement and commit; and what claiming, booting and living adds. */
const MOST_STATEMENTS_TRANSACTIONAL = 6;
/** Bytes; emitting to three receivers takes about 1100, claiming and acknowledging one about 400. */
const MOST_WAL = { emit: 2_000, delivery: 800, transactional: 1_500 };

const ALLOWED = new Set([
  'Index Scan jobs_delivery_ready',
  'Index Scan jobs_delivery_due',
  'Index Only Scan jobs_delivery_due',
  // Rows that were found are updated where they lie.
  'Tid Scan',
]);

const unfinishedOfFirst = `select count(*)::int from jobs_delivery
  where receiver = (select id from jobs_receiver where name = 'bench.receiver-1')`;

const names = tableNames(undefined);
// Full page images depend on when the last checkpoint was.
const server = await startServer({ fsync: 'off', full_page_writes: 'off' });
try {
  await onStage(server, ours, async (stage) => {
    await prepare(stage);
    const producer = await openProducer(stage);
    await check('an emit is one statement, whatever the receivers', () => emits(stage.database, producer));
    await check('emitMany is one statement, whatever the events', () => emitsMany(stage.database, producer));
    await check('every scan of the claim is an index scan', () => plans(stage.database));
    await check('deliveries are claimed, read and acknowledged in batches, each once', () => drains(stage, producer));
  });
  await onStage(server, ours, async (stage) => {
    await prepare(stage);
    await check('a transactional receiver has one transaction, the acknowledgement in it', () => transactional(stage));
  });
  await onStage(server, jobDesk, (stage) => checkJobs(stage, check));
} finally {
  await server.stop();
}

async function check(what, run) {
  const figures = await run();
  console.log(`ok: ${what} (${figures})`);
}

async function prepare({ database, url, producer }) {
  const preparer = await producer();
  await preparer.call('prepare', url, RECEIVERS);
  await preparer.stop();
  await database.countStatements();
}

async function openProducer({ url, producer }) {
  const actor = await producer();
  await actor.call('open', url, { receivers: RECEIVERS });
  await actor.call('transactions', 10);
  return actor;
}

async function emits(database, producer) {
  const statements = await counted(database, () => producer.call('transactions', TRANSACTIONS));
  const { emit, notify, rest } = sorted(statements);
  assertCount('emit statements', callsOf(emit), TRANSACTIONS);
  assertCount('statements of the transaction itself', callsOf(rest), 3 * TRANSACTIONS);
  assert(callsOf(notify) <= TRANSACTIONS, `${callsOf(notify)} notifications`);
  assertCount(
    'deliveries',
    await database.value('select count(*)::int from jobs_delivery'),
    (TRANSACTIONS + 10) * RECEIVERS,
  );
  const wal = total(emit, 'wal_bytes') / TRANSACTIONS;
  assert(wal <= MOST_WAL.emit, `an emit wrote ${wal} bytes of WAL`);
  return `${wal.toFixed(0)} bytes of WAL each`;
}

async function emitsMany(database, producer) {
  const statements = await counted(database, () => producer.call('bulk', 1000, 1000));
  const { emit, rest } = sorted(statements);
  assertCount('emit statements', callsOf(emit), 1);
  assertCount('other statements', callsOf(rest), 0);
  return '1000 events';
}

/** With statistics of an empty table, as after a deploy, and with true ones. */
async function plans(database) {
  await database.query(
    'insert into jobs_delivery (event_id, receiver) select n, 1000 + n % 5 from generate_series(-20000, -1) n',
  );
  const scans = [...(await scansOfClaim(database))];
  await database.query('vacuum analyze');
  scans.push(...(await scansOfClaim(database)));
  await database.query('delete from jobs_delivery where event_id < 0');
  const others = scans.filter((scan) => !ALLOWED.has(scan));
  assert.deepEqual(others, []);
  assert(scans.includes('Index Scan jobs_delivery_ready'), `no scan of jobs_delivery_ready in ${scans.join(', ')}`);
  return [...new Set(scans)].join(', ');
}

async function scansOfClaim(database) {
  const claim = await claimQuery(1);
  const [row] = await database.query(`explain (format json) ${claim.text}`, claim.values);
  const scans = [];
  const walk = (node) => {
    if (node['Relation Name'] === 'jobs_delivery' && node['Node Type'].includes('Scan'))
      scans.push([node['Node Type'], node['Index Name']].filter(Boolean).join(' '));
    node.Plans?.forEach(walk);
  };
  walk(row['QUERY PLAN'][0].Plan);
  return scans;
}

/** The claim as the engine would send it. */
async function claimQuery(receiver) {
  let sent;
  const client = {
    query: async (query) => {
      sent = query;
      throw new Error('not sent');
    },
  };
  await new Claimer(names, { offset: 0 })
    .claim(client, 1, [{ receiver, limit: 500, version: 1 }])
    .catch(() => undefined);
  return sent;
}

async function transactional({ database, url, producer, worker }) {
  const emitter = await producer();
  await emitter.call('open', url);
  await emitter.call('bulk', FEW_DELIVERIES);
  await database.settle();
  const actor = await worker();
  const handled = actor.event('handled');
  const statements = await counted(database, async () => {
    await actor.call('open', url, { expected: FEW_DELIVERIES, kind: 'transactional' });
    await handled;
    await untilValue(database, unfinishedOfFirst, 0);
  });
  assertCount('effects', await database.value('select count(distinct n)::int from effect'), FEW_DELIVERIES);
  const commits = statements.filter(({ query }) => /^commit/i.test(query));
  const effects = statements.filter(({ query }) => query.startsWith('insert into effect'));
  assertCount('statements of handlers', callsOf(effects), FEW_DELIVERIES);
  const { acknowledge } = sorted(statements);
  assertCount('acknowledged', total(acknowledge, 'rows'), FEW_DELIVERIES);
  const each = callsOf(statements) / FEW_DELIVERIES;
  assert(each <= MOST_STATEMENTS_TRANSACTIONAL, `${each} statements a delivery`);
  assert(callsOf(commits) <= 1.1 * FEW_DELIVERIES, `${callsOf(commits)} commits`);
  const wal = total(statements, 'wal_bytes') / FEW_DELIVERIES;
  assert(wal <= MOST_WAL.transactional, `a delivery wrote ${wal} bytes of WAL`);
  return `${each.toFixed(2)} statements and ${wal.toFixed(0)} bytes of WAL a delivery`;
}

async function drains({ database, url, worker }, producer) {
  await database.query('truncate jobs_event, jobs_delivery');
  await producer.call('bulk', DELIVERIES);
  await database.settle();
  const actor = await worker();
  const handled = actor.event('handled');
  const statements = await counted(database, async () => {
    await actor.call('open', url, { receivers: 1, expected: DELIVERIES, capacity: 2 * DELIVERIES });
    await handled;
    await untilValue(database, unfinishedOfFirst, 0);
  });
  const { handled: count, twice } = await actor.call('counts');
  assertCount('handled', count, DELIVERIES);
  assertCount('handled twice', twice, 0);
  const { claim, acknowledge, read } = sorted(statements);
  // Acknowledgements answer with what was lost alone; that the others are gone is seen above.
  assert(callsOf(acknowledge) > 0, 'nothing was acknowledged');
  const each = (callsOf(claim) + callsOf(acknowledge) + callsOf(read)) / DELIVERIES;
  assert(each <= MOST_STATEMENTS, `${each} statements a delivery`);
  const wal = (total(claim, 'wal_bytes') + total(acknowledge, 'wal_bytes')) / DELIVERIES;
  assert(wal <= MOST_WAL.delivery, `a delivery wrote ${wal} bytes of WAL`);
  return `${each.toFixed(3)} statements and ${wal.toFixed(0)} bytes of WAL a delivery`;
}

function sorted(statements) {
  const groups = { emit: [], claim: [], acknowledge: [], read: [], notify: [], rest: [] };
  for (const statement of statements) groups[groupOf(statement.query)].push(statement);
  return groups;
}

function groupOf(query) {
  if (query.includes('insert into "jobs_delivery"')) return 'emit';
  if (query.includes('update "jobs_delivery"')) return 'claim';
  if (query.includes('delete from "jobs_delivery"')) return 'acknowledge';
  if (query.includes('from "jobs_event" where id = any')) return 'read';
  if (query.includes('pg_notify')) return 'notify';
  return 'rest';
}
