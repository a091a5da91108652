import { serveStuck } from "../suite/stuck-server.suite.ts";
import { openPostgresDispatcher } from "./open.ts";

await serveStuck(openPostgresDispatcher);
