import { ownIdentity } from "@rekey/contracts";
import {
  credentialId,
  day,
  identityId,
  isInventoryName,
  policyDefaults,
  policyName,
  type Credential,
  type Identity,
  type Inventory,
  type IssuerId,
  type Policy,
  type Problem,
} from "@rekey/domain";
import { ConfigFault } from "@rekey/runtime";
import type { ControlDeclaration } from "../options.ts";

const controlPolicy = policyName("rekey-control");
const controlEnvironment = "rekey";
const rotateAfterMs = 7 * day;

/** The control credential of an issuer instance, by its name in the inventory. */
export const controlIdOf = (issuer: IssuerId): Credential["id"] =>
  credentialId(`control-${issuer}`);

/** Throws ConfigFault for an instance whose control credential cannot be named. */
export const checkControls = (controls: readonly ControlDeclaration[]): void => {
  const problems = controls
    .filter(({ issuer }) => !isInventoryName(controlIdOf(issuer)))
    .map(({ issuer }) => ({
      path: `issuers.${issuer}`,
      text: "is too long a name for an instance with a control credential: at most 55 characters",
    }));
  if (problems.length > 0) throw new ConfigFault(problems);
};

/** Names that Rekey declares by itself are nobody else's. */
export const reservedProblems = (
  inventory: Pick<Inventory, "credentials" | "policies">,
  controls: readonly ControlDeclaration[],
): readonly Problem[] => {
  const reserved = new Set<string>(controls.map(({ issuer }) => controlIdOf(issuer)));
  const reason = "is reserved: Rekey declares it by itself";
  return [
    ...inventory.credentials.flatMap(({ id }, index) =>
      reserved.has(id) ? [{ path: `credentials[${index}].id`, reason }] : [],
    ),
    ...inventory.policies.flatMap(({ name }, index) =>
      name === controlPolicy ? [{ path: `policies[${index}].name`, reason }] : [],
    ),
  ];
};

/** The inventory with the credentials Rekey proves deaths by: one per issuer instance that declares it. */
export const withControls = (
  inventory: Inventory,
  controls: readonly ControlDeclaration[],
): Inventory => {
  if (controls.length === 0) return inventory;
  const declaresOwn = inventory.identities.some(({ id }) => id === ownIdentity);
  return {
    ...inventory,
    identities: declaresOwn ? inventory.identities : [...inventory.identities, own],
    policies: [...inventory.policies, policy],
    credentials: [...inventory.credentials, ...controls.map(credentialOf)],
  };
};

const own: Identity = { id: identityId(ownIdentity), kind: "service", aliases: [], active: true };

// Nobody uses it but Rekey's own probes, so there is nothing to go back for.
const policy: Policy = {
  ...policyDefaults,
  name: controlPolicy,
  rotateAfterMs,
  reversibleForMs: 0,
};

const credentialOf = ({ issuer, settings, store }: ControlDeclaration): Credential => ({
  id: controlIdOf(issuer),
  identity: own.id,
  owner: own.id,
  purpose: "logs in and does nothing else: the positive control of proofs of death",
  environment: controlEnvironment,
  criticality: "normal",
  issuer: { instance: issuer, settings },
  store,
  consumers: [],
  policy: controlPolicy,
  exclusive: false,
  protected: false,
  control: true,
  declared: true,
  ended: false,
});
