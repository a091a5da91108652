import { dispatcherSuite } from "../dispatcher.suite.ts";
import { postgresWorld } from "./world.fixture.ts";

dispatcherSuite("dispatcher on PostgreSQL", postgresWorld);
