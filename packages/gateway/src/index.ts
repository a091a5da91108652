export { createGateway } from "./gateway.ts";
export type { Gateway, InjectedRequest } from "./gateway.ts";
export type { ControlDeclaration, DoctorCheck, GatewayOptions } from "./options.ts";
