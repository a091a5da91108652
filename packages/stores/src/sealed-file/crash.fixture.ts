import { readFile } from "node:fs/promises";
import { Secret } from "@rekey/secret";
import { storeId, type StoreAddress } from "@rekey/domain";
import { callOf, realClock } from "../real-clock.fake.ts";
import type { StoreEffect } from "../suite/bench.fixture.ts";
import { storeCatalog } from "../catalog.ts";

/** Performs one effect and is killed at a failpoint, by itself, as kill -9 would. Started by store.test.ts. */
export interface CrashOrder {
  readonly root: string;
  readonly identityPath: string;
  readonly failpoint: string;
  readonly address: StoreAddress;
  readonly effect: StoreEffect;
  /** Secrets do not cross as JSON: the staged value in clear, test material only. */
  readonly secret: string;
}

const order = JSON.parse(await readFile(process.argv[2] ?? "", "utf8")) as CrashOrder;

const store = storeCatalog["sealed-file"].open({
  instance: storeId("documents"),
  options: {
    root: order.root,
    identities: [order.identityPath],
    readers: [],
    documentMode: "0600",
  },
  clock: realClock,
  resolveSecret: async (path) => Secret.fromBytes(await readFile(path)),
  failpoint: async (name) => {
    if (name === order.failpoint) process.kill(process.pid, "SIGKILL");
  },
});

const call = callOf("crash");
const { effect, address } = order;
if (effect.name === "destroy") await store.destroy(address, effect.ref, call);
if (effect.name === "promote") await store.promote(address, effect.request, call);
if (effect.name === "stage") {
  const material = { ...effect.staged.material, secret: Secret.fromUtf8(order.secret) };
  await store.stage(address, { ...effect.staged, material }, call);
}
