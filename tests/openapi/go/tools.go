//go:build tools

// Package clients names the modules that generating a client and compiling it need.
package clients

import (
	_ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
	_ "github.com/oapi-codegen/runtime"
)
