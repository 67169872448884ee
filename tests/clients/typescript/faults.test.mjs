// The TypeScript client against a server that fails: what is sent again, and what is told.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import test from "node:test";
import { promisify } from "node:util";

import { ApiError, BufferFull, EventBuffer, Goodword, Unreachable } from "../../../clients/typescript/dist/index.js";

const RECORDED = { inserted: ["evt_1"], duplicates: [], events: null };
const DOWN = [503, { "Retry-After": "0" }, { code: "unavailable", title: "Not available", detail: "Try again." }];
const DROP = [0];
const EVENT = { type: "ride.finished", event_id: "r-1", participant: "u1" };

/** A server that gives these answers in order, the last one again and again; `sent` is what came. */
async function faulty(t, answers) {
  const sent = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    sent.push({ method: request.method, path: request.url, headers: request.headers, body });
    const [status, headers, value] = answers.length > 1 ? answers.shift() : answers[0];
    if (status === 0) return request.socket.destroy();
    response.writeHead(status, headers);
    response.end(value === undefined ? undefined : JSON.stringify(value));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${server.address().port}/`, sent };
}

test("a write is sent again with the same key until it is answered", async (t) => {
  const { url, sent } = await faulty(t, [DOWN, DROP, [429, { "Retry-After": "0" }], [202, {}, RECORDED]]);
  assert.deepEqual(await new Goodword({ url, key: "gw_sk_1" }).recordEvent(EVENT, { wait: true }), RECORDED);
  assert.equal(sent.length, 4);
  assert.equal(new Set(sent.map((one) => one.headers["idempotency-key"])).size, 1);
  assert.match(sent[0].headers["idempotency-key"], /^[0-9a-f-]{36}$/);
  assert.equal(sent[0].path, "/v1/events?wait=true");
  assert.equal(sent[0].headers.authorization, "Bearer gw_sk_1");
  assert.deepEqual(JSON.parse(sent[3].body), EVENT);
});

test("a refusal is told at once with its faults", async (t) => {
  const problem = { code: "invalid_events", title: "Not valid", detail: "Mend.", errors: [{ pointer: "/type", code: "x", detail: "did you mean" }] };
  const { url, sent } = await faulty(t, [[422, { "X-Request-ID": "r1" }, problem]]);
  await assert.rejects(new Goodword({ url, key: "k" }).recordEvent(EVENT), (error) => {
    assert(error instanceof ApiError);
    assert.deepEqual([error.status, error.code, error.requestId, error.errors.length], [422, "invalid_events", "r1", 1]);
    assert.match(error.message, /\/type: did you mean/);
    return true;
  });
  assert.equal(sent.length, 1);
});

test("a server that stays away, or asks for much time, is told", async (t) => {
  const away = await faulty(t, [DROP]);
  await assert.rejects(new Goodword({ url: away.url, key: "k", retries: 1 }).getWorkspace(), Unreachable);
  assert.equal(away.sent.length, 2);
  const busy = await faulty(t, [[429, { "Retry-After": "3600" }]]);
  await assert.rejects(new Goodword({ url: busy.url, key: "k" }).getWorkspace(), { code: "no_problem_details", retryAfter: 3600 });
  assert.equal(busy.sent.length, 1);
  const silent = new Goodword({ url: away.url, key: "k", retries: 0, timeout: 50, fetch: (_, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))) });
  await assert.rejects(silent.getWorkspace(), Unreachable);
});

test("a page is told at once what takes a secret key", async (t) => {
  const { url, sent } = await faulty(t, [[200, {}, { data: [], next_cursor: null }]]);
  globalThis.document = {};
  globalThis.location = { origin: "https://shop.example" };
  t.after(() => { delete globalThis.document; delete globalThis.location; });
  const goodword = new Goodword({ url, key: "gw_pk_1", token: "jwt" });
  await assert.rejects(goodword.getReward("rwd_1"), /GET \/v1\/rewards\/rwd_1 takes a secret key/);
  await assert.rejects(goodword.recordEvent(EVENT), TypeError);
  assert.equal(sent.length, 0);
  for await (const _ of goodword.listMyRewards()) assert.fail();
  await goodword.checkCode("ADA 47/11");
  assert.equal(sent.length, 2);
  globalThis.location = { origin: new URL(url).origin }; // its own server's page
  await goodword.getReward("rwd_1");
  assert.equal(sent.length, 3);
});

test("an answer with an ETag is asked for once", async (t) => {
  const held = { at: null, data: [{ kind: "feature" }] };
  const { url, sent } = await faulty(t, [[200, { ETag: '"a"' }, held], [304, { ETag: '"a"' }], [200, { ETag: '"b"' }, { at: null, data: [] }]]);
  const goodword = new Goodword({ url, key: "k" });
  for (const expected of [held.data, held.data, []]) {
    assert.deepEqual((await goodword.getParticipantEntitlements("par_1")).data, expected);
  }
  assert.deepEqual(sent.map((one) => one.headers["if-none-match"]), [undefined, '"a"', '"a"']);
});

test("a list goes on over its pages, and a part of a path stays a part", async (t) => {
  const { url, sent } = await faulty(t, [[200, {}, { data: [1, 2], next_cursor: "c/1" }], [200, {}, { data: [3], next_cursor: null }], [200, {}, {}]]);
  const goodword = new Goodword({ url, key: "gw_pk_1", token: "jwt" });
  const found = [];
  for await (const reward of goodword.listRewards({ state: "pending" })) found.push(reward);
  assert.deepEqual(found, [1, 2, 3]);
  await goodword.getParticipant("../keys?x=1");
  assert.deepEqual(sent.map((one) => one.path), ["/v1/rewards?state=pending", "/v1/rewards?state=pending&cursor=c%2F1", "/v1/participants/..%2Fkeys%3Fx%3D1"]);
  assert.equal(sent[0].headers["goodword-token"], "jwt");
  assert.throws(() => new Goodword({ url }), TypeError);
});

test("events go in batches, and those refused are told", async (t) => {
  const refusal = { code: "invalid_events", errors: [{ pointer: "/events/1/type", code: "bad", detail: "no" }] };
  const { url, sent } = await faulty(t, [[422, {}, refusal], [202, {}, RECORDED]]);
  const told = [];
  const buffer = new EventBuffer(new Goodword({ url, key: "k" }), { interval: 60_000, onRefused: (event, error) => told.push([event.event_id, error.code]) });
  const ids = [1, 2, 3].map(() => buffer.add({ type: "ride.finished", participant: "u1" }));
  await buffer.flush();
  assert.deepEqual(told, [[ids[1], "invalid_events"]]);
  assert.deepEqual(sent.map((one) => JSON.parse(one.body).events.map((event) => event.event_id)), [ids, [ids[0], ids[2]]]);
  assert.deepEqual(await buffer.close(), []);
  assert.throws(() => buffer.add(EVENT), /closed/);
});

test("a batch that is refused as a whole is sent in smaller ones, and one without the scope for it does not stop the others", async (t) => {
  const large = [413, {}, { code: "body_too_large", title: "Too large", detail: "Send less." }];
  const scope = [403, {}, { code: "missing_scope", title: "No", detail: "No.", errors: [{ pointer: "/events/0/type", code: "missing_scope", detail: "no" }] }];
  const { url, sent } = await faulty(t, [large, [202, {}, RECORDED], scope, [202, {}, RECORDED]]);
  const told = [];
  const buffer = new EventBuffer(new Goodword({ url, key: "k" }), { interval: 60_000, onRefused: (event) => told.push(event.event_id) });
  const ids = [1, 2, 3, 4].map(() => buffer.add({ type: "ride.finished", participant: "u1" }));
  await buffer.flush();
  assert.deepEqual(sent.map((one) => JSON.parse(one.body).events.map((event) => event.event_id)), [ids, ids.slice(0, 2), ids.slice(2), ids.slice(3)]);
  assert.deepEqual(told, [ids[2]]);
  assert.throws(() => buffer.add({ ...EVENT, properties: { value: 1n } }), TypeError);
  assert.deepEqual(await buffer.close(), []);
});

test("while the key is not good the events wait, and onError is told", async (t) => {
  const { url } = await faulty(t, [[401, {}, { code: "bad_key", title: "Not known", detail: "Revoked." }]]);
  const told = await new Promise((resolve) => {
    const buffer = new EventBuffer(new Goodword({ url, key: "k" }), {
      interval: 10,
      onError: async (error, waiting) => resolve([error.code, waiting, (await buffer.close()).length]),
    });
    buffer.add(EVENT);
  });
  assert.deepEqual(told, ["bad_key", 1, 1]);
});

test("an answer that is cut off is asked for again", async (t) => {
  const cut = new Response(new ReadableStream({ start: (stream) => stream.error(new TypeError("terminated")) }));
  const whole = new Response(JSON.stringify({ id: "ws_1" }));
  const answers = [cut, whole];
  const goodword = new Goodword({ url: "http://127.0.0.1", key: "k", fetch: async () => answers.shift() });
  assert.equal((await goodword.getWorkspace()).id, "ws_1");
});

test("a batch that is full or old is sent by itself", async (t) => {
  const { url, sent } = await faulty(t, [[202, {}, RECORDED]]);
  const goodword = new Goodword({ url, key: "k" });
  const full = new EventBuffer(goodword, { size: 2, interval: 60_000 });
  full.add(EVENT);
  full.add(EVENT);
  const old = new EventBuffer(goodword, { interval: 20 });
  old.add(EVENT);
  for (let tries = 0; sent.length < 2 && tries < 500; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(sent.length, 2);
  assert.deepEqual([await full.close(), await old.close()], [[], []]);
});

test("what cannot be sent is handed back, and no more is taken than fits", async (t) => {
  const { url } = await faulty(t, [DOWN]);
  const buffer = new EventBuffer(new Goodword({ url, key: "k", retries: 0 }), { interval: 60_000, capacity: 2 });
  const ids = [1, 2].map(() => buffer.add({ type: "ride.finished", participant: "u1" }));
  assert.throws(() => buffer.add(EVENT), BufferFull);
  assert.deepEqual((await buffer.close()).map((event) => event.event_id), ids);
});

test("a key is read without its line end, and one that no header can say is not quoted", async (t) => {
  const { url, sent } = await faulty(t, [[202, {}, RECORDED]]);
  await new Goodword({ url, key: " gw_sk_1\n", token: "t\n" }).recordEvent(EVENT);
  assert.equal(sent[0].headers.authorization, "Bearer gw_sk_1");
  for (const wrong of ["gw_sk_1\ngw_sk_2", "gw sk", "gw_sk_\u2026"]) {
    for (const given of [{ key: wrong }, { key: "k", token: wrong }]) {
      assert.throws(() => new Goodword({ url, ...given }), (error) => error instanceof TypeError && !/gw/.test(error.message));
    }
  }
});

test("what no JSON can say is refused, and not sent as null or nothing", async (t) => {
  const { url, sent } = await faulty(t, [[202, {}, RECORDED]]);
  const goodword = new Goodword({ url, key: "k" });
  const buffer = new EventBuffer(goodword);
  for (const value of [NaN, Infinity, 10n, () => 1, Symbol("x")]) {
    const event = { ...EVENT, properties: { value } };
    assert.throws(() => buffer.add(event), TypeError);
    await assert.rejects(goodword.recordEvent(event), TypeError);
  }
  assert.deepEqual([await buffer.close(), sent], [[], []]);
});

test("a program that has nothing else to do ends, though the server is away", async () => {
  const client = new URL("../../../clients/typescript/dist/index.js", import.meta.url);
  const program = `
    import { EventBuffer, Goodword } from "${client}";
    const goodword = new Goodword({ url: "http://127.0.0.1:1", key: "k", retries: 0 });
    new EventBuffer(goodword, { interval: 5 }).add({ type: "ride.finished" });`;
  const ran = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], { timeout: 20_000 });
  assert.match(ran.stderr, /1 events wait/);
});
