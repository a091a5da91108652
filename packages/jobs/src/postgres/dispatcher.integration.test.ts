import { dispatcherSuite } from "../dispatcher.suite.ts";
import { postgresWorld } from "./world.suite.ts";

dispatcherSuite("dispatcher on PostgreSQL", postgresWorld);
