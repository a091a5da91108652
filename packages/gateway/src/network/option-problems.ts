import { authorisation, isLoopback } from "@rekey/domain";

interface Problem {
  readonly path: readonly string[];
  readonly text: string;
}

type Mapped = { readonly roles: Readonly<Record<string, readonly string[]>> };

/** What of the options is looked at together; a text may still be one that its own setting refuses. */
interface Together {
  readonly tcp?: {
    readonly host: string;
    readonly insecure: boolean;
    readonly tls?: { readonly clientCa?: string };
  };
  readonly jwt: Readonly<
    Record<
      string,
      Mapped & { issuer: string; keysUrl?: string; keysFile?: string; keysCa?: string }
    >
  >;
  readonly mtls?: Mapped | undefined;
}

/** What no setting alone can be blamed for. */
export const networkProblems = (options: Together): readonly Problem[] => [
  ...doorProblems(options),
  ...Object.entries(options.jwt).flatMap(([name, issuer]) => keysProblems(["jwt", name], issuer)),
  ...sameIssuer(options),
  ...secondWayToApprove(options),
];

const doorProblems = ({ tcp, jwt, mtls }: Together): readonly Problem[] => {
  const knowsPeople = Object.keys(jwt).length > 0 || mtls !== undefined;
  if (tcp === undefined)
    return knowsPeople
      ? [{ path: ["tcp"], text: "is missing: jwt and mtls are for the network alone" }]
      : [];
  const without = knowsPeople ? [] : [{ path: ["jwt"], text: "nobody could ask: set jwt or mtls" }];
  return [...plainProblems(tcp), ...without, ...clientCaProblems({ tcp, mtls })];
};

const plainProblems = ({
  host,
  insecure,
  tls,
}: NonNullable<Together["tcp"]>): readonly Problem[] => {
  if (!insecure)
    return tls === undefined
      ? [
          {
            path: ["tcp", "tls"],
            text: "is missing: tokens cross no network in the clear; with `insecure: true` plain HTTP is served on a loopback address, for a sidecar that ends TLS",
          },
        ]
      : [];
  const both = { path: ["tcp", "insecure"], text: "set tls, or insecure, not both" };
  const outside = {
    path: ["tcp", "host"],
    text: "plain HTTP is served on a loopback address only, such as 127.0.0.1: set tls to be reached from elsewhere",
  };
  return [...(tls === undefined ? [] : [both]), ...(isLoopback(host) ? [] : [outside])];
};

const clientCaProblems = ({
  tcp,
  mtls,
}: Pick<Together, "mtls"> & { tcp: NonNullable<Together["tcp"]> }): readonly Problem[] => {
  const hasCa = tcp.tls?.clientCa !== undefined;
  if (mtls !== undefined && !hasCa)
    return [
      {
        path: ["tcp", "tls", "clientCa"],
        text: "is missing: mtls needs to know who signs clients",
      },
    ];
  return hasCa && mtls === undefined
    ? [{ path: ["mtls"], text: "is missing: it says which client certificate is who" }]
    : [];
};

const keysProblems = (
  path: readonly string[],
  { keysUrl, keysFile, keysCa }: Together["jwt"][string],
): readonly Problem[] => {
  if ((keysUrl === undefined) === (keysFile === undefined))
    return [{ path, text: "set keysUrl or keysFile, one of them" }];
  if (keysUrl !== undefined && !URL.canParse(keysUrl)) return [];
  const url = keysUrl === undefined ? undefined : new URL(keysUrl);
  const isSafe =
    url === undefined ||
    url.protocol === "https:" ||
    (url.protocol === "http:" && isLoopback(url.hostname));
  return [
    ...(isSafe
      ? []
      : [{ path: [...path, "keysUrl"], text: "must be https, or http to this machine" }]),
    ...(keysCa !== undefined && url?.protocol !== "https:"
      ? [{ path: [...path, "keysCa"], text: "is for a keysUrl by https" }]
      : []),
  ];
};

const sameIssuer = ({ jwt }: Together): readonly Problem[] => {
  const seen = new Set<string>();
  return Object.entries(jwt).flatMap(([name, { issuer }]) => {
    const isKnown = seen.has(issuer);
    seen.add(issuer);
    return isKnown
      ? [{ path: ["jwt", name, "issuer"], text: "another entry has the same issuer" }]
      : [];
  });
};

/** Roles of people who have things done; a producer's request counts as an approver's own, see `isApproved`. */
const asking: readonly string[] = authorisation["credential.rotate"];

/** One person with a token and a certificate would be two: who asks and who approves come by one way. */
const secondWayToApprove = ({ jwt, mtls }: Together): readonly Problem[] => {
  const ways = [
    ...Object.entries(jwt).map(([name, mapping]) => ({ path: ["jwt", name, "roles"], mapping })),
    ...(mtls === undefined ? [] : [{ path: ["mtls", "roles"], mapping: mtls }]),
  ].map(({ path, mapping }) => ({ path, given: Object.values(mapping.roles).flat() }));
  const approving = ways.find(({ given }) => given.includes("approver"));
  return ways.flatMap(({ path, given }) => {
    if (approving === undefined || path === approving.path) return [];
    const role = ["approver", ...asking].find((one) => given.includes(one));
    return role === undefined ? [] : [{ path, text: twice(role, approving.path.join(".")) }];
  });
};

const twice = (role: string, way: string): string =>
  role === "approver"
    ? "another way gives the role approver too: one person must not be two approvers"
    : `gives the role ${role}, and ${way} gives approver: one person could ask by one way and approve by the other; give both roles by one way`;
