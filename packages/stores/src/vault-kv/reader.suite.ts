import { Secret } from "@rekey/secret";
import { segmentsOf, vaultPath } from "@rekey/vault-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  addressOf,
  benchOf,
  faultOf,
  secretOf,
  versionOf,
  type Bench,
} from "../suite/bench.fixture.ts";
import { realClock } from "../real-clock.fake.ts";
import { openVaultKvReader, type VaultKvReader } from "./reader.ts";
import { call, type VaultKvFixture } from "./store.fixture.ts";

const document = "team/app";
const versionField = "PAYMENTS_DB_VERSION";
const numbered = addressOf({ DATABASE_PASSWORD: "{secret}", [versionField]: "{version}" });
const { signal } = new AbortController();

interface ReaderBench {
  readonly place: VaultKvFixture;
  readonly put: (version: number, from: number | undefined) => ReturnType<Bench["put"]>;
  /** A token that may read this document of the mount and nothing else. */
  readonly tokenFor: (path: string) => Promise<string>;
  readonly open: (token: () => string) => VaultKvReader;
  readonly close: () => Promise<void>;
}

const readerBenchOf = (place: VaultKvFixture): ReaderBench => {
  const { mount, addresses } = place.place;
  const bench = benchOf(place);
  const readers: VaultKvReader[] = [];
  return {
    place,
    put: (version, from) => bench.put(versionOf(version), from, numbered),
    tokenFor: async (path) => {
      const name = `reader-of-${mount}-${path.replaceAll("/", "-")}`;
      const policy = `path "${mount}/data/${path}" { capabilities = ["read"] }`;
      await place.root.write(vaultPath`sys/policies/acl/${name}`, { policy }, call);
      const { auth } = await place.root.write(
        vaultPath`auth/token/create`,
        { policies: [name], ttl: "60s" },
        call,
      );
      return String(auth?.["client_token"]);
    },
    open: (token) => {
      const reader = openVaultKvReader({
        addresses,
        mount,
        document,
        versionField,
        fields: ["DATABASE_PASSWORD"],
        auth: { token: async () => Secret.fromUtf8(token()) },
        clock: realClock,
      });
      readers.push(reader);
      return reader;
    },
    close: async () => {
      for (const reader of readers) await reader.close();
      await place.close();
    },
  };
};

/** What a consumer sees of a document, with the right to read it and no other. */
export const readerSuite = (name: string, open: () => Promise<VaultKvFixture>): void => {
  describe(`a reader of ${name}`, () => {
    let opened: ReaderBench | undefined;
    const bench = (): ReaderBench => {
      if (opened === undefined) throw new Error("the fixture is not open");
      return opened;
    };
    beforeEach(async () => {
      opened = readerBenchOf(await open());
    });
    afterEach(() => bench().close());

    valueSuite(bench);
    rightsSuite(bench);
  });
};

const found = async (reader: VaultKvReader) => {
  const reading = await reader.read(undefined, signal);
  return [reading?.version, reading?.fields["DATABASE_PASSWORD"]?.reveal()];
};

const valueSuite = (open: () => ReaderBench): void => {
  it("sees the old value with its number until promote, and then the new one with its own", async () => {
    const { put, tokenFor, open: openReader, place } = open();
    const token = await tokenFor(document);
    const reader = openReader(() => token);
    expect(await reader.read(undefined, signal)).toBeUndefined();
    await put(1, undefined);
    expect(await found(reader)).toEqual([1, secretOf(versionOf(1))]);
    await put(2, 1);
    expect(await found(reader)).toEqual([2, secretOf(versionOf(2))]);
    const back = { ref: versionOf(1), from: 2, readers: [] };
    expect(await place.store.promote(numbered, back, call)).toBe("promoted");
    expect(await found(reader)).toEqual([1, secretOf(versionOf(1))]);
  });

  it("is told nothing again while the document is the same one", async () => {
    const { put, tokenFor, open: openReader } = open();
    const token = await tokenFor(document);
    const reader = openReader(() => token);
    await put(1, undefined);
    const digest = (await reader.read(undefined, signal))?.digest;
    expect(await reader.read(digest, signal)).toBeUndefined();
    await put(2, 1);
    expect((await reader.read(digest, signal))?.version).toBe(2);
  });

  it("takes nothing for a value of Rekey's where the number is missing or is none", async () => {
    const { tokenFor, open: openReader, place } = open();
    const token = await tokenFor(document);
    const reader = openReader(() => token);
    await place.foreignWrite(document, '{"DATABASE_PASSWORD":"by hand"}');
    const refusal = async () => (await faultOf(reader.read(undefined, signal))).providerCode;
    expect(await refusal()).toBe("field-missing");
    await place.foreignWrite(document, `{"DATABASE_PASSWORD":"x","${versionField}":"two"}`);
    expect(await refusal()).toBe("version-field");
  });
};

const rightsSuite = (open: () => ReaderBench): void => {
  it("needs no more than to read its document, and with that can read nothing of Rekey's", async () => {
    const { put, tokenFor, open: openReader, place } = open();
    const token = await tokenFor(document);
    await put(1, undefined);
    expect((await found(openReader(() => token)))[0]).toBe(1);
    const asReader = place.root.as(Secret.fromUtf8(token));
    const { mount } = place.place;
    const book = vaultPath`${mount}/data/rekey/books/${segmentsOf(document)}`;
    await expect(asReader.read(book, call)).rejects.toMatchObject({ kind: "denied" });
  });

  it("that may not read is told so, and is not told of a value that is not there", async () => {
    const { put, tokenFor, open: openReader } = open();
    const token = await tokenFor("another/app");
    await put(1, undefined);
    const fault = await faultOf(openReader(() => token).read(undefined, signal));
    expect(fault).toMatchObject({ code: "STORE_REJECTED", providerCode: "DENIED" });
  });

  it("whose token ended goes on with the one that is given next", async () => {
    const { put, tokenFor, open: openReader, place } = open();
    let token = await tokenFor(document);
    const reader = openReader(() => token);
    await put(1, undefined);
    expect((await found(reader))[0]).toBe(1);
    await place.root.as(Secret.fromUtf8(token)).write(vaultPath`auth/token/revoke-self`, {}, call);
    token = await tokenFor(document);
    expect((await found(reader))[0]).toBe(1);
  });

  it("that logs in by AppRole reads the same", async () => {
    const { put, place } = open();
    await put(1, undefined);
    const { addresses, mount, auth, secrets } = place.place;
    if (!("approle" in auth)) throw new Error("the fixture logs in by AppRole");
    const secret = Secret.fromUtf8(secrets[auth.approle.secretId] ?? "");
    const reader = openVaultKvReader({
      addresses,
      mount,
      document,
      versionField,
      fields: ["DATABASE_PASSWORD"],
      auth: { approle: { roleId: auth.approle.roleId, secretId: async () => secret } },
      clock: realClock,
    });
    try {
      expect((await found(reader))[0]).toBe(1);
    } finally {
      await reader.close();
    }
  });
};
