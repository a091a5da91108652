import { clientSuite } from "./client.suite.ts";
import { openFakePlace } from "./fake-place.fixture.ts";

clientSuite("the fake", openFakePlace);
