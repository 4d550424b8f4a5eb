"""``objects``: the objects of a store: one at a time, and whole folders of them (D164)."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, BinaryIO

from emulator.commands.bodies import Attributes, Objects, Place, blocks
from emulator.commands.client import (
    KEY_VARIABLE,
    TOKEN_VARIABLE,
    Client,
    Streamed,
    client_with_control_token,
)
from emulator.commands.command import Access, Command, Request
from emulator.commands.content_types import content_type, is_manifest
from emulator.commands.control import Answer, Handwritten, from_operation, quiet_list
from emulator.commands.errors import CommandError, RefusedError, UsageError
from emulator.commands.files import FILE, STREAM, written
from emulator.commands.folders import Folder, LocalFile, UnsafePathError, files_below
from emulator.commands.output import facts, instant_of_text, one_line, print_json, table
from emulator.commands.parser import Parser, assignments, duration, not_empty, one_of, whole_number
from emulator.commands.progress import Progress, size
from emulator.commands.tiers import is_filtered, more
from emulator.commands.transfers import Counter, GoneError, OddObjectError, Transfers
from emulator.config.values import file_path
from emulator.control.operations import BY_NAME

_PAGE = 1000
"""How many objects are listed at a time."""

_AT_ONCE, _ATTEMPTS = 8, 3

_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
"""Why no other file can be written either."""

_ACCESS = Access(
    client_with_control_token,
    f"""\
With an API key in {KEY_VARIABLE} the request is that key's: its role, the limits of the store and
fault rules apply, and the journal has it. Without one it goes past all of these, to the control
API; an emulator that was started with --control-token then needs the same token in
{TOKEN_VARIABLE}.""",
)


def _place(text: str) -> Place:
    store, _, key = text.partition("/")
    if not store or not key:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a store and a key, as in media/live/1.ts; it comes first"
        )
    return Place(store, key)


def _folder(text: str) -> Place:
    store, _, prefix = text.partition("/")
    if not store:
        raise argparse.ArgumentTypeError(f"{text!r} does not begin with the name of a store")
    return Place(store, prefix if not prefix or prefix.endswith("/") else f"{prefix}/")


def _define_place(parser: Parser) -> None:
    parser.add_argument(
        "place", type=_place, metavar="STORE/KEY", help="the object, as in media/live/1.ts"
    )


def _define_tier(parser: Parser) -> None:
    parser.add_argument(
        "--tier",
        type=one_of("storage", "cache"),
        metavar="storage|cache",
        help=f"as this tier has it (default: storage, else the cache); without {KEY_VARIABLE}",
    )


def _define_attributes(parser: Parser, *, one: bool) -> None:
    parser.add_argument(
        "--ttl",
        type=duration,
        metavar="DURATION",
        help="time to live, as in 90s, 15m, 1h or 7d (default: none, it does not expire)",
    )
    parser.add_argument(
        "--metadata",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="metadata, as in etag=1; may be given several times",
    )
    parser.add_argument(
        "--cache-control", metavar="VALUE", help="metadata cache-control, as in max-age=2"
    )
    parser.add_argument(
        "--tag",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a tag, as in team=video; may be given several times",
    )
    if one:
        parser.add_argument(
            "--content-type",
            metavar="TYPE",
            help="metadata content-type (default: by the end of the key)",
        )


def _attributes(arguments: argparse.Namespace) -> Attributes:
    metadata = assignments(arguments.metadata, "--metadata", "--metadata etag=1")
    for name in ("cache_control", "content_type"):
        value = getattr(arguments, name, None)
        if value is not None:
            metadata[name.replace("_", "-")] = value
    tags = assignments(arguments.tag, "--tag", "--tag team=video")
    attributes = Attributes(metadata, tags, arguments.ttl)
    attributes.headers("")  # What cannot be sent is refused before anything is.
    return attributes


def _define_transfer(parser: Parser) -> None:
    parser.add_argument(
        "--at-once",
        type=whole_number(1),
        default=_AT_ONCE,
        metavar="N",
        help=f"how many are transferred at a time ({_AT_ONCE})",
    )
    parser.add_argument(
        "--attempts",
        type=whole_number(1),
        default=_ATTEMPTS,
        metavar="N",
        help=f"how often one is tried after 429, 5xx and broken connections ({_ATTEMPTS})",
    )


def _define_put(parser: Parser) -> None:
    _define_place(parser)
    parser.add_argument(
        "file", type=not_empty, metavar="FILE|-", help="file with the body, or - for stdin"
    )
    _define_attributes(parser, one=True)


def _prepare_put(arguments: argparse.Namespace) -> Request:
    place: Place = arguments.place
    attributes = _attributes(arguments)
    kind = attributes.metadata.get("content-type") or content_type(place.key)

    def put(client: Client) -> None:
        with _opened(arguments.file) as (file, length):
            progress = Progress(length, hidden=arguments.quiet or arguments.json)
            with contextlib.closing(progress):
                body = blocks(file, length, progress.advance)
                Objects(client).put(place, body, length, kind, attributes)
        if arguments.json:
            named = {"store": place.store, "key": place.key}
            print_json({**named, "size": progress.sent, "content_type": kind})
        elif not arguments.quiet:
            print(one_line(f"Put {place}: {size(progress.sent)}, {kind}."))

    return put


@contextlib.contextmanager
def _opened(name: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """Open a file to read; give it with its length, None if that is not known."""
    if name == STREAM:
        if sys.stdin is None:
            raise UsageError(f"{FILE}: stdin is closed; give a file, or use a pipe")
        yield sys.stdin.buffer, None
        return
    try:
        file = file_path(name).open("rb")
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"{FILE}: cannot read {name!r}: {cause}; give a file, or {STREAM} for stdin"
        ) from None
    with file:
        found = os.fstat(file.fileno())
        yield file, found.st_size if stat.S_ISREG(found.st_mode) else None


def _define_get(parser: Parser) -> None:
    _define_place(parser)
    parser.add_argument(
        "file",
        nargs="?",
        type=not_empty,
        default=STREAM,
        metavar=FILE,
        help="the file to write or overwrite (default: stdout)",
    )
    _define_tier(parser)


def _prepare_get(arguments: argparse.Namespace) -> Request:
    place: Place = arguments.place
    to_stdout = arguments.file == STREAM
    if to_stdout and arguments.json:
        raise UsageError("--json requires a FILE: stdout is for the body; see objects get --help")

    def get(client: Client) -> None:
        with Objects(client).get(place, arguments.tier) as answer:
            hidden = to_stdout or arguments.quiet or arguments.json
            progress = Progress(answer.size, hidden=hidden)
            with contextlib.closing(progress), written(arguments.file, FILE) as write:
                for piece in answer.pieces():
                    write(piece)
                    progress.advance(len(piece))
        if arguments.json:
            print_json({"store": place.store, "key": place.key, "size": progress.sent})
        elif not to_stdout and not arguments.quiet:
            print(one_line(f"Wrote {place} to {arguments.file}: {size(progress.sent)}."))

    return get


def _define_head(parser: Parser) -> None:
    _define_place(parser)
    _define_tier(parser)


def _prepare_head(arguments: argparse.Namespace) -> Request:
    place: Place = arguments.place

    def head(client: Client) -> None:
        length, headers = Objects(client).head(place, arguments.tier)
        if arguments.json:
            named = {"store": place.store, "key": place.key}
            print_json({**named, "size": length, "headers": headers})
        elif arguments.quiet:
            print(length)
        else:
            named = {"store": place.store, "key": place.key, "size": str(length)}
            print(facts({**named, **headers, **named}))

    return head


def _prepare_delete(arguments: argparse.Namespace) -> Request:
    place: Place = arguments.place

    def delete(client: Client) -> None:
        Objects(client).delete(place)
        if arguments.json:
            print_json({"store": place.store, "key": place.key})
        elif not arguments.quiet:
            print(one_line(f"Deleted {place}."))

    return delete


def _define_upload(parser: Parser) -> None:
    parser.add_argument("folder", type=not_empty, metavar="DIR", help="the folder to send")
    parser.add_argument(
        "place",
        type=_folder,
        metavar="STORE[/PREFIX]",
        help="the store, and the folder of its keys, as in media/live",
    )
    _define_attributes(parser, one=False)
    _define_transfer(parser)


def _prepare_upload(arguments: argparse.Namespace) -> Request:
    place: Place = arguments.place
    attributes = _attributes(arguments)
    folder = file_path(arguments.folder)
    if not folder.is_dir():
        raise UsageError(
            f"DIR: {arguments.folder!r} is no directory; it comes first, as in "
            "objects upload ./live media/live"
        )

    def upload(client: Client) -> None:
        objects = Objects(client)
        found = [file.size for file in files_below(folder, lambda *_: None)]
        with _transferring("sent", arguments, sum(found), len(found)) as transfers:

            def send(file: LocalFile, counter: Counter) -> None:
                key = f"{place.key}{file.name}"
                with _reading(file) as body:
                    content = blocks(body, file.size, counter)
                    kind = content_type(file.name)
                    objects.put(Place(place.store, key), content, file.size, kind, attributes)

            # A reader of a manifest must find all that it lists.
            for lists in (False, True):
                skipped = transfers.fail if lists else _ignore
                files = files_below(folder, skipped)
                chosen = (each for each in files if is_manifest(each.name) is lists)
                transfers.run(chosen, lambda file: file.name, send)
        _report(transfers, arguments, f"to {place}")

    return upload


def _ignore(*_: object) -> None:
    pass


@contextlib.contextmanager
def _reading(file: LocalFile) -> Iterator[BinaryIO]:
    try:
        opened = file.path.open("rb")
    except OSError as error:
        raise OddObjectError(f"the file cannot be read: {error.strerror}") from None
    with opened:
        yield opened


def _define_download(parser: Parser) -> None:
    parser.add_argument(
        "place",
        type=_folder,
        metavar="STORE[/PREFIX]",
        help="the store, and the folder of its keys, as in media/live",
    )
    parser.add_argument(
        "folder", type=not_empty, metavar="DIR", help="the folder to write, made if it is not there"
    )
    _define_transfer(parser)


def _prepare_download(arguments: argparse.Namespace) -> Request:
    place: Place = arguments.place

    def download(client: Client) -> None:
        objects = Objects(client)
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(_destination(arguments.folder))
            transfers = stack.enter_context(_transferring("received", arguments, None, 0))

            def receive(key: str, counter: Counter) -> None:
                with (
                    _if_there(objects, Place(place.store, key)) as answer,
                    _file_of(folder, key[len(place.key) :]) as file,
                ):
                    for piece in answer.pieces():
                        file.write(piece)
                        counter(len(piece))

            keys = (str(each["key"]) for each in objects.pages(place.store, place.key, _PAGE))
            transfers.run(keys, lambda key: key, receive)
        _report(transfers, arguments, f"from {place}")

    return download


@contextlib.contextmanager
def _if_there(objects: Objects, place: Place) -> Iterator[Streamed]:
    """Give an object that was listed, which may have expired or been deleted."""
    try:
        with objects.get(place) as answer:
            yield answer
    except RefusedError as error:
        if error.code == HTTPStatus.NOT_FOUND:
            raise GoneError(str(error)) from None
        raise


@contextlib.contextmanager
def _destination(name: str) -> Iterator[Folder]:
    try:
        folder = Folder(file_path(name))
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"DIR: cannot write below {name!r}: {cause}") from None
    with contextlib.closing(folder):
        yield folder


@contextlib.contextmanager
def _file_of(folder: Folder, name: str) -> Iterator[BinaryIO]:
    try:
        with folder.writing(name) as file:
            yield file
    except UnsafePathError as error:
        raise OddObjectError(str(error)) from None
    except OSError as error:
        kind = CommandError if error.errno in _OF_THE_DISK else OddObjectError
        raise kind(f"the file cannot be written: {error.strerror}") from None


@contextlib.contextmanager
def _transferring(
    verb: str, arguments: argparse.Namespace, total: int | None, files: int
) -> Iterator[Transfers]:
    progress = Progress(total, files, hidden=arguments.quiet or arguments.json)
    with contextlib.closing(progress):
        yield Transfers(verb, arguments.at_once, arguments.attempts, progress)


def _report(transfers: Transfers, arguments: argparse.Namespace, where: str) -> None:
    if arguments.json:
        print_json(transfers.document())
    elif not arguments.quiet:
        print(transfers.summary(where))
    transfers.require_success()


def _listed(answer: Answer) -> str:
    document = answer.document
    rows = [(folder, None, None, None, None, None) for folder in document.get("prefixes", [])]
    rows += map(_row, document["objects"])
    if not rows:
        return f"The store has no {'such ' if is_filtered(answer) else ''}objects."
    header = ("KEY", "SIZE", "TYPE", "CREATED", "EXPIRES", "TIERS")
    return table(header, rows) + more(answer)


def _row(placed: Mapping[str, Any]) -> tuple[Any, ...]:
    tiers = [name for name in ("storage", "cache") if placed.get(name)]
    entry = placed.get("storage") or placed.get("cache") or {}
    return (
        placed.get("key"),
        size(entry.get("size", 0)),
        entry.get("metadata", {}).get("content-type"),
        instant_of_text(entry.get("created_at")),
        instant_of_text(entry.get("expires_at")),
        "+".join(tiers),
    )


_LIST = Handwritten(
    _listed,
    examples="  python -m emulator objects list media --prefix live/ --limit 20",
    quiet=quiet_list("objects", "key", "the keys"),
)

COMMANDS: Mapping[str, Command] = {
    "list": from_operation(BY_NAME["tiers.list"], _LIST),
    "put": Command(
        _define_put,
        _prepare_put,
        "  python -m emulator objects put media/live/1.ts 1.ts --ttl 30s",
        _ACCESS,
    ),
    "get": Command(
        _define_get,
        _prepare_get,
        "  python -m emulator objects get media/live/index.m3u8\n"
        "  python -m emulator objects get media/live/1.ts 1.ts",
        _ACCESS,
        "the body alone, if it goes to stdout",
    ),
    "head": Command(
        _define_head,
        _prepare_head,
        "  python -m emulator objects head media/live/1.ts",
        _ACCESS,
        "the size in bytes alone",
    ),
    "delete": Command(
        _define_place,
        _prepare_delete,
        "  python -m emulator objects delete media/live/1.ts",
        _ACCESS,
    ),
    "upload": Command(
        _define_upload,
        _prepare_upload,
        "  python -m emulator objects upload ./live media/live --ttl 1h",
        _ACCESS,
    ),
    "download": Command(
        _define_download,
        _prepare_download,
        "  python -m emulator objects download media/live ./copy",
        _ACCESS,
    ),
}
