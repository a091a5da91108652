export { createGateway } from "./gateway.ts";
export type { Gateway, InjectedRequest, ListenAt, NetworkListen } from "./gateway.ts";
export { gatewayListenOptions } from "./network/options.ts";
export type { GatewayListenOptions } from "./network/options.ts";
export type { ControlDeclaration, DoctorCheck, GatewayOptions } from "./options.ts";
