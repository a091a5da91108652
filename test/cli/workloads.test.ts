import { readFile } from "node:fs/promises";
import { gatewayAcknowledgements, gatewayAnnouncements, GatewayRefusal } from "@rekey/consumer";
import { consumerId } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDoors, workload, type Doors } from "./network-office.fixture.ts";
import { applyAll, openOffice, type Office } from "./office.fixture.ts";

let office: Office;
let doors: Doors;
let endpoint: { readonly url: string; readonly ca: string };
beforeEach(async () => {
  [office, doors] = await Promise.all([openOffice(), openDoors()]);
  await applyAll(office.run);
  endpoint = { url: await doors.open(office.gateway), ca: await readFile(doors.ca, "utf8") };
});
afterEach(async () => {
  await office.close();
  await doors.close();
});

const accessOf = (account: string) => ({
  endpoint,
  bearer: async () => Secret.fromUtf8(await doors.issuer.token({ sub: account })),
});
const { signal } = new AbortController();
const own = consumerId("payments-api");

test("a workload's library hears its announcements and is heard, by its own token over TLS", async () => {
  const feed = gatewayAnnouncements(accessOf(workload), 0);
  const { announcements, cursor } = await feed.next(own, undefined, signal);
  expect([announcements, typeof cursor]).toEqual([[], "string"]);
  // What is no statement is refused for what it is: whoever sent it was let in.
  const said = gatewayAcknowledgements(accessOf(workload)).alive("nonsense", signal);
  await expect(said).rejects.toEqual(new GatewayRefusal(400));
});

test("a workload that no configuration knows is refused, and another's announcements are not its own", async () => {
  const stranger = gatewayAnnouncements(accessOf("system:serviceaccount:production:other"), 0);
  await expect(stranger.next(own, undefined, signal)).rejects.toEqual(new GatewayRefusal(403));
  const feed = gatewayAnnouncements(accessOf(workload), 0);
  const foreign = feed.next(consumerId("orders-api"), undefined, signal);
  await expect(foreign).rejects.toEqual(new GatewayRefusal(403));
});

test("a gateway that is not trusted is told nothing", async () => {
  const { ca: _ca, ...plain } = endpoint;
  const feed = gatewayAnnouncements({ ...accessOf(workload), endpoint: plain }, 0);
  await expect(feed.next(own, undefined, signal)).rejects.not.toBeInstanceOf(GatewayRefusal);
});
