/** What happened, told to every page of the app and to the worker: one channel, ids and counts only. */
import type { Answered } from './acknowledge.ts';
import type { FlushResult } from './flush.ts';
import type { PullResult } from './pull.ts';

export type News =
  /** These operations are on their way. */
  | { type: 'sending'; device_id: string; op_ids: string[] }
  /** Rows of the outbox changed. */
  | { type: 'outbox'; device_id: string }
  | { type: 'flushed'; result: FlushResult }
  | { type: 'pulled'; result: PullResult }
  /** A tab stored or removed drafts. */
  | { type: 'drafts'; by: string }
  /** An acknowledgement that had found no connection was answered. */
  | ({ type: 'acknowledged'; page: string } & Answered)
  /** The device was revoked and what could be read is gone. */
  | { type: 'wiped'; device_id: string };

const CHANNEL = 'handoff';

/** Tells every listener, those of this page included. */
export function tell(news: News): void {
  // A channel of its own: one never hears itself, and the page that sent must hear as well.
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(news);
  channel.close();
}

/** Listens until the returned function is called. */
export function listen(hear: (news: News) => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (event: MessageEvent<News>) => hear(event.data);
  return () => channel.close();
}
