import {
  openGate,
  type Consumer,
  type ConsumerView,
  type Credential,
  type CredentialId,
  type Identity,
  type GateName,
  type IdentityId,
  type InstanceSighting,
  type Pause,
  type Policy,
  type ProviderGate,
  type Version,
} from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import type { Rows } from "../rows/rows.ts";

type Reader = Pick<Draft, "get" | "rows">;

const undeclared = <Row extends { readonly declared: boolean }>({
  declared: _declared,
  ...rest
}: Row): Omit<Row, "declared"> => rest;

/** A credential as the domain knows it: what was declared, and whether it ended. */
export const credentialOf = (draft: Reader, id: CredentialId): Credential | undefined => {
  const row = draft.get("credentials", id);
  return row && { ...row, ended: draft.get("holds", id)?.ended ?? false };
};

export const policyOf = (draft: Reader, name: string): Policy | undefined => {
  const row = draft.get("policies", name);
  return row && undeclared(row);
};

export const identityOf = (row: Rows["identities"]): Identity => undeclared(row);
export const consumerOf = (row: Rows["consumers"]): Consumer => undeclared(row);
export const identityById = (draft: Reader, id: IdentityId): Identity | undefined => {
  const row = draft.get("identities", id);
  return row && identityOf(row);
};

/** Declared consumers of a credential in the order of its declaration, with their instances. */
export const consumerViews = (draft: Reader, credential: Credential): readonly ConsumerView[] =>
  credential.consumers.flatMap((id) => {
    const row = draft.get("consumers", id);
    return row === undefined ? [] : [viewOf(draft, consumerOf(row), credential.id)];
  });

const viewOf = (draft: Reader, consumer: Consumer, credential: CredentialId): ConsumerView => {
  const deployment = draft.get("deployments", `${consumer.service}@${consumer.environment}`);
  const instances = draft
    .rows("sightings")
    .filter((row) => row.consumer === consumer.id)
    .sort((left, right) => (left.instance < right.instance ? -1 : 1))
    .map((row) => sightingOf(draft, row, credential));
  return deployment === undefined
    ? { consumer, instances }
    : { consumer, instances, deployedAt: deployment.deployedAt };
};

const sightingOf = (
  draft: Reader,
  row: Rows["sightings"],
  credential: CredentialId,
): InstanceSighting => {
  const said = draft.get("acknowledgements", `${credential}/${row.consumer}/${row.instance}`);
  if (said === undefined) return { ...row, counted: false };
  const { version, acknowledgedAt, counted } = said;
  return { ...row, version, acknowledgedAt, counted };
};

export const pauseOf = (draft: Reader): Pause =>
  draft.rows("pause")[0] ?? { paused: false, all: false };

export const gateOf = (draft: Reader, issuer: GateName): ProviderGate =>
  draft.get("gates", issuer) ?? openGate(issuer);

/** The control credential of an issuer instance and its current version; never the credential itself. */
export const controlOf = (
  draft: Reader,
  subject: Credential,
): { readonly credential: Credential; readonly version: Version } | undefined => {
  const rows = draft
    .rows("credentials")
    .filter((row) => row.control && row.declared && row.id !== subject.id)
    .filter((row) => row.issuer.instance === subject.issuer.instance)
    .sort((left, right) => (left.id < right.id ? -1 : 1));
  for (const row of rows) {
    const credential = credentialOf(draft, row.id);
    const version = draft
      .rows("versions")
      .find((candidate) => candidate.credential === row.id && candidate.label === "current");
    if (credential !== undefined && version !== undefined) return { credential, version };
  }
  return undefined;
};
