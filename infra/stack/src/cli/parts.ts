/** What `stack up` starts, in this order. */
export const stackParts = ["kafka", "redis", "vault", "postgres", "target"] as const;
export type StackPart = (typeof stackParts)[number];

export interface PartFacts {
  /** What it is for, one line of the help. */
  readonly about: string;
  /** Of 127.0.0.1. Kafka's controller and Vault's cluster listener take the next one. */
  readonly port: number;
  readonly address: (port: number) => string;
}

/** Ports that no system of these has by default, so that others go on beside. */
export const partFacts: Readonly<Record<StackPart, PartFacts>> = {
  kafka: {
    about: "Apache Kafka: reports in, announcements and audit out",
    port: 19_392,
    address: (port) => `127.0.0.1:${port}`,
  },
  redis: {
    about: "Redis: the queues",
    port: 19_379,
    address: (port) => `redis://127.0.0.1:${port}`,
  },
  vault: {
    about: "Vault: a store (KV) and an issuer (AppRole)",
    port: 19_200,
    address: (port) => `http://127.0.0.1:${port}`,
  },
  postgres: {
    about: "PostgreSQL for the ledger",
    port: 19_432,
    address: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
  },
  target: {
    about: "a second PostgreSQL, whose roles are the credentials",
    port: 19_433,
    address: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
  },
};

export type Ports = Readonly<Record<StackPart, number>>;

export const defaultPorts: Ports = {
  kafka: partFacts.kafka.port,
  redis: partFacts.redis.port,
  vault: partFacts.vault.port,
  postgres: partFacts.postgres.port,
  target: partFacts.target.port,
};

/** The ports of 127.0.0.1 that a part listens on when it runs natively. */
export const portsTaken = (part: StackPart, port: number): readonly number[] =>
  part === "kafka" || part === "vault" ? [port, port + 1] : [port];
