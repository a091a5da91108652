/** Five processes, two replicas of each, and the tools beside them. */
export const postgresSettings = {
  max_connections: "300",
  // A statement that fails may hold a password.
  log_min_error_statement: "panic",
} as const;

export const passwordFileName = "password";
