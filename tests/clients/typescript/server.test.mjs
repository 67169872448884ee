// The TypeScript client against a running Goodword; GOODWORD_URL and GOODWORD_KEY say which.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { ApiError, EventBuffer, Goodword } from "../../../clients/typescript/dist/index.js";

const { GOODWORD_URL: url, GOODWORD_KEY: key } = process.env;
const goodword = new Goodword({ url, key });
const days = (past) => new Date(Date.now() - past * 86_400_000).toISOString();
const STORY = [
  { type: "link.created", event_id: "l1", occurred_at: days(3), participant: { external_id: "ada", name: "Ada" }, properties: { program: "credit-after-threshold", code: "ADA-4711" } },
  { type: "participant.signed_up", event_id: "s1", occurred_at: days(2), participant: { external_id: "grace", name: "Grace" }, properties: { code: "ada-4711" } },
  { type: "order.completed", event_id: "o1", occurred_at: days(1), participant: "grace", properties: { order_id: "1", value: 3000, currency: "USD" } },
];

test("from an event to its explained decision", async () => {
  const recorded = await goodword.recordEvents({ events: STORY }, { wait: true });
  assert.equal(recorded.inserted.length, 3);
  const reasons = recorded.events.flatMap((event) => event.decisions).map((decision) => decision.reason);
  assert(reasons.includes("rewarded"), reasons.join());
  const people = [];
  for await (const person of goodword.listParticipants({ external_id: "ada" })) people.push(person);
  const rewards = [];
  for await (const reward of goodword.listParticipantRewards(people[0].id, { limit: 1 })) rewards.push([reward.rule, reward.amount, reward.unit]);
  assert.deepEqual(rewards, [["thanks", 2500, "USD"]]);
});

test("a refusal of the server is its problem", async () => {
  await assert.rejects(goodword.recordEvent({ type: "order.completd", event_id: "o9" }), { name: "ApiError", code: "invalid_events" });
  await assert.rejects(goodword.getParticipant("par_00000000000000000000000000"), (error) => error instanceof ApiError && error.code === "not_found");
  await assert.rejects(new Goodword({ url, key: "gw_sk_nobody" }).getWorkspace(), { code: "bad_key" });
});

test("a document goes as YAML, and batches reach the log", async () => {
  const { document } = await goodword.getProgramDocument("credit-after-threshold");
  assert.equal((await goodword.validateProgram(document)).program, "credit-after-threshold");
  const text = readFileSync(new URL("../../../src/goodword/recipes/next-renewal.yaml", import.meta.url), "utf8");
  assert.equal((await goodword.validateProgram(text)).program, "next-renewal");
  const told = [];
  const buffer = new EventBuffer(goodword, { onRefused: (event) => told.push(event.event_id) });
  for (const event of [...STORY, { type: "order", event_id: "bad", participant: "ada" }]) buffer.add(event);
  assert.deepEqual(await buffer.close(), []);
  assert.deepEqual(told, ["bad"]);
});
