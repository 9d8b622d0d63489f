/** How much of the phone each kind of record takes, about: what is stored of it, without the database's own share. */
import type { Database } from './database.ts';

export interface Taken {
  /** Sealed operations, waiting and sent. */
  outbox: number;
  drafts: number;
  /** Views and readable copies of one's own operations. */
  views: number;
  /** Colleagues' records on their way. */
  carried: number;
}

/** Bytes. */
export const measure = (database: Database): Promise<Taken> =>
  database.read(['outbox', 'drafts', 'views', 'copies', 'carried'], async (transaction) => {
    const [outbox, drafts, views, copies, carried] = await Promise.all([
      transaction.objectStore('outbox').getAll(),
      transaction.objectStore('drafts').getAll(),
      transaction.objectStore('views').getAll(),
      transaction.objectStore('copies').getAll(),
      transaction.objectStore('carried').getAll(),
    ]);
    const sum = <Row>(rows: readonly Row[], size: (row: Row) => number): number => rows.reduce((total, row) => total + size(row), 0);
    return {
      outbox: sum(outbox, ({ size }) => size),
      drafts: sum(drafts, ({ ct }) => ct.byteLength),
      views: sum(views, ({ ct }) => ct.byteLength) + sum(copies, ({ ct }) => ct.byteLength),
      carried: sum(carried, ({ blob }) => blob.length),
    };
  });
