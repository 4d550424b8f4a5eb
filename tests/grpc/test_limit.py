"""The account's limit on operations on credentials counts calls of gRPC too."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.emulators import client

from .calls import Sdk, refusal

LIMITED = ("RESOURCE_EXHAUSTED", "Request rate exceeded.")


@pytest.mark.proves("D145")
def test_five_operations_a_second_of_whatever_protocol(tmp_path: Path) -> None:
    with (
        Emulator(
            cache="memory",
            proxy=True,
            ca_dir=tmp_path / "ca",
            api_revision="2026-08-12",
            stop_timeout=1,
        ) as emulator,
        Sdk(emulator) as sdk,
    ):
        emulator.clock.freeze("2026-08-12T00:00:00Z")
        made = sdk.generate()
        sdk.refresh(made.api_key, made.refresh_token)
        sdk.dispose()
        assert refusal(lambda: sdk.dispose(seconds=0))[0] == "INVALID_ARGUMENT"
        assert client(emulator).call("GET", "/api-keys").status == 200

        assert refusal(sdk.dispose) == LIMITED
        assert refusal(sdk.generate) == LIMITED
        assert refusal(lambda: sdk.refresh(made.api_key, made.refresh_token)) == LIMITED
        assert refusal(lambda: sdk.dispose([]))[0] == "UNAUTHENTICATED"
        emulator.clock.advance(1)
        assert sdk.dispose().api_key
