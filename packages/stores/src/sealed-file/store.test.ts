import { storeSuite } from "../store.suite.ts";
import { openSealedFixture } from "./store.fixture.ts";

storeSuite("sealed-file", openSealedFixture);
