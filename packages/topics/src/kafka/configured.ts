import { assert } from "@rekey/domain";
import type { SecretReference, SecretSource } from "@rekey/runtime";
import type { KafkaConnection, KafkaSasl, KafkaTls } from "./connect.ts";
import { grantedToken } from "./granted-token.ts";
import type { KafkaSettings } from "./kafka-options.ts";

type Sources = (reference: SecretReference) => SecretSource;

/** Brokers and who Rekey is there, as configured; secrets are read when a connection is made. */
export const kafkaConnection = (
  section: KafkaSettings,
  sources: Sources,
): Pick<KafkaConnection, "brokers" | "tls" | "sasl"> => ({
  brokers: section.brokers,
  ...(section.tls && { tls: tlsOf(section.tls, sources) }),
  ...(section.sasl && { sasl: saslOf(section.sasl, sources) }),
});

const tlsOf = (
  { key, ...files }: NonNullable<KafkaSettings["tls"]>,
  sources: Sources,
): KafkaTls => ({ ...files, ...(key && { key: sources(key) }) });

const saslOf = (sasl: NonNullable<KafkaSettings["sasl"]>, sources: Sources): KafkaSasl => {
  if (sasl.mechanism !== "oauthbearer") return { ...sasl, password: sources(sasl.password) };
  const { mechanism, token, clientId, clientSecret, tokenUrl: url, ...asked } = sasl;
  if (token !== undefined) return { mechanism, token: sources(token) };
  const isWhole = url !== undefined && clientId !== undefined && clientSecret !== undefined;
  assert(isWhole, "the schema asks for a token or a whole grant");
  const { scope, resource } = asked;
  const grant = { url, clientId, clientSecret: sources(clientSecret), scope, resource };
  return { mechanism, token: grantedToken(grant) };
};
