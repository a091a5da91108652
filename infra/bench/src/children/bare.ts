import { randomUUID } from "node:crypto";
import {
  credentialId,
  rotationId,
  storeId,
  type Call,
  type Issuer,
  type Material,
  type ProbeReply,
  type ProviderVersion,
  type RotationId,
  type Store,
  type StoreAddress,
  type VersionRef,
} from "@rekey/domain";
import { addressOf, settingsOf } from "../world/inventory.ts";

interface Ports {
  readonly issuer: Issuer;
  readonly store: Store;
}

/** One credential, rotated and contained by its provider's calls alone. */
export interface Bare {
  create(): Promise<void>;
  /** In the order in which the engine asks; the bench compares both traces. */
  rotate(ports: Ports): Promise<void>;
  contain(): Promise<number>;
}

const deadlineMs = 10_000;

interface Subject {
  readonly credential: ReturnType<typeof credentialId>;
  readonly address: StoreAddress;
  readonly settings: ReturnType<typeof settingsOf>;
}

/** A version that is current, as the caller remembers it. */
interface Current {
  readonly number: number;
  readonly rotation: RotationId;
}

export const bareOf = (ports: Ports, name: string): Bare => {
  const address = addressOf(name);
  const subject: Subject = {
    credential: credentialId(name),
    address: { ...address, store: storeId(address.store) },
    settings: settingsOf(name),
  };
  let current: Current | undefined;
  const nextOf = (): Current => ({
    number: (current?.number ?? 0) + 1,
    rotation: rotationId(randomUUID()),
  });
  const known = (): Current => {
    if (current === undefined) throw new Error(`${name} was not prepared`);
    return current;
  };
  return {
    create: async () => {
      const next = nextOf();
      await arrive(ports, subject, { next });
      current = next;
    },
    rotate: async (through) => {
      const [older, next] = [known(), nextOf()];
      await arrive(through, subject, { older, next });
      await leave(through, subject, { older, next });
      current = next;
    },
    contain: async () => await contain(ports, subject, known()),
  };
};

interface Change {
  readonly older?: Current;
  readonly next: Current;
}

const refOf = ({ credential }: Subject, { number: version }: Current): VersionRef => ({
  credential,
  version,
});

const callOf = (key: string): Call => ({ signal: new AbortController().signal, deadlineMs, key });

const versionOf = ({ issuer }: Ports, subject: Subject, version: Current): ProviderVersion => {
  const ref = refOf(subject, version);
  const { settings } = subject;
  const principal = issuer.principalOf(ref, settings);
  if (principal === undefined) throw new Error("the measured issuer names its versions beforehand");
  return { ref, principal, settings, rotation: version.rotation };
};

/** Stage, mint, verify and promote. */
const arrive = async (ports: Ports, subject: Subject, { older, next }: Change): Promise<void> => {
  const { issuer, store } = ports;
  const { credential, address, settings } = subject;
  const ref = refOf(subject, next);
  const call = callOf(`${next.rotation}/arrive`);
  await store.labels(address, { credential }, call);
  await store.read(address, ref, call);
  const material = await issuer.propose(ref, settings);
  await store.stage(
    address,
    { ref, rotation: next.rotation, rotationNumber: next.number, material, readers: [] },
    call,
  );
  await store.read(address, ref, call);
  await issuer.list(credential, settings, call);
  await store.labels(address, { credential }, call);
  const staged = await valueOf(ports, subject, next);
  const mark = { ...ref, rotation: next.rotation };
  const before = older && versionOf(ports, subject, older);
  const like = before && { likePrincipal: before.principal };
  await issuer.mint({ ref, mark, settings, material: staged, ...like }, call);
  await issuer.list(credential, settings, call);
  if (before !== undefined)
    await issuer.comparePrivileges(before, versionOf(ports, subject, next), call);
  const minted = await valueOf(ports, subject, next);
  for (let round = 0; round < rounds; round += 1) await expectProbe(ports, minted, "alive");
  await store.promote(address, { ref, from: older?.number, readers: [] }, call);
  await store.labels(address, { credential }, call);
};

// As the engine's probes of an issuer whose changes take effect at once.
const rounds = 2;

/** Retire, prove, revoke and attest. */
const leave = async (
  ports: Ports,
  subject: Subject,
  { older, next }: Required<Change>,
): Promise<void> => {
  const { issuer } = ports;
  const { credential, settings } = subject;
  const call = callOf(`${next.rotation}/leave`);
  const version = versionOf(ports, subject, older);
  const list = async (): Promise<unknown> => await issuer.list(credential, settings, call);
  await issuer.suspend(version, call);
  await issuer.sweep(version, call);
  await list();
  const dead = await valueOf(ports, subject, older);
  const control = await valueOf(ports, subject, next);
  const bogus = issuer.bogus(control);
  for (let round = 0; round < rounds; round += 1) {
    await expectProbe(ports, dead, "dead");
    await expectProbe(ports, bogus, "dead");
    await expectProbe(ports, control, "alive");
  }
  await issuer.sweep(version, call);
  await list();
  await issuer.revoke(version, call);
  await list();
  await list();
};

const valueOf = async ({ store }: Ports, subject: Subject, version: Current): Promise<Material> => {
  const call = callOf(`${version.rotation}/read`);
  const kept = await store.read(subject.address, refOf(subject, version), call);
  if (kept === undefined) throw new Error("a staged value is missing");
  return kept.material;
};

const expectProbe = async (
  { issuer }: Ports,
  material: Material,
  answer: ProbeReply["answer"],
): Promise<void> => {
  for (const vantage of issuer.vantages) {
    const reply = await issuer.probe(material, vantage, callOf("probe"));
    if (reply.answer !== answer) throw new Error(`a probe answered ${reply.answer} ${reply.code}`);
  }
};

const contain = async (ports: Ports, subject: Subject, current: Current): Promise<number> => {
  const { issuer } = ports;
  const version = versionOf(ports, subject, current);
  const material = await valueOf(ports, subject, current);
  const call = callOf(`${current.rotation}/contain`);
  const since = performance.now();
  await issuer.suspend(version, call);
  await issuer.sweep(version, call);
  await expectProbe(ports, material, "dead");
  const tookMs = performance.now() - since;
  await issuer.reinstate(version, call);
  return tookMs;
};
