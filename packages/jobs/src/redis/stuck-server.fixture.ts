import { serveStuck } from "../suite/stuck-server.suite.ts";
import { openRedisDispatcher } from "./open.ts";

await serveStuck(openRedisDispatcher);
