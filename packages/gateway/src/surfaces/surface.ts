import type { GatewayParts } from "../options.ts";
import type { Serve } from "../server/serve.ts";

/** One group of the contract's routes with what answers them. */
export type Surface = (serve: Serve, parts: GatewayParts) => void;
