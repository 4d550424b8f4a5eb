//go:build tools

// Package workflows names the module that checks the workflows of GitHub Actions.
package workflows

import (
	_ "github.com/rhysd/actionlint/cmd/actionlint"
)
