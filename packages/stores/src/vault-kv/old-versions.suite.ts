import { segmentsOf, vaultPath } from "@rekey/vault-client";
import { expect, it } from "vitest";
import { payments, reports, reportsDb, versionOf } from "../suite/bench.fixture.ts";
import { call } from "./store.fixture.ts";
import { document, manyRequestsMs, type VaultBench } from "./vault-bench.fixture.ts";

/** More than two chunks. */
const crowdSize = 205;

interface BookSeen {
  readonly older?: number;
  readonly credentials: Readonly<Record<string, { readonly dead: object }>>;
}

/** Somebody else keeps writing the document. */
const crowd = async ({ place }: VaultBench): Promise<void> => {
  const now = JSON.parse((await place.plainRead(document)) ?? "{}") as object;
  for (let count = 0; count < crowdSize; count += 1)
    await place.foreignWrite(document, JSON.stringify({ ...now, theirs: count }));
};
const keepMany = async ({ place }: VaultBench): Promise<void> => {
  const metadata = vaultPath`${place.place.mount}/metadata/${segmentsOf(document)}`;
  await place.root.write(metadata, { max_versions: 400 }, call);
};
const bookNow = async ({ root }: VaultBench): Promise<BookSeen> =>
  JSON.parse((await root.read(`rekey/books/${document}`)).text) as BookSeen;

/** What becomes of old versions of a document, however many Vault keeps. */
export const oldVersionsSuite = (open: () => VaultBench): void => {
  it(
    "a dead value below any number of other versions is found by one call, and nothing else ends",
    { timeout: manyRequestsMs },
    async () => {
      const bench = open();
      const { place, put, readable } = bench;
      await keepMany(bench);
      await put(1, undefined);
      await put(2, 1);
      await crowd(bench);
      await place.store.destroy(payments, versionOf(1), call);
      const kept = await readable();
      expect(kept).not.toContain(1);
      expect(kept).toHaveLength(crowdSize + 1);
      const book = await bookNow(bench);
      expect(book).not.toHaveProperty("older");
      expect(book.credentials["payments-db"]?.dead).toEqual({});
    },
  );

  it(
    "killed on its way down it goes on where it was, and a later death is looked for from the top",
    { timeout: manyRequestsMs },
    async () => {
      const bench = open();
      const { place, put, putReport, readable } = bench;
      await keepMany(bench);
      await put(1, undefined);
      await put(2, 1);
      await putReport(1, undefined);
      await crowd(bench);
      await putReport(2, 1);
      const dying = place.openStore(async (name) => {
        if (name === "store.destroy.after-chunk") throw new Error("killed");
      });
      await expect(dying.destroy(payments, versionOf(1), call)).rejects.toThrow("killed");
      expect(await readable()).toContain(1);
      expect((await bookNow(bench)).older).toBeGreaterThan(1);
      await expect(dying.destroy(payments, versionOf(1), call)).rejects.toThrow("killed");
      await place.store.destroy(reports, versionOf(1, reportsDb), call);
      expect(await readable()).not.toContain(1);
      expect(await bookNow(bench)).not.toHaveProperty("older");
      // Below: payments' first value. Above: the report's dead one beside payments' living one.
      expect(await readable()).toHaveLength(crowdSize + 3);
      await put(3, 2);
      await place.store.destroy(payments, versionOf(2), call);
      expect(await readable()).toHaveLength(2);
    },
  );
  rememberedSuite(open);
};

const rememberedSuite = (open: () => VaultBench): void => {
  it(
    "what is left beside a living value is remembered until that dies, however many older versions there are",
    { timeout: manyRequestsMs },
    async () => {
      const bench = open();
      const { place, put, putReport, readable } = bench;
      await keepMany(bench);
      await place.foreignWrite(document, "{}");
      await crowd(bench);
      await put(1, undefined);
      await putReport(1, undefined);
      await put(2, 1);
      await place.store.destroy(payments, versionOf(1), call);
      expect(await readable()).toHaveLength(crowdSize + 3);
      const { dead } = (await bookNow(bench)).credentials["payments-db"] ?? {};
      expect(Object.keys(dead ?? {})).toEqual(["1"]);
    },
  );
};
