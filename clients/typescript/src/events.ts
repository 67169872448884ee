/**
 * Events in batches: `add` returns at once, a timer sends what waits.
 *
 * Nothing is dropped in silence. When as many events wait as may, `add` throws `BufferFull`. An event that the server
 * refuses goes to `onRefused`, and the others of its batch are sent without it; a batch that is refused as a whole, as
 * too large say, is sent in smaller ones. When the server cannot be reached or the key is not good, the batch waits,
 * `onError` is told, and it is tried again until `close`, which hands back what could not be sent. Each event has its
 * `event_id` before it is first sent, so that what is sent twice is recorded once.
 */

import { json } from "./call.js";
import { ApiError, BufferFull, GoodwordError } from "./errors.js";
import type { Goodword } from "./index.js";
import type { SentEvent } from "./types.js";

/** An event to be sent: `event_id` and `occurred_at` are made where they are missing. */
export type NewEvent = { type: string; [key: string]: unknown };

export interface BufferSettings {
  /** Events of a batch, at most 1,000; 500 when left out. */
  size?: number;
  /** Milliseconds after which a batch that is not full is sent; 1,000 when left out. */
  interval?: number;
  /** Events that wait at most; 10,000 when left out. */
  capacity?: number;
  /** Told of an event that the server will not take, and why. */
  onRefused?: (event: NewEvent, error: ApiError) => void;
  /** Told that events wait and are tried again, and why; says it on the console when left out. */
  onError?: (error: unknown, waiting: number) => void;
}

/** The statuses after which the server says the same however often it is asked: the events themselves are at fault. */
const FINAL = new Set([400, 413, 422]);

export class EventBuffer {
  readonly #client: Goodword;
  readonly #size: number;
  readonly #interval: number;
  readonly #capacity: number;
  readonly #onRefused: (event: NewEvent, error: ApiError) => void;
  readonly #onError: (error: unknown, waiting: number) => void;
  #atOnce: number;
  #waiting: NewEvent[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> | undefined;
  #closed = false;

  constructor(client: Goodword, settings: BufferSettings = {}) {
    const { size = 500, interval = 1000, capacity = 10_000, onRefused = sayRefused, onError = sayWaiting } = settings;
    if (!(size >= 1 && size <= 1000)) throw new RangeError(`size: ${size} is not 1 to 1,000`);
    this.#client = client;
    this.#size = size;
    this.#atOnce = size;
    this.#interval = interval;
    this.#capacity = capacity;
    this.#onRefused = onRefused;
    this.#onError = onError;
  }

  /** Take an event in to be sent soon; returns its id. Throws `BufferFull`, and `TypeError` for what no JSON can say. */
  add(event: NewEvent): string {
    if (this.#closed) throw new GoodwordError("the buffer is closed");
    if (this.#waiting.length >= this.#capacity) throw new BufferFull(`${this.#capacity} events wait to be sent`);
    const id = typeof event["event_id"] === "string" ? event["event_id"] : crypto.randomUUID();
    const taken = { occurred_at: new Date().toISOString(), ...event, event_id: id };
    json(taken);
    this.#waiting.push(taken);
    if (this.#waiting.length >= this.#size) this.#start(0);
    else if (this.#timer === undefined) this.#start(this.#interval);
    return id;
  }

  /** Send all that waits, now. Rejects with what the last attempt met; what was not sent waits on. */
  flush(): Promise<void> {
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  /** Send what waits and end. Resolves to the events that could not be sent; none when all is well. */
  async close(): Promise<NewEvent[]> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#sending?.catch(() => {});
    await this.flush().catch(() => {});
    return this.#waiting;
  }

  #start(after: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.flush().catch((error: unknown) => {
        if (!this.#closed) {
          this.#start(this.#interval);
          // A program of Node.js that has nothing else to do ends, and does not wait for a server that is away.
          (this.#timer as { unref?: () => void }).unref?.();
        }
        this.#onError(error, this.#waiting.length);
      });
    }, after);
  }

  async #send(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, this.#atOnce);
      try {
        await this.#client.recordEvents({ events: batch as unknown as SentEvent[] });
        this.#waiting.splice(0, batch.length);
        this.#atOnce = Math.min(this.#size, this.#atOnce * 2);
      } catch (error) {
        if (!(error instanceof ApiError && final(error))) throw error;
        this.#refuse(batch, error);
      }
    }
  }

  /** Take out the events of the batch that the server's answer names. Where it names none, smaller batches tell which. */
  #refuse(batch: NewEvent[], error: ApiError): void {
    const named = places(error).filter((place) => place < batch.length);
    if (named.length === 0 && batch.length > 1) {
      this.#atOnce = Math.floor(batch.length / 2);
      return;
    }
    const bad = new Set(named.length > 0 ? named : [0]);
    this.#waiting.splice(0, batch.length, ...batch.filter((_, place) => !bad.has(place)));
    for (const place of [...bad].sort((one, other) => one - other)) {
      try {
        this.#onRefused(batch[place]!, error);
      } catch (thrown) {
        console.error("goodword: onRefused failed", thrown);
      }
    }
  }
}

/** The events of the batch that the server's answer names. */
function places(error: ApiError): number[] {
  return error.errors
    .map((fault) => /^\/events\/(\d+)/.exec(fault.pointer ?? "")?.[1])
    .filter((place) => place !== undefined)
    .map(Number);
}

/** Whether the server says the same however often it is asked: the events themselves are at fault. */
function final(error: ApiError): boolean {
  return FINAL.has(error.status) || (error.status === 403 && places(error).length > 0);
}

function sayRefused(event: NewEvent, error: ApiError): void {
  console.warn(`goodword: the event ${String(event["event_id"])} was refused: ${error.message}`);
}

function sayWaiting(error: unknown, waiting: number): void {
  console.warn(`goodword: ${waiting} events wait and are tried again: ${String(error)}`);
}
