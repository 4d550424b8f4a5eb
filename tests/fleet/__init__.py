"""Several emulators over one S3, one Valkey and one account: one service."""
