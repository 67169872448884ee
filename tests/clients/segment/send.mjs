// Sends a call of each kind by Segment's own library for Node.js; GOODWORD_URL and GOODWORD_KEY say where to.
// Prints what went wrong, as a list of JSON.
import { Analytics } from "@segment/analytics-node";

const { GOODWORD_URL: host, GOODWORD_KEY: writeKey } = process.env;
const analytics = new Analytics({ writeKey, host, maxRetries: 3 });
const wrong = [];
analytics.on("error", (error) => wrong.push(String(error.reason ?? error.code)));

const at = new Date(Date.now() - 60_000);
analytics.identify({ userId: "grace", anonymousId: "v1", timestamp: at, traits: { email: "grace@example.org", firstName: "Grace" } });
analytics.group({ userId: "grace", groupId: "acme", timestamp: at, traits: { name: "Acme", employees: "120" } });
analytics.track({ userId: "grace", event: "Order Completed", timestamp: at, properties: { order_id: "7", revenue: 19.99, currency: "USD" } });
analytics.track({ userId: "grace", event: "Lesson Finished", timestamp: at, properties: { minutes: 30 } });
analytics.page({ anonymousId: "v2", name: "Home", timestamp: at, properties: { url: "https://www.example.com/?via=ada-4711" } });
analytics.screen({ userId: "grace", name: "Basket", timestamp: at });
analytics.alias({ userId: "grace", previousId: "v1", timestamp: at });
await analytics.closeAndFlush();
process.stdout.write(JSON.stringify(wrong));
