/**
 * The clients of pouchdb-server and rxdb-server, and rxdb-server itself (pouchdb-server has a program of its own).
 *
 * `node peer.mjs serve-rxdb PORT` · `node peer.mjs {push|drain}-{pouchdb|rxdb} PORT RECORDS CLIENTS FIRST` · `pull-… PORT`.
 * Prints one line of JSON: seconds, acknowledged, present, records, doubled.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [act, port, records = '0', clients = '1'] = process.argv.slice(2);
const BATCH = 100;
/** Its server refuses bodies of more than 100 kB and its client repeats such a batch for ever. */
const BATCH_OF_RXDB = 80;
const TEXT = 'Sits by the loading dock most nights and asks for the blue blanket. '.repeat(14).slice(0, 950);
const record = (n) => ({ id: `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`, n, text: TEXT });
const shares = () => {
  const all = Array.from({ length: Number(records) }, (_, n) => record(n));
  return Array.from({ length: Number(clients) }, (_, client) => all.filter(({ n }) => n % Number(clients) === client));
};
const say = (result) => console.log(JSON.stringify(result));
const timed = async (work) => {
  const began = performance.now();
  const result = await work();
  return [(performance.now() - began) / 1000, result];
};

async function pouch() {
  const { default: PouchDB } = await import('pouchdb');
  const folder = mkdtempSync(join(tmpdir(), 'peers-pouchdb-'));
  let made = 0;
  const local = () => new PouchDB(join(folder, `client${(made += 1)}`));
  const remote = () => new PouchDB(`http://127.0.0.1:${port}/records`);
  return { local, remote };
}

/** The server's own list, asked for anew. */
async function presentInPouch(acknowledged) {
  const { rows } = await (await fetch(`http://127.0.0.1:${process.env.DIRECT ?? port}/records/_all_docs`)).json();
  const ids = new Set(rows.map(({ id }) => id));
  return { present: acknowledged.filter((id) => ids.has(id)).length, doubled: rows.length - ids.size };
}

async function pushPouch(retry) {
  const { local, remote } = await pouch();
  const databases = await Promise.all(
    shares().map(async (share) => {
      const database = local();
      await database.bulkDocs(share.map(({ id, ...rest }) => ({ _id: id, ...rest })));
      return database;
    }),
  );
  await fetch(`http://127.0.0.1:${process.env.DIRECT ?? port}/records`, { method: 'PUT' });
  const once = async (database) => {
    for (;;) {
      try {
        return await database.replicate.to(remote(), { batch_size: BATCH });
      } catch (error) {
        if (!retry) throw error;
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  };
  const [seconds, results] = await timed(() => Promise.all(databases.map(once)));
  // What a client believes to be there: all it holds, less what it was refused.
  const refused = new Set(results.flatMap(({ errors }) => errors.map(({ id }) => id)));
  const acknowledged = shares().flat().map(({ id }) => id).filter((id) => !refused.has(id));
  say({ seconds, acknowledged: acknowledged.length, ...(await presentInPouch(acknowledged)) });
}

async function pullPouch() {
  const { local, remote } = await pouch();
  const [seconds, result] = await timed(() => local().replicate.from(remote(), { batch_size: 500 }));
  say({ seconds, records: result.docs_written });
}

const SCHEMA = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: { id: { type: 'string', maxLength: 36 }, n: { type: 'number' }, text: { type: 'string' } },
};

async function rxDatabase(name) {
  const { createRxDatabase } = await import('rxdb');
  const { getRxStorageMemory } = await import('rxdb/plugins/storage-memory');
  const database = await createRxDatabase({ name, storage: getRxStorageMemory(), multiInstance: false });
  await database.addCollections({ records: { schema: SCHEMA } });
  return database;
}

async function serveRx() {
  const { createRxServer } = await import('rxdb-server/plugins/server');
  const { RxServerAdapterExpress } = await import('rxdb-server/plugins/adapter-express');
  const database = await rxDatabase('server');
  const server = await createRxServer({ database, adapter: RxServerAdapterExpress, port: Number(port), hostname: '127.0.0.1' });
  server.addReplicationEndpoint({ name: 'records', collection: database.records });
  server.serverApp.get('/all', async (_request, response) => {
    const found = await database.records.find().exec();
    response.json(found.map(({ id }) => id));
  });
  await server.start();
  console.log('ready');
}

async function replicated(database, name, live) {
  const { replicateServer } = await import('rxdb-server/plugins/replication-server');
  const replication = await replicateServer({
    collection: database.records,
    replicationIdentifier: name,
    url: `http://127.0.0.1:${port}/records/0`,
    live,
    push: { batchSize: BATCH_OF_RXDB },
    pull: { batchSize: 500 },
    retryTime: 1000,
  });
  return replication;
}

async function pushRx() {
  const databases = await Promise.all(
    shares().map(async (share, number) => {
      const database = await rxDatabase(`client${number}`);
      await database.records.bulkInsert(share);
      return database;
    }),
  );
  const [seconds] = await timed(() =>
    Promise.all(
      databases.map(async (database, number) => {
        const replication = await replicated(database, `push${number}`, false);
        await replication.awaitInitialReplication();
      }),
    ),
  );
  const ids = await (await fetch(`http://127.0.0.1:${process.env.DIRECT ?? port}/all`)).json();
  const there = new Set(ids);
  const acknowledged = shares().flat();
  say({
    seconds,
    acknowledged: acknowledged.length,
    present: acknowledged.filter(({ id }) => there.has(id)).length,
    doubled: ids.length - there.size,
  });
}

async function pullRx() {
  const database = await rxDatabase('reader');
  const [seconds] = await timed(async () => {
    const replication = await replicated(database, 'pull', false);
    await replication.awaitInitialReplication();
  });
  say({ seconds, records: await database.records.count().exec() });
}

const ACTS = {
  'push-pouchdb': () => pushPouch(false),
  'drain-pouchdb': () => pushPouch(true),
  'pull-pouchdb': pullPouch,
  'serve-rxdb': serveRx,
  'push-rxdb': pushRx,
  'drain-rxdb': pushRx,
  'pull-rxdb': pullRx,
};
await ACTS[act]();
if (!act.startsWith('serve')) process.exit(0);
