import { readerSuite } from "./reader.suite.ts";
import { openFakeFixture } from "./store.fixture.ts";

readerSuite("a document in the fake", openFakeFixture);
