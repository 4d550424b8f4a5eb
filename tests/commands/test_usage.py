"""Commands that are not quite right: each is told, in one line, what would be."""

from __future__ import annotations

import pytest

from emulator import Emulator
from emulator.commands import COMMANDS
from tests.support.command_line import Run


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("key create", "keys create"),
        ("key", "keys"),
        ("role list", "roles list"),
        ("token create", "tokens create"),
        ("api-keys list", "keys list"),
        ("keys add", "keys create"),
        ("keys new", "keys create"),
        ("keys ls", "keys list"),
        ("keys crate", "keys create"),
        ("keys delete x", "keys revoke"),
        ("keys rm x", "keys revoke"),
        ("keys Create", "keys create"),
        ("roles revoke x", "roles delete"),
        ("roles remove x", "roles delete"),
        ("tokens new", "tokens create"),
        ("revoke x", "keys revoke"),
        ("delete x", "roles delete, stores delete or clusters delete"),
        (
            "list",
            "keys list, roles list, faults list, logs list, tiers list, stores list or "
            "clusters list",
        ),
        ("server", "serve"),
        ("start", "serve"),
        ("fault add", "faults add"),
        ("faults delete x", "faults remove"),
        ("faults create x", "faults add"),
        ("faults show", "faults list"),
        ("faults reset", "faults clear"),
        ("journal list", "journal show"),
        ("journal verify", "journal assert"),
        ("journal dump", "journal export"),
        ("journals", "journal"),
        ("log show x", "logs show"),
        ("logs ls", "logs list"),
        ("logs dump x", "logs export"),
        ("logs reset", "logs clear"),
        ("metric show", "metrics show"),
        ("metrics list", "metrics show"),
        ("metrics reset", "metrics clear"),
        ("state save x", "state checkpoint"),
        ("state remove x", "state drop"),
        ("state list", "state checkpoints"),
        ("state load x", "state import"),
        ("state revert x", "state restore"),
        ("state clear", "state reset"),
        ("states", "state"),
        ("tier list x", "tiers list"),
        ("tiers add x", "tiers put"),
        ("tiers remove x", "tiers drop"),
        ("tiers count", "tiers counts"),
        ("tiers clear", "tiers flush"),
        ("reset", "state reset"),
        ("export", "journal export, logs export or state export"),
        ("clock get", "clock show"),
    ],
)
def test_a_command_that_is_nearly_one_is_suggested(owner: Run, words: str, meant: str) -> None:
    owner(*words.split()).misused("unknown command", f"did you mean {meant}?", "--help")


def test_a_command_like_no_other_is_told_the_known_ones(owner: Run) -> None:
    owner("xyzzy").misused("'xyzzy'", *COMMANDS, "--help")
    owner("keys", "xyzzy").misused("'keys xyzzy'", "create, list and revoke", "keys --help")


def test_a_token_cannot_be_revoked(owner: Run) -> None:
    owner("tokens", "revoke", "x").misused("cannot be revoked", "expire")


@pytest.mark.parametrize("group", COMMANDS)
def test_half_a_command_is_told_the_other_half(owner: Run, group: str) -> None:
    owner(group).misused(f"{group} needs a command", *COMMANDS[group], f"{group} --help")


def test_options_come_after_the_command(owner: Run) -> None:
    owner("keys", "--json", "list").misused("must follow keys, before the options", "list")
    owner("--endpoint", "x", "keys", "list").misused("--endpoint", "comes after")
    owner("--json", "keys", "list").misused("--json", "comes after")
    owner("--port", "0", "keys", "list").misused("keys comes before its options")


def test_a_key_needs_a_role(owner: Run) -> None:
    line = owner("keys", "create").misused("--role is missing", "viewer, operator, owner")

    assert "custom role" in line


def test_a_role_needs_a_name_and_a_permission_set(owner: Run) -> None:
    owner("roles", "create").misused("--name is missing")
    owner("roles", "create", "--name", "x").misused("--permissions is missing", "stdin")


@pytest.mark.parametrize("words", ["keys revoke", "roles delete"])
def test_an_id_is_needed(owner: Run, words: str) -> None:
    group = words.split()[0]

    owner(*words.split()).misused("ID is missing", f"{group} list")
    owner(*words.split(), "").misused("ID", "empty")
    owner(*words.split(), "a", "b").misused("'b'", "too many")


@pytest.mark.parametrize(
    "duration", ["", "soon", "2 weeks", "1y", "1H", "1.5h", "1h30m", "h", "+1h", "٣h", "1" * 13]
)
def test_a_wrong_duration_is_told_the_right_form(owner: Run, duration: str) -> None:
    ended = owner("keys", "create", "--role", "viewer", "--expires-in", duration)

    ended.misused("--expires-in", repr(duration), "90s, 15m, 1h or 7d")


@pytest.mark.parametrize("duration", ["0", "0s", "00h"])
def test_no_time_at_all_is_no_duration(owner: Run, duration: str) -> None:
    ended = owner("keys", "create", "--role", "viewer", "--expires-in", duration)

    ended.misused("--expires-in", "at least 1s")


def test_an_option_that_is_nearly_one_is_suggested(owner: Run) -> None:
    owner("keys", "create", "--rol", "viewer").misused("--rol:", "did you mean --role?")
    owner("keys", "list", "--endpiont=x").misused("--endpiont:", "did you mean --endpoint?")
    owner("roles", "list", "--type", "sytem").misused("'sytem'", "did you mean system?")


def test_an_option_without_its_value_or_with_one_too_many(owner: Run) -> None:
    owner("keys", "create", "--role").misused("--role: it needs a value")
    owner("keys", "list", "--json=yes").misused("--json: it takes no value")


@pytest.mark.parametrize(
    "words",
    [
        "keys list --api-key {}",
        "keys list --api-key={}",
        "keys list {}",
        "keys {}",
        "{}",
        "{} list",
        "keys create --role {}",
        "keys create --role viewer --expires-in {}",
        "keys list --endpoint {}",
        "keys list --endpoint http://x:{}@127.0.0.1",
        "roles list --type {}",
        "roles delete {}",
        "roles create --name x --permissions {}",
        "tokens create --expires-in 1h --store * --allow {}",
        "faults add {}",
        "faults add status {}",
        "faults add status status={}",
        "faults add status status=400 message={} --json",
        "faults add storage_down --key-id {}",
        "faults add storage_down --id {} --json",
        "faults remove {}",
        "journal show --where {}",
        "journal show --where {}=x",
        "journal assert --where key_id={}",
        "logs show {}",
        "logs export {}",
        "metrics show --store {}",
        "journal assert --where key_id={} --json",
        "state restore {}",
        "state checkpoint {} --json",
        "state import {}",
        "tiers list {}",
        "tiers flush {}",
        "--owner-key {}",
        "--port {}",
    ],
)
def test_a_key_in_the_wrong_place_is_never_repeated(
    owner: Run, emulator: Emulator, words: str
) -> None:
    key = emulator.create_api_key("viewer")

    ended = owner(*[word.format(key) for word in words.split()])

    assert ended.status in (0, 1, 2)
    assert len(ended.stderr.splitlines()) == min(ended.status, 1)
    assert key not in ended.stdout + ended.stderr


def test_a_key_is_no_option(owner: Run) -> None:
    owner("keys", "list", "--api-key", "x").misused("--api-key", "set MOMENTO_API_KEY instead")
