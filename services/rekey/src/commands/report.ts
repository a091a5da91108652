import type { AddCommand } from "../context.ts";
import { addReportDeployment } from "./report-deployment.ts";
import { addReportExposure } from "./report-exposure.ts";
import { addReportOffboarding } from "./report-offboarding.ts";
import { addReportScan } from "./report-scan.ts";

/** What people and tools report. */
export const addReport: AddCommand = (parent, context) => {
  const group = parent
    .command("report")
    .description("a leak, a scanner's report, somebody leaving, a deployment");
  for (const add of [addReportExposure, addReportScan, addReportOffboarding, addReportDeployment])
    add(group, context);
};
