/** A listener beside the controller's. */
export interface KafkaListener {
  /** Capital letters and digits; part of the names of its settings. */
  readonly name: string;
  readonly protocol: "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";
  /** A free one by default; the first listener's is the part's. */
  readonly port?: number;
  /** Without the prefix `listener.name.<name>.`: `ssl.keystore.location`, `scram-sha-512.sasl.jaas.config`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The controller's own listener, named CONTROLLER. */
export type ControllerListener = Pick<KafkaListener, "protocol" | "settings">;

export type PlacedListener = KafkaListener & { readonly port: number };

const controllerName = "CONTROLLER";

/** A node among those of its cluster. */
export interface KafkaNode {
  readonly id: number;
  /** Of every node, as the storage tool wants it. */
  readonly clusterId: string;
  /** The port of each node's controller, by its id. */
  readonly controllerPorts: Readonly<Record<number, number>>;
}

/** One node that is broker and controller; what tests and a try on one machine need. */
export const singleNode = {
  "process.roles": "broker,controller",
  "node.id": "1",
  "controller.listener.names": controllerName,
  "offsets.topic.replication.factor": "1",
  "transaction.state.log.replication.factor": "1",
  "transaction.state.log.min.isr": "1",
  "share.coordinator.state.topic.replication.factor": "1",
  "share.coordinator.state.topic.min.isr": "1",
  "min.insync.replicas": "1",
  "auto.create.topics.enable": "false",
  "group.initial.rebalance.delay.ms": "0",
  // A killed broker may register again when its session has ended; 9 s by default.
  "broker.session.timeout.ms": "3000",
  "broker.heartbeat.interval.ms": "500",
} as const;

const copiesMax = 3;

/** What a node of several has instead: as many copies of Kafka's own topics as production has. */
const clusterNode = ({ id, controllerPorts }: KafkaNode): Record<string, string> => {
  const nodes = Object.entries(controllerPorts);
  const copies = String(Math.min(copiesMax, nodes.length));
  const insync = String(Math.min(copiesMax, nodes.length) > 2 ? 2 : 1);
  return {
    "node.id": String(id),
    "controller.quorum.voters": nodes.map(([voter, port]) => `${voter}@127.0.0.1:${port}`).join(),
    "offsets.topic.replication.factor": copies,
    "transaction.state.log.replication.factor": copies,
    "transaction.state.log.min.isr": insync,
    "share.coordinator.state.topic.replication.factor": copies,
    "share.coordinator.state.topic.min.isr": insync,
    "min.insync.replicas": insync,
  };
};

/** The whole server.properties; `more` wins. The first listener is the one that the broker uses for itself. */
export const serverSettings = (placed: {
  readonly folder: string;
  readonly listeners: readonly [PlacedListener, ...PlacedListener[]];
  readonly controllerPort: number;
  readonly controller: ControllerListener;
  /** One of several; the only one by default. */
  readonly node?: KafkaNode | undefined;
  readonly more: Readonly<Record<string, string>>;
}): Readonly<Record<string, string>> => {
  const { folder, listeners, controllerPort, controller, node, more } = placed;
  const address = ({ name, port }: { name: string; port: number }): string =>
    `${name}://127.0.0.1:${port}`;
  const all = [...listeners, { ...controller, name: controllerName, port: controllerPort }];
  return {
    ...singleNode,
    "log.dirs": `${folder}/data`,
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    listeners: all.map(address).join(),
    "advertised.listeners": listeners.map(address).join(),
    "listener.security.protocol.map": all.map(({ name, protocol }) => `${name}:${protocol}`).join(),
    "inter.broker.listener.name": listeners[0].name,
    ...(node && clusterNode(node)),
    ...Object.assign({}, ...all.map(listenerSettings)),
    ...more,
  };
};

const listenerSettings = ({ name, settings = {} }: KafkaListener): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      `listener.name.${name.toLowerCase()}.${key}`,
      value,
    ]),
  );

/** As java.util.Properties reads them back. */
export const propertiesText = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([key, value]) => `${escaped(key).replaceAll(/[ :=]/g, "\\$&")}=${escaped(value)}\n`)
    .join("");

const escaped = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
