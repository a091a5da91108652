import { topicsSuite } from "../topics.suite.ts";
import { embeddedWorld } from "./world.suite.ts";

topicsSuite("topics on PostgreSQL", embeddedWorld);
