import { issuerContract } from "../issuer.suite.ts";
import { leastPrivilege, openClusterFixture } from "./cluster.fixture.ts";

issuerContract("postgres-role on PostgreSQL 18, as a role with CREATEROLE only", () =>
  openClusterFixture(leastPrivilege),
);

issuerContract("postgres-role on PostgreSQL 18, as a superuser", () =>
  openClusterFixture("superuser createrole"),
);
