/** Programs: what `/api/program` answered, in clear, so that code lists and the number to call are there offline. */
import type { Database } from './database.ts';

/** The document is whatever the server sent; its reader knows its shape. */
export const storeProgram = (database: Database, program_id: string, document: unknown): Promise<void> =>
  database.write(['programs'], async (transaction) => {
    await transaction.objectStore('programs').put({ program_id, document });
  });

export const readProgram = async (database: Database, program_id: string): Promise<unknown> =>
  (await database.read(['programs'], (transaction) => transaction.objectStore('programs').get(program_id)))?.document;
