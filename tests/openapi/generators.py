"""Generators of clients, and compilers of what they write."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support import leash
from tests.support.environment import ROOT
from tests.support.programs import require

SECONDS = 300.0
"""The longest that one step may take. The first time, Go compiles its library too."""

HERE = ROOT / "tests" / "openapi"
NODE_MODULES = HERE / "node" / "node_modules"

_OFFLINE = {
    "GOTOOLCHAIN": "local",
    "GOPROXY": "off",
    "GOFLAGS": "",
    "CGO_ENABLED": "0",
}


_TOO_OLD = ("GOTOOLCHAIN=local", "invalid go version")
"""What a Go says that is older than `go.mod` takes: from 1.21 on, and before."""

_BRIEF = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""What makes a Java program start fast that runs for seconds."""

_SOURCES_ALONE = (
    "apis,models,supportingFiles,apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"
)
"""Parts of a client that the generator is to write."""


def run(directory: Path, *command: str, variables: Mapping[str, str] | None = None) -> str:
    """Run a step in the directory, and return what it printed."""
    ended: subprocess.CompletedProcess[str] = subprocess.run(
        command,
        cwd=directory,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=SECONDS,
        env={**os.environ, **(variables or {})},
        **leash.leashed(),
    )
    assert ended.returncode == 0, f"{ended.stdout[-4000:]}\n{ended.stderr[-4000:]}"
    return ended.stdout


def typescript(directory: Path, documents: Mapping[str, Path]) -> None:
    """Generate the types of each document, and compile a program that uses them."""
    require("node", "install it, with npm")
    if not (NODE_MODULES / "openapi-typescript").is_dir():
        pytest.skip(
            "openapi-typescript is not installed: run `make test-all`, or `npm ci` in "
            "tests/openapi/node"
        )
    (directory / "node_modules").symlink_to(NODE_MODULES)
    (directory / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    shutil.copy(HERE / "node" / "client.ts", directory)
    for name, document in documents.items():
        generator = NODE_MODULES / "openapi-typescript" / "bin" / "cli.js"
        run(directory, "node", str(generator), str(document), "-o", f"{name}.ts")
    compiler = NODE_MODULES / "typescript" / "bin" / "tsc"
    options = ("--strict", "--target", "es2022", "--module", "es2022")
    found = ("--moduleResolution", "bundler", "--skipLibCheck")
    run(directory, "node", str(compiler), *options, *found, "client.ts")


def go(directory: Path, documents: Mapping[str, Path]) -> None:
    """Generate a package for each document, and compile it."""
    require("go", "run `make services`")
    for file in ("go.mod", "go.sum", "tools.go"):
        shutil.copy(HERE / "go" / file, directory)
    generator = directory / "oapi-codegen"
    package = "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
    try:
        run(directory, "go", "build", "-o", str(generator), package, variables=_OFFLINE)
    except AssertionError as error:
        if any(sign in str(error) for sign in _TOO_OLD):
            pytest.skip("this Go is too old: tests/openapi/go/go.mod says which it takes")
        if "GOPROXY=off" in str(error):
            pytest.skip(
                "oapi-codegen is not here: run `make test-all`, or `go mod download` in "
                "tests/openapi/go"
            )
        raise
    for name, document in documents.items():
        (directory / name).mkdir()
        written = ("-package", name, "-generate", "types,client", "-o", f"{name}/client.go")
        run(directory, str(generator), *written, str(document))
    run(directory, "go", "build", *(f"./{name}" for name in documents), variables=_OFFLINE)


def java(directory: Path, documents: Mapping[str, Path]) -> None:
    """Generate a package for each document, and compile it against the libraries that the generator
    itself comes with."""
    require("javac", "run `make services`")
    found = importlib.util.find_spec("openapi_generator_cli")
    if found is None or found.origin is None:
        pytest.skip("openapi-generator-cli is not installed: run `make test-all`")
    jar = str(Path(found.origin).parent / "openapi-generator.jar")
    for name, document in documents.items():
        written = directory / name
        options = "hideGenerationTimestamp=true,openApiNullable=false"
        run(
            directory,
            *("java", *_BRIEF, "-jar", jar, "generate", "-g", "java", "--library", "native"),
            *("--global-property", _SOURCES_ALONE),
            *("-i", str(document), "-o", str(written), "--additional-properties", options),
        )
        sources = [str(each) for each in (written / "src" / "main").rglob("*.java")]
        assert sources
        sources.append(str(HERE / "java" / "Generated.java"))
        flags = [f"-J{each}" for each in _BRIEF]
        run(
            directory,
            "javac",
            *flags,
            "-proc:none",
            "-nowarn",
            "-cp",
            jar,
            "-d",
            f"{name}-classes",
            *sources,
        )
