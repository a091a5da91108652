import { storeSuite } from "../store.suite.ts";
import { openFakeFixture } from "./store.fixture.ts";
import { vaultKvSuite } from "./vault-kv.suite.ts";

storeSuite("vault-kv on the fake", openFakeFixture);
vaultKvSuite("vault-kv on the fake", openFakeFixture);
