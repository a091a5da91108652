import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { storeId, type Failpoint, type Store, type StoreAddress } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { Decrypter, Encrypter } from "age-encryption";
import { storeCatalog } from "../catalog.ts";
import { realClock } from "../real-clock.fake.ts";
import type { StoreEffect, StoreFixture } from "../suite/bench.fixture.ts";
import type { CrashOrder } from "./crash.fixture.ts";
import { generateSealingKeys, type SealingKeys } from "./keys.ts";
import { documentPath } from "./paths.ts";

/** A sealed-file store in a directory of its own, one consumer's keys, and what foreign hands do to it. */
export interface SealedFixture extends StoreFixture {
  readonly root: string;
  readonly rekey: SealingKeys;
  readonly consumer: SealingKeys;
  /** Runs one effect in a process that kills itself at the failpoint. */
  crashAt(failpoint: string, address: StoreAddress, effect: StoreEffect): Promise<void>;
}

const failpointOf: Record<StoreEffect["name"], string> = {
  stage: "store.stage.after-effect",
  promote: "store.promote.after-effect",
  destroy: "store.destroy.after-effect",
};

export const openSealedFixture = async (): Promise<SealedFixture> => {
  const home = await mkdtemp(join(tmpdir(), "rekey-sealed-"));
  const root = join(home, "documents");
  await mkdir(root);
  const [rekey, consumer] = await Promise.all([generateSealingKeys(), generateSealingKeys()]);
  const identityPath = join(home, "rekey.age");
  await writeFile(identityPath, `# made by a test\n${rekey.identity.reveal()}\n`);
  let between: (() => Promise<void>) | undefined;
  const failpoint: Failpoint = async (name) => {
    if (name !== "store.promote.before-effect") return;
    const work = between;
    between = undefined;
    await work?.();
  };
  const crashAt: SealedFixture["crashAt"] = (at, address, effect) =>
    crash(join(home, "order.json"), {
      root,
      identityPath,
      failpoint: at,
      address,
      effect,
      secret: effect.name === "stage" ? effect.staged.material.secret.reveal() : "",
    });
  return {
    root,
    rekey,
    consumer,
    store: openStore(root, identityPath, failpoint),
    other: openStore(root, identityPath),
    readers: [consumer.recipient],
    plainRead: (document) => plainRead(documentPath(root, document), consumer),
    foreignWrite: (document, text) =>
      foreignWrite(documentPath(root, document), text, [rekey, consumer]),
    crashAt,
    crashAfterEffect: (address, effect) => crashAt(failpointOf[effect.name], address, effect),
    beforeNextReplace: (work) => {
      between = work;
    },
    close: () => rm(home, { recursive: true, force: true }),
  };
};

const openStore = (root: string, identityPath: string, failpoint?: Failpoint): Store =>
  storeCatalog["sealed-file"].open({
    instance: storeId("documents"),
    options: { root, identities: [identityPath], readers: [], documentMode: "0600" },
    clock: realClock,
    resolveSecret: async (path) => Secret.fromBytes(await readFile(path)),
    ...(failpoint === undefined ? {} : { failpoint }),
  });

/** What anybody does with the age command and the consumer's key. */
const plainRead = async (path: string, keys: SealingKeys): Promise<string | undefined> => {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return undefined;
  const decrypter = new Decrypter();
  decrypter.addIdentity(keys.identity.reveal());
  return decrypter.decrypt(bytes, "text");
};

const foreignWrite = async (path: string, text: string, readers: readonly SealingKeys[]) => {
  const encrypter = new Encrypter();
  for (const { recipient } of readers) encrypter.addRecipient(recipient);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await encrypter.encrypt(text));
};

const crash = async (orderPath: string, order: CrashOrder): Promise<void> => {
  await writeFile(orderPath, JSON.stringify(order));
  const program = join(import.meta.dirname, "crash.fixture.ts");
  const child = spawn(process.execPath, [program, orderPath], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
  const [, signal] = (await once(child, "close")) as [number | null, string | null];
  if (signal !== "SIGKILL") throw new Error(`the child was not killed: ${complaint}`);
};
