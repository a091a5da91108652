import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "node:tls";
import type { Log, SecretSource } from "@rekey/runtime";
import type { Secret } from "@rekey/secret";
import kafkajs from "kafkajs";
import type { Kafka, KafkaConfig, SASLOptions } from "kafkajs";
import { createClientLog } from "./client-log.ts";
import { registerCodecs } from "./codecs.ts";
import type { KafkaPace } from "./pace.ts";
import { repairIdleTimer } from "./request-queue.ts";
import { createSockets } from "./sockets.ts";
import type { Sockets } from "./sockets.ts";

/** TLS to the brokers. Files are PEM and read again for each new client, so that they may be rotated. */
export interface KafkaTls {
  /** Authorities that sign the brokers' certificates; the system's by default. */
  readonly caFile?: string;
  /** Our own certificate, where brokers ask for one, and its key as PEM. */
  readonly certificateFile?: string;
  readonly key?: SecretSource;
  /** The name in the brokers' certificates where it is not the one they are reached by. */
  readonly serverName?: string;
}

export type KafkaSasl =
  | {
      readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
      readonly username: string;
      readonly password: SecretSource;
    }
  /** A bearer token, read with each authentication; `grantedToken` asks for them, or something else keeps it fresh. */
  | { readonly mechanism: "oauthbearer"; readonly token: SecretSource };

export interface KafkaConnection {
  /** `host:port` of some brokers; the others are learnt from them. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly tls?: KafkaTls;
  readonly sasl?: KafkaSasl;
  readonly log: Log;
}

export interface KafkaClient {
  readonly kafka: Kafka;
  readonly sockets: Sockets;
}

const connectMs = 3_000;
const authenticationMs = 5_000;
// Of finding a broker that answers; whoever asked has a longer patience of its own.
const retry = { retries: 3, initialRetryTime: 100, maxRetryTime: 500 };

/** A client with connections of its own; secrets are read now, so a new client has the newest. */
export async function openClient(
  connection: KafkaConnection,
  pace: Pick<KafkaPace, "requestMs">,
): Promise<KafkaClient> {
  repairIdleTimer();
  registerCodecs();
  const sockets = createSockets();
  const { tls, sasl } = connection;
  const config: KafkaConfig = {
    brokers: [...connection.brokers],
    clientId: connection.clientId,
    ...(tls !== undefined && { ssl: await tlsOptions(tls) }),
    ...(sasl !== undefined && { sasl: await saslOptions(sasl) }),
    connectionTimeout: connectMs,
    authenticationTimeout: authenticationMs,
    requestTimeout: pace.requestMs,
    retry,
    socketFactory: sockets.factory,
    logLevel: kafkajs.logLevel.WARN,
    logCreator: createClientLog(connection.log),
  };
  return { kafka: new kafkajs.Kafka(config), sockets };
}

/** After a refused login: the next client asks for the secrets again. */
export function forgetSecrets({ tls, sasl }: KafkaConnection): void {
  tls?.key?.invalidate();
  if (sasl === undefined) return;
  ("password" in sasl ? sasl.password : sasl.token).invalidate();
}

async function tlsOptions(tls: KafkaTls): Promise<ConnectionOptions> {
  const { caFile, certificateFile, key, serverName } = tls;
  return {
    rejectUnauthorized: true,
    ...(caFile !== undefined && { ca: await readFile(caFile) }),
    ...(certificateFile !== undefined && { cert: await readFile(certificateFile) }),
    ...(key !== undefined && { key: (await key.read()).reveal() }),
    ...(serverName !== undefined && { servername: serverName }),
  };
}

async function saslOptions(sasl: KafkaSasl): Promise<SASLOptions> {
  if (sasl.mechanism === "oauthbearer") {
    const oauthBearerProvider = async () => ({ value: (await sasl.token.read()).reveal() });
    return { mechanism: sasl.mechanism, oauthBearerProvider };
  }
  const { mechanism, username } = sasl;
  return { mechanism, username, password: (await sasl.password.read()).reveal() };
}

interface GrantForm {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly scope?: string | undefined;
  readonly resource?: string | undefined;
}

/** The body of a token request; it goes to the token server alone. */
export const grantForm = ({
  clientId,
  clientSecret,
  scope,
  resource,
}: GrantForm): URLSearchParams =>
  new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret.reveal(),
    ...(scope !== undefined && { scope }),
    ...(resource !== undefined && { resource }),
  });
