import { roles } from "@rekey/domain";
import { duration, secretReference, withDefault } from "@rekey/runtime";
import { z } from "zod";
import { networkProblems } from "./option-problems.ts";

const portMax = 65_535;
/** Issuers of tokens that are known at once. */
const issuersMax = 16;
/** Claim values, or subjects, that are given roles. */
const mappedMax = 1_000;

/** Asymmetric only: with a shared key whoever checks a token could also make one. */
const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
] as const;

const path = z.string().min(1);
const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/);
const mapped = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .record(z.string().min(1).max(512), schema)
    .refine((entries) => Object.keys(entries).length <= mappedMax, `at most ${mappedMax}`);

/** A workload's role comes with the consumer that it is. */
const givenRoles = roles.filter((role) => role !== "consumer");

const roleMap = (what: string) =>
  withDefault(mapped(z.array(z.enum(givenRoles)).min(1)), {
    default: {},
    description: `${what} and the roles it gives: ${givenRoles.join(", ")}`,
    reason: "nobody may do anything before you say so",
  });

const consumerMap = (what: string) =>
  withDefault(mapped(z.string().min(1).max(128)), {
    default: {},
    description: `${what} and the consumer of the inventory that it is: it hears its announcements and says that it moved`,
    reason: "a workload speaks for itself alone",
  });

const tls = z.strictObject({
  certificate: path.meta({
    description: "file of the certificate and its chain, PEM; read again when it changes",
  }),
  key: secretReference().meta({
    description: "its private key, PEM; a file is read again when it changes",
  }),
  clientCa: path.exactOptional().meta({
    description:
      "file of the authorities of client certificates, PEM; clients are asked for one when it is set",
  }),
});

const tcp = z.strictObject({
  host: withDefault(z.string().min(1), {
    default: "0.0.0.0",
    description: "address to listen at",
    reason: "who may reach it is decided by the network in front of it",
  }),
  port: withDefault(z.int().min(0).max(portMax), {
    default: 8443,
    description: "port to listen at; 0 takes a free one",
    reason: "needs no privilege",
  }),
  tls: tls.exactOptional().meta({ description: "TLS 1.2 or later" }),
  insecure: withDefault(z.boolean(), {
    default: false,
    description: "plain HTTP on a loopback address, behind a sidecar that ends TLS",
    reason: "tokens never cross a network in the clear",
  }),
});

const jwtIssuer = z.strictObject({
  issuer: z.string().min(1).max(512).meta({ description: "the `iss` of its tokens, exactly" }),
  audience: z
    .array(z.string().min(1))
    .min(1)
    .meta({ description: "one of these is in the `aud` of its tokens" }),
  keysUrl: z.url().exactOptional().meta({
    description: "its JWKS: https, or http to this machine; this or keysFile",
  }),
  keysFile: path.exactOptional().meta({
    description: "a JWKS file, read again when it changes; this or keysUrl",
  }),
  keysCa: path
    .exactOptional()
    .meta({ description: "file of the authorities of keysUrl, PEM, where they are private" }),
  algorithms: withDefault(z.array(z.enum(algorithms)).min(1), {
    default: ["RS256", "PS256", "ES256", "EdDSA"],
    description: "signatures that are accepted; a shared key or none never is",
    reason: "what identity providers sign with",
  }),
  clockTolerance: withDefault(duration({ max: "5 m" }), {
    default: "30 s",
    description: "how far its clock may be off",
    reason: "clocks of servers agree within seconds",
  }),
  rolesClaim: withDefault(z.string().min(1).max(256), {
    default: "roles",
    description:
      "the claim that holds the roles: its whole name, or a path of names with dots between them",
    reason: "the usual name",
  }),
  roles: roleMap("a value of rolesClaim"),
  consumers: consumerMap("the `sub` of a workload's tokens"),
});

const mtls = z.strictObject({
  subject: withDefault(z.enum(["uri", "dns", "cn"]), {
    default: "uri",
    description: "which name of a client certificate says who it is; it must have exactly one",
    reason: "SPIFFE ids are URIs",
  }),
  roles: roleMap("a subject"),
  consumers: consumerMap("a subject"),
});

/** What `gateway` of a configuration says: where the API listens, and who is who over the network. */
export const gatewayListenOptions = z
  .strictObject({
    socket: path.exactOptional().meta({
      description: "the API's Unix socket, mode 0600: whoever opens it acts as its owner",
    }),
    tcp: tcp.exactOptional().meta({ description: "the API over the network" }),
    jwt: withDefault(
      z
        .record(name, jwtIssuer)
        .refine((entries) => Object.keys(entries).length <= issuersMax, `at most ${issuersMax}`),
      {
        default: {},
        description: "issuers of bearer tokens by name",
        reason: "none is trusted before you name it",
      },
    ),
    mtls: mtls.exactOptional().meta({ description: "who is who by client certificates" }),
  })
  .superRefine((options, context) => {
    for (const { path: place, text } of networkProblems(options))
      context.addIssue({ code: "custom", path: [...place], message: text });
  });

export type GatewayListenOptions = z.output<typeof gatewayListenOptions>;
export type TcpOptions = z.output<typeof tcp>;
export type TlsOptions = z.output<typeof tls>;
export type JwtIssuerOptions = z.output<typeof jwtIssuer>;
export type MtlsOptions = z.output<typeof mtls>;
