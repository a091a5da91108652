import {
  wrappedReply,
  fakeError,
  noContent,
  nothingThere,
  type FakeEngine,
  type FakeReply,
  type FakeRequest,
} from "./engine.fake.ts";

type Fields = Readonly<Record<string, unknown>>;

interface KvVersion {
  data: Fields | null;
  readonly createdAt: string;
  deletedAt: string;
  destroyed: boolean;
}

interface KvKey {
  readonly versions: Map<number, KvVersion>;
  current: number;
  maxVersions: number;
  casRequired: boolean;
  custom: Fields | null;
}

const versionsKept = 10;
const mismatch = fakeError(400, "check-and-set parameter did not match the current version");
const noData = fakeError(400, "no data provided");

/** The KV engine, version 2, as Vault 1.21 answers: see client.suite.ts, which the real one passes too. */
export const createFakeKv = (): FakeEngine => {
  const keys = new Map<string, KvKey>();
  const write = (name: string, body: Fields): FakeReply => {
    const key = keys.get(name) ?? emptyKey();
    const data = body["data"];
    if (!isFields(data)) return noData;
    const cas = (body["options"] as Fields | undefined)?.["cas"];
    if (cas === undefined && key.casRequired) {
      return fakeError(400, "check-and-set parameter required for this call");
    }
    if (cas !== undefined && cas !== key.current) return mismatch;
    keys.set(name, key);
    key.current += 1;
    const version = { data, createdAt: now(), deletedAt: "", destroyed: false };
    key.versions.set(key.current, version);
    trim(key);
    return wrappedReply({ ...versionMetadata(version, key.current), custom_metadata: key.custom });
  };
  const data = ({ method, body, query }: FakeRequest, name: string): FakeReply => {
    if (method === "POST") return write(name, body);
    const key = keys.get(name);
    if (method === "GET")
      return key === undefined ? nothingThere : readVersion(key, query["version"]);
    const latest = key?.versions.get(key.current);
    if (latest !== undefined && !latest.destroyed) latest.deletedAt = now();
    return noContent;
  };
  const metadata = (request: FakeRequest, name: string): FakeReply => {
    const key = keys.get(name);
    if (request.method === "LIST") return listReply([...keys.keys()], name);
    if (request.method === "GET") return key === undefined ? nothingThere : metadataReply(key);
    if (request.method === "DELETE") {
      keys.delete(name);
      return noContent;
    }
    const changed = key ?? emptyKey();
    keys.set(name, changed);
    changeKey(changed, request.body);
    return noContent;
  };
  return {
    exists: (path) => keys.has(path.slice(path.indexOf("/") + 1)),
    answer: (request) => {
      const [kind = "", ...rest] = request.path.split("/");
      const name = rest.join("/");
      if (kind === "data" && name !== "") return data(request, name);
      if (kind === "metadata") return metadata(request, name);
      if (["delete", "undelete", "destroy"].includes(kind) && request.method === "POST") {
        return changeVersions(keys.get(name), kind, request.body);
      }
      return fakeError(404, "unsupported path");
    },
  };
};

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const now = (): string => new Date().toISOString();

const emptyKey = (): KvKey => ({
  versions: new Map(),
  current: 0,
  maxVersions: 0,
  casRequired: false,
  custom: null,
});

const trim = (key: KvKey): void => {
  const kept = key.maxVersions === 0 ? versionsKept : key.maxVersions;
  for (const version of key.versions.keys()) {
    if (version <= key.current - kept) key.versions.delete(version);
  }
};

const versionMetadata = (version: KvVersion, number: number): Fields => ({
  created_time: version.createdAt,
  deletion_time: version.deletedAt,
  destroyed: version.destroyed,
  version: number,
});

const readVersion = (key: KvKey, asked: string | undefined): FakeReply => {
  const number = asked === undefined || asked === "0" ? key.current : Number(asked);
  const version = key.versions.get(number);
  if (version === undefined) return nothingThere;
  const gone = version.destroyed || version.deletedAt !== "";
  const metadata = { ...versionMetadata(version, number), custom_metadata: key.custom };
  return wrappedReply({ data: gone ? null : version.data, metadata }, gone ? 404 : 200);
};

const metadataReply = (key: KvKey): FakeReply => {
  const versions = [...key.versions].map(([number, version]) => {
    const { version: _number, ...rest } = versionMetadata(version, number);
    return [String(number), rest] as const;
  });
  return wrappedReply({
    cas_required: key.casRequired,
    current_version: key.current,
    custom_metadata: key.custom,
    max_versions: key.maxVersions,
    oldest_version: Math.max(0, key.current - key.versions.size),
    versions: Object.fromEntries(versions),
  });
};

const changeKey = (key: KvKey, body: Fields): void => {
  if (typeof body["max_versions"] === "number") key.maxVersions = body["max_versions"];
  if (typeof body["cas_required"] === "boolean") key.casRequired = body["cas_required"];
  const custom = body["custom_metadata"];
  if (!isFields(custom)) return;
  key.custom = Object.fromEntries(
    Object.entries(custom).map(([name, value]) => [name, String(value)]),
  );
};

const changeVersions = (key: KvKey | undefined, kind: string, body: Fields): FakeReply => {
  const numbers = Array.isArray(body["versions"]) ? body["versions"].map(Number) : [];
  if (numbers.length === 0) return fakeError(400, "No version number provided");
  for (const number of numbers) {
    const version = key?.versions.get(number);
    if (version === undefined || version.destroyed) continue;
    if (kind === "undelete") version.deletedAt = "";
    if (kind === "delete") version.deletedAt = now();
    if (kind === "destroy") Object.assign(version, { data: null, destroyed: true });
  }
  return noContent;
};

const listReply = (names: readonly string[], folder: string): FakeReply => {
  const prefix = folder === "" || folder.endsWith("/") ? folder : `${folder}/`;
  const below = names
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length));
  const keys = [...new Set(below.map((name) => name.replace(/\/.*$/s, "/")))].toSorted();
  return keys.length === 0 ? nothingThere : wrappedReply({ keys });
};
