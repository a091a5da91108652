/** What is installed and started. Kafka's stands in kafka/pom.xml too, Vault's in vault/go.mod; a test compares. */
export const versions = {
  kafka: "4.3.1",
  vault: "1.21.2",
  postgres: "18",
  gitleaks: "8.30.1",
} as const;

/** The oldest that is good enough where one is already on the machine. */
export const oldestFitting = { java: 17, redis: [7, 0], vault: [1, 21] } as const;

/** The images' of infra/compose.yaml; a test compares. */
export const composeVersion = {
  kafka: versions.kafka,
  redis: "7.2.4",
  vault: versions.vault,
  postgres: versions.postgres,
  target: versions.postgres,
} as const;
