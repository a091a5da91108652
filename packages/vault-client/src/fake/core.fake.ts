import { randomBytes } from "node:crypto";
import type { Clock } from "@rekey/domain";
import {
  fakeError,
  noContent,
  wrappedReply,
  type FakeEngine,
  type FakeReply,
  type FakeRequest,
} from "./engine.fake.ts";
import { createFakePolicies, type Capability, type FakePolicies } from "./policies.fake.ts";
import { createFakeTokens, type FakeTokens } from "./tokens.fake.ts";

export interface FakeCoreOptions {
  readonly clock: Clock;
}

/** What the nodes of one cluster share: engines, tokens and policies. */
export interface FakeCore {
  readonly rootToken: string;
  readonly tokens: FakeTokens;
  /** Mounts an engine, or puts another in its place: `secret`, `auth/approle`. */
  mount(path: string, engine: FakeEngine): void;
  writePolicy(name: string, text: string): void;
  /** `path` is decoded and begins with the mount. */
  answer(request: Omit<FakeRequest, "token">, tokenId: string | undefined): FakeReply;
}

export const createFakeCore = ({ clock }: FakeCoreOptions): FakeCore => {
  const rootToken = `hvs.${randomBytes(18).toString("base64url")}`;
  const tokens = createFakeTokens(clock, rootToken);
  const policies = createFakePolicies();
  const mounts = new Map<string, FakeEngine>();
  const core: FakeCore = {
    rootToken,
    tokens,
    mount: (path, engine) => void mounts.set(path, engine),
    writePolicy: (name, text) => policies.write(name, text),
    answer: (request, tokenId) => answer({ tokens, policies, mounts }, request, tokenId),
  };
  core.mount("auth/token", tokens.engine);
  core.mount("sys/policies/acl", policyEngine(core));
  core.mount("sys", capabilitiesEngine(policies));
  return core;
};

interface Parts {
  readonly tokens: FakeTokens;
  readonly policies: FakePolicies;
  readonly mounts: ReadonlyMap<string, FakeEngine>;
}

const policyEngine = (core: FakeCore): FakeEngine => ({
  answer: ({ path, method, body }) => {
    const { policy } = body;
    if (method !== "POST" || typeof policy !== "string") return fakeError(400, "no policy");
    core.writePolicy(path, policy);
    return noContent;
  },
});

/** `sys/capabilities-self`, for several paths at once. */
const capabilitiesEngine = (policies: FakePolicies): FakeEngine => ({
  answer: ({ path, method, body, token }) => {
    const { paths } = body;
    if (path !== "capabilities-self" || method !== "POST" || !Array.isArray(paths))
      return fakeError(404, "unsupported path");
    const asked = paths.map(String);
    const names = token?.policies ?? [];
    return wrappedReply(
      Object.fromEntries(asked.map((one) => [one, policies.capabilities(names, one)])),
    );
  },
});

const unprintable = /[\p{C}\p{Z}]/u;

const answer = (
  { tokens, policies, mounts }: Parts,
  request: Omit<FakeRequest, "token">,
  tokenId: string | undefined,
): FakeReply => {
  if (unprintable.test(request.path.replaceAll(" ", ""))) return { status: 400 };
  const mount = [...mounts.keys()]
    .filter((one) => request.path.startsWith(`${one}/`))
    .toSorted((one, other) => other.length - one.length)[0];
  const engine = mounts.get(mount ?? "");
  const path = request.path.slice((mount ?? "").length + 1);
  if (engine?.isOpen?.(path) === true) return engine.answer({ ...request, path, token: undefined });
  if (tokenId === undefined) return fakeError(403, "permission denied");
  const token = tokens.find(tokenId);
  if (token === undefined)
    return fakeError(403, "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n");
  if (engine === undefined) {
    return fakeError(404, `no handler for route "${request.path}". route entry not found.`);
  }
  const capability = capabilityOf(request.method, () => engine.exists?.(path) ?? true);
  const named = namesOf(request);
  if (!named.some((one) => policies.allows(token.policies, one, capability))) {
    return fakeError(403, "1 error occurred:\n\t* permission denied\n\n");
  }
  return engine.answer({ ...request, path, token });
};

/** A list is allowed by a rule that ends with a slash, and by one that does not. */
const namesOf = ({ method, path }: Omit<FakeRequest, "token">): readonly string[] => {
  const bare = path.replace(/\/$/, "");
  return method === "LIST" ? [bare, `${bare}/`] : [path];
};

const capabilityOf = (method: FakeRequest["method"], exists: () => boolean): Capability => {
  if (method === "GET") return "read";
  if (method === "LIST") return "list";
  if (method === "DELETE") return "delete";
  return exists() ? "update" : "create";
};
