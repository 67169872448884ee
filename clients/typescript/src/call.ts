/** One call of the API: what is sent, when it is sent again, and what its answer means. */

import { ApiError, Unreachable, type Fault } from "./errors.js";

/** Statuses after which the same request is sent again. */
const AGAIN = new Set([429, 502, 503, 504]);
/** Milliseconds before the second attempt at most; doubled for each one after it. */
const FIRST_WAIT = 250;
/** Milliseconds between two attempts at most. A server that asks for more gets no further attempt. */
const LONGEST_WAIT = 30_000;
/** Answers kept for their ETag. */
const KEPT = 256;

export interface Settings {
  /** The server's address, such as `http://127.0.0.1:8000`. */
  url: string;
  /** A secret key (`gw_sk_…`, on a server only) or a publishable one (`gw_pk_…`). */
  key?: string;
  /** A participant's token, alone or beside a publishable key. */
  token?: string;
  /** Milliseconds for each attempt; 10,000 when left out. */
  timeout?: number;
  /** Attempts after the first; 4 when left out. */
  retries?: number;
  /** Instead of the global `fetch`. */
  fetch?: typeof fetch;
}

/** Options of a call that writes. */
export interface Idempotent {
  /** The same key makes the same request safe to repeat for 24 hours; one is made where you give none. */
  idempotencyKey?: string;
}

/** Options of a call whose body is not JSON. */
export interface Typed {
  /** The media type of a body that is text or bytes; `application/yaml` for text when left out. */
  contentType?: string;
}

/** A part of a path. */
export function part(value: string | number): string {
  return encodeURIComponent(value);
}

/** An answer with the whole of its body: one that is cut off is none. */
interface Answered {
  answer: Response;
  raw: Uint8Array;
}

interface Kept {
  etag: string;
  raw: Uint8Array;
}

/** What the generated methods call. */
export abstract class Caller {
  /** The paths of what takes more than secret keys. */
  protected abstract readonly forPages: RegExp;
  readonly #settings: Settings;
  readonly #headers: Record<string, string>;
  readonly #kept = new Map<string, Kept>();

  constructor(settings: Settings) {
    const key = told(settings.key, "key");
    const token = told(settings.token, "token");
    if (!key && !token) throw new TypeError("give a key (gw_sk_… or gw_pk_…), a participant's token, or both");
    this.#settings = { ...settings, url: settings.url.replace(/\/+$/, "") };
    this.#headers = { Authorization: `Bearer ${key || token}`, Accept: "application/json" };
    if (key && token) this.#headers["Goodword-Token"] = token;
  }

  protected async json<T>(method: string, path: string, options: object = {}, body?: unknown): Promise<T> {
    return JSON.parse(new TextDecoder().decode(await this.bytes(method, path, options, body))) as T;
  }

  protected async *pages<T>(method: string, path: string, options: object = {}): AsyncGenerator<T, void, void> {
    let cursor: string | null | undefined;
    do {
      const asked = cursor === undefined ? options : { ...options, cursor };
      const page = await this.json<{ data: T[]; next_cursor: string | null }>(method, path, asked);
      yield* page.data;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  protected async bytes(method: string, path: string, options: object = {}, body?: unknown): Promise<Uint8Array> {
    const { idempotencyKey, contentType, ...query } = options as Idempotent & Typed & Record<string, unknown>;
    const address = new URL(this.#settings.url + path);
    // A browser asks for none of it, and would tell the page no more than that there was no answer.
    if (!this.#settings.fetch && isForeign(address) && !this.forPages.test(path)) {
      throw new TypeError(`${method} ${path} takes a secret key, which has no place in a page: ask it on your server`);
    }
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined && value !== null) address.searchParams.set(name, String(value));
    }
    const headers: Record<string, string> = { ...this.#headers };
    const content = encoded(body);
    if (content !== undefined) {
      headers["Content-Type"] = contentType ?? (content === body ? "application/yaml" : "application/json");
    }
    // Every write has a key, the same in all its attempts, so what is sent twice is done once.
    if (method !== "GET") headers["Idempotency-Key"] = idempotencyKey ?? crypto.randomUUID();
    const known = method === "GET" ? this.#kept.get(address.href) : undefined;
    if (known) headers["If-None-Match"] = known.etag;
    const { answer, raw } = await this.#answer(address, { method, headers, body: content });
    if (answer.status === 304 && known) return known.raw;
    const etag = answer.headers.get("ETag");
    if (method === "GET" && etag) this.#keep(address.href, { etag, raw });
    return raw;
  }

  async #answer(address: URL, request: RequestInit): Promise<Answered> {
    const { timeout = 10_000, retries = 4, fetch: send = fetch } = this.#settings;
    for (let attempt = 0; ; attempt++) {
      let wait = (0.5 + Math.random() / 2) * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt);
      let found: Answered | undefined;
      try {
        const answer = await send(address, { ...request, signal: AbortSignal.timeout(timeout) });
        found = { answer, raw: new Uint8Array(await answer.arrayBuffer()) };
      } catch (error) {
        if (attempt === retries) throw new Unreachable(`no answer after ${retries + 1} attempts`, { cause: error });
      }
      if (found) {
        if (found.answer.ok || found.answer.status === 304) return found;
        const refusal = refused(found);
        const asked = (refusal.retryAfter ?? 0) * 1000;
        const again = AGAIN.has(refusal.status) || refusal.code === "idempotency_in_progress";
        if (!again || attempt === retries || asked > LONGEST_WAIT) throw refusal;
        wait = Math.max(wait, asked);
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  #keep(address: string, answer: Kept): void {
    this.#kept.delete(address);
    this.#kept.set(address, answer);
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > KEPT && !oldest.done) this.#kept.delete(oldest.value);
  }
}

/** Whether a page of a browser asks a server that is not its own. */
function isForeign(address: URL): boolean {
  const own = typeof document === "undefined" ? undefined : globalThis.location?.origin;
  return own !== undefined && own !== address.origin;
}

function encoded(body: unknown): string | Uint8Array<ArrayBuffer> | undefined {
  if (body === undefined) return undefined;
  if (typeof body === "string") return body;
  if (body instanceof Uint8Array) return body as Uint8Array<ArrayBuffer>;
  return json(body);
}

/** A value as JSON. Throws `TypeError` for what no JSON can say, of which it would make null or nothing. */
export function json(value: unknown): string {
  return JSON.stringify(value, (name, each: unknown) => {
    const sayable = typeof each === "number" ? Number.isFinite(each) : !["function", "symbol"].includes(typeof each);
    if (!sayable) throw new TypeError(`${name}: JSON cannot say ${String(each).slice(0, 40)}`);
    return each;
  });
}

/** A key or token without the line end of its file. What no header can say is refused, and not quoted: the message of
 * an error ends in logs. */
function told(secret: string | undefined, what: string): string | undefined {
  const found = secret?.trim();
  if (found && !/^[!-~]+$/.test(found)) throw new TypeError(`the ${what} has a space or a character that none has`);
  return found;
}

function refused({ answer, raw }: Answered): ApiError {
  const text = new TextDecoder().decode(raw);
  let said: { code?: string; title?: string; detail?: string; errors?: Fault[] } = {};
  try {
    said = JSON.parse(text);
  } catch {
    // Not from the API itself: a proxy, say.
  }
  return new ApiError(
    answer.status,
    said.code ?? "no_problem_details",
    said.title ?? answer.statusText,
    said.detail ?? text.slice(0, 200),
    said.errors ?? [],
    answer.headers.get("X-Request-ID"),
    seconds(answer.headers.get("Retry-After")),
  );
}

/** What Retry-After says: seconds, or a date. */
function seconds(given: string | null): number | null {
  if (given === null) return null;
  if (/^\d+$/.test(given.trim())) return Number(given);
  const at = Date.parse(given);
  return Number.isNaN(at) ? null : Math.max(0, (at - Date.now()) / 1000);
}
