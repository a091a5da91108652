import {
  chmod,
  chown,
  readFile,
  readdir,
  rename,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  call,
  faultOf,
  payments,
  paymentsDb,
  reports,
  reportsDb,
  siblings,
  stagedOf,
  versionOf,
} from "../suite/bench.fixture.ts";
import { generateSealingKeys } from "./keys.ts";
import { openSealedReader } from "./reader.ts";
import { openSealedFixture, type SealedFixture } from "./store.fixture.ts";

let place: SealedFixture;
const documentFile = () => join(place.root, "team/app.age");
const put = async (version: number, from: number | undefined, readers = place.readers) => {
  await place.store.stage(payments, stagedOf(versionOf(version), readers), call);
  return place.store.promote(payments, { ref: versionOf(version), from, readers }, call);
};

beforeEach(async () => {
  place = await openSealedFixture();
});
afterEach(() => place.close());

describe("a document's text", () => {
  it("stays as it was around our fields, spaces and line ends too", async () => {
    await place.foreignWrite("team/app", siblings);
    await put(1, undefined);
    await put(2, 1);
    const text = (await place.plainRead("team/app")) ?? "";
    expect(text.startsWith(siblings.trimEnd().slice(0, -1).trimEnd())).toBe(true);
    expect(text.endsWith(" }\n")).toBe(true);
  });
});

describe("who can read", () => {
  it("consumers open the document and no version beside it", async () => {
    await put(1, undefined);
    const version = join(place.root, "team/app.versions/payments-db/1.1.age");
    const asConsumer = (path: string) =>
      openSealedReader({
        path,
        identity: async () => place.consumer.identity,
        credential: paymentsDb,
        fields: ["DATABASE_PASSWORD"],
      }).read();
    expect((await asConsumer(documentFile()))?.version).toBe(1);
    const fault = await faultOf(asConsumer(version));
    expect([fault.code, fault.providerCode]).toEqual(["STORE_REJECTED", "undecryptable"]);
  });

  it("a reader left out of the next promote no longer opens the document", async () => {
    await put(1, undefined);
    const replacement = await generateSealingKeys();
    await put(2, 1, [replacement.recipient]);
    await expect(place.plainRead("team/app")).rejects.toThrow("no identity matched");
  });

  it("the readers of every credential in a document open it, whichever was promoted last", async () => {
    const other = await generateSealingKeys();
    const ref = versionOf(1, reportsDb);
    const staged = stagedOf(ref, [other.recipient]);
    await put(1, undefined);
    await place.store.stage(reports, staged, call);
    const request = { ref, from: undefined, readers: staged.readers };
    expect(await place.store.promote(reports, request, call)).toBe("promoted");
    expect(await place.plainRead("team/app")).toContain("REPORTS_PASSWORD");
    await put(2, 1);
    const reader = openSealedReader({
      path: documentFile(),
      identity: async () => other.identity,
      credential: reportsDb,
      fields: ["REPORTS_PASSWORD"],
    });
    expect((await reader.read())?.version).toBe(1);
  });

  it("a reader who comes later is sealed in by the same promote again", async () => {
    const first = await generateSealingKeys();
    await put(1, undefined, [first.recipient]);
    await expect(place.plainRead("team/app")).rejects.toThrow("no identity matched");
    const request = { ref: versionOf(1), from: undefined, readers: place.readers };
    expect(await place.store.promote(payments, request, call)).toBe("already");
    expect(await place.plainRead("team/app")).toContain("DATABASE_PASSWORD");
  });
});

describe("what lies on disk", () => {
  it("every file is for its owner alone and no temporary one stays", async () => {
    await put(1, undefined);
    await put(2, 1);
    const names = await readdir(place.root, { recursive: true });
    expect(names.filter((name) => name.endsWith(".new"))).toEqual([]);
    for (const name of names.filter((one) => one.endsWith(".age"))) {
      expect((await stat(join(place.root, name))).mode & 0o777).toBe(0o600);
    }
    expect(await readFile(documentFile(), "latin1")).not.toContain("p@ss");
  });
});

describe("a crash before the rename", () => {
  it("leaves the old document, and the next promote goes through", async () => {
    await put(1, undefined);
    await place.store.stage(payments, stagedOf(versionOf(2), place.readers), call);
    const before = await place.plainRead("team/app");
    const request = { ref: versionOf(2), from: 1, readers: place.readers };
    await place.crashAt("store.promote.before-effect", payments, { name: "promote", request });
    expect(await readdir(join(place.root, "team"))).toContain("app.age.new");
    expect(await place.plainRead("team/app")).toBe(before);
    expect(await place.store.promote(payments, request, call)).toBe("promoted");
    expect(await readdir(join(place.root, "team"))).not.toContain("app.age.new");
  });
});

const failing = async () => faultOf(place.store.labels(payments, versionOf(1), call));

describe("what is wrong in a file is told as a fault", () => {
  it.each([
    ["garbage", "no age file at all", "undecryptable"],
    ["a truncated file", "age-encryption.org/v1\n", "undecryptable"],
  ])("%s", async (_name, content, reason) => {
    await put(1, undefined);
    await writeFile(documentFile(), content);
    const fault = await failing();
    expect([fault.code, fault.providerCode]).toEqual(["STORE_REJECTED", reason]);
  });

  it.each([
    ["[]", "not-a-json-object"],
    ['{"$rekey":{"payments-db":{"version":"one"}}}', "labels-garbled"],
    ['{"$rekey":{},"$rekey":{}}', "duplicate-key"],
  ])("the document %s", async (text, reason) => {
    await place.foreignWrite("team/app", text);
    const fault = await failing();
    expect([fault.code, fault.providerCode]).toEqual(["STORE_REJECTED", reason]);
  });

  it("a document sealed to somebody else", async () => {
    await put(1, undefined);
    const stranger = await openSealedFixture();
    await stranger.foreignWrite("team/app", "{}");
    await rename(join(stranger.root, "team/app.age"), documentFile());
    await stranger.close();
    expect((await failing()).providerCode).toBe("undecryptable");
  });

  it("a field of ours that the document has twice", async () => {
    await place.foreignWrite("team/app", '{"DATABASE_PASSWORD":"a","DATABASE_PASSWORD":"b"}');
    expect((await faultOf(put(1, undefined))).providerCode).toBe("duplicate-key");
  });
});

describe("what is wrong around a file is told as a fault", () => {
  it("a symbolic link in the document's place", async () => {
    await put(1, undefined);
    await rename(documentFile(), join(place.root, "elsewhere"));
    await symlink(join(place.root, "elsewhere"), documentFile());
    const fault = await failing();
    expect([fault.code, fault.providerCode]).toEqual(["STORE_REJECTED", "ELOOP"]);
  });

  it("a root that is gone is no empty store", async () => {
    await put(1, undefined);
    await rename(place.root, `${place.root}-unmounted`);
    const fault = await failing();
    expect([fault.code, fault.providerCode]).toEqual(["STORE_UNREACHABLE", "ENOENT"]);
  });

  it("a reader that is no age recipient", async () => {
    const fault = await faultOf(put(1, undefined, ["ssh-ed25519 AAAA"]));
    expect([fault.code, fault.providerCode]).toEqual(["STORE_REJECTED", "bad-reader"]);
  });

  it("no fault quotes what was read", async () => {
    await place.foreignWrite("team/app", '{"password":"canary-8541" oops');
    const fault = await failing();
    expect(`${fault.message} ${String(fault.cause)} ${fault.stack}`).not.toContain("canary-8541");
  });
});

describe("permission lost midway", () => {
  // Root ignores permission bits, so the test gives up its own rights for a while.
  const unprivileged = 65_534;
  const isRoot = process.geteuid?.() === 0;
  const directories = async () =>
    (await readdir(place.root, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));

  it("is a rejection, leaves the document alone, and heals", async () => {
    await put(1, undefined);
    await place.store.stage(payments, stagedOf(versionOf(2), place.readers), call);
    const before = await place.plainRead("team/app");
    const all = [join(place.root, ".."), place.root, ...(await directories())];
    for (const path of all) await chmod(path, 0o555);
    const request = { ref: versionOf(2), from: 1, readers: place.readers };
    if (isRoot) {
      for (const name of await readdir(place.root, { recursive: true })) {
        await chown(join(place.root, name), unprivileged, unprivileged);
      }
      await chown(join(place.root, "../rekey.age"), unprivileged, unprivileged);
      process.seteuid?.(unprivileged);
    }
    const fault = await faultOf(place.store.promote(payments, request, call)).finally(() => {
      if (isRoot) process.seteuid?.(0);
    });
    for (const path of all) await chmod(path, 0o755);
    expect([fault.code, fault.providerCode]).toEqual(["STORE_REJECTED", "EACCES"]);
    expect(await place.plainRead("team/app")).toBe(before);
    expect(await place.store.promote(payments, request, call)).toBe("promoted");
  });
});

describe("a writer that takes no lock", () => {
  it("and keeps writing ends in a fault that is retried, with nothing of it lost", async () => {
    await put(1, undefined);
    await place.store.stage(payments, stagedOf(versionOf(2), place.readers), call);
    let writes = 0;
    const write = async (): Promise<void> => {
      writes += 1;
      await place.foreignWrite("team/app", (await place.plainRead("team/app")) ?? "");
      place.beforeNextReplace(write);
    };
    place.beforeNextReplace(write);
    const request = { ref: versionOf(2), from: 1, readers: place.readers };
    const fault = await faultOf(place.store.promote(payments, request, call));
    expect([fault.code, fault.action, writes]).toEqual(["STORE_LOCKED", "retry", 5]);
    expect(await place.store.labels(payments, versionOf(1), call)).toMatchObject({ current: 1 });
  });
});
