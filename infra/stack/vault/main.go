// Command vault is HashiCorp Vault, built from its published module and kept in a cache folder of this machine.
// Vault is under the Business Source License: it is started for development and tests, and never shipped.
package main

import (
	"os"

	"github.com/hashicorp/vault/command"
)

func main() {
	os.Exit(command.Run(os.Args[1:]))
}
