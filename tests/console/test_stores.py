"""The page Stores and objects: the stores, how one is created, changed and deleted."""

from __future__ import annotations

from tests.support.emulators import client, control

from .browser import IN_BROWSER, expect
from .objects import LATEST, create_store, open_store, telemetry
from .pages import Console

pytestmark = IN_BROWSER

OPTIONS = LATEST


async def test_a_store_is_listed_with_its_configuration_and_number_of_objects(
    console: Console,
) -> None:
    owner = create_store(console.emulator, **telemetry("/logs/media"))
    owner.put("media", "a", b"1")
    owner.put("media", "b", b"2")
    await console.open("objects")
    row = console.page.get_by_role("row").filter(has_text="media")
    await expect(row).to_contain_text("bucket-of-media")
    await expect(row).to_contain_text("cluster-of-media")
    await expect(row).to_contain_text("1,000,000,000 reads")
    await expect(row).to_contain_text("access logs")
    await expect(row).to_contain_text("metrics")
    await expect(row.get_by_role("cell").nth(1)).to_have_text("2")


async def test_a_store_that_a_client_creates_appears(console: Console) -> None:
    await console.open("objects")
    await expect(console.page.get_by_text("No stores yet")).to_be_visible()
    create_store(console.emulator)
    await expect(console.page.get_by_role("link", name="media", exact=True)).to_be_visible()


async def test_stores_are_found_by_typing(console: Console) -> None:
    create_store(console.emulator, "media")
    create_store(console.emulator, "assets")
    await console.open("objects")
    await console.page.keyboard.press("/")
    await console.page.keyboard.type("bucket-of-as")
    await expect(console.page.get_by_role("link", name="assets", exact=True)).to_be_visible()
    await expect(console.page.get_by_role("link", name="media", exact=True)).to_have_count(0)
    await console.page.keyboard.type("?")
    await expect(console.page.get_by_text("No store has that text")).to_be_visible()


async def test_a_store_needs_only_a_name(console: Console) -> None:
    await console.open("objects")
    await console.button("Create store").click()
    await console.dialog.get_by_label("Name").fill("quick")
    await console.dialog.get_by_role("button", name="Create store").click()
    await expect(console.toast("Created the store quick")).to_be_visible()
    await expect(console.page.get_by_role("link", name="quick", exact=True)).to_be_visible()
    assert client(console.emulator).put("quick", "key", b"works").status == 204


async def test_a_store_is_created_as_it_is_filled_in(console: Console) -> None:
    create_store(console.emulator)  # Whose cluster can be chosen.
    await console.open("objects")
    await console.button("Create store").click()
    for label, text in {
        "Name": "full",
        "Bucket": "my-bucket",
        "Prefix in the bucket": "teams/blue",
        "Valkey cluster": "cluster-of-media",
        "Reads a second": "7",
    }.items():
        await console.dialog.get_by_label(label, exact=True).fill(text)
    await console.dialog.get_by_label("Access logging").check()
    await console.dialog.get_by_label("Log group").fill("/logs/full")
    await console.dialog.get_by_role("button", name="Create store").click()
    await expect(console.toast("Created the store full")).to_be_visible()
    made = client(console.emulator).describe_store("full").json()
    assert made["storage_config"]["s3"]["bucket_name"] == "my-bucket"
    assert made["storage_config"]["s3"]["prefix"] == "teams/blue"
    assert made["cache_config"]["valkey_cluster"]["cluster_name"] == "cluster-of-media"
    assert made["object_store_limits"]["read_operations_per_second"] == 7
    assert made["access_logging_config"]["cloudwatch"]["log_group_name"] == "/logs/full"
    assert "metrics_config" not in made


async def test_what_the_service_refuses_is_said_in_the_dialog(console: Console) -> None:
    console.allow("400")
    await console.open("objects")
    await console.button("Create store").click()
    await console.dialog.get_by_label("Name").fill("bad")
    await console.dialog.get_by_label("Storage role").fill("nobody")
    await console.dialog.get_by_role("button", name="Create store").click()
    await expect(console.dialog.get_by_role("alert")).to_contain_text("iam_role_arn")
    assert client(console.emulator).store_names() == []


async def test_a_configuration_is_changed_and_delivery_ends_when_it_is_unchecked(
    console: Console,
) -> None:
    create_store(console.emulator, **telemetry("/logs/media"))
    await open_store(console)
    await console.button("Configuration").click()
    await expect(console.dialog.get_by_label("Bucket", exact=True)).to_have_value("bucket-of-media")
    await expect(console.dialog.get_by_label("Bucket", exact=True)).not_to_be_editable()
    await console.dialog.get_by_label("Writes a second").fill("12")
    await console.dialog.get_by_label("Access logging").uncheck()
    await console.dialog.get_by_role("button", name="Save").click()
    await expect(console.toast("Saved the configuration of media")).to_be_visible()
    changed = client(console.emulator).describe_store("media").json()
    assert changed["object_store_limits"]["write_operations_per_second"] == 12
    assert "access_logging_config" not in changed
    assert "metrics_config" in changed


async def test_a_deleted_store_comes_back_by_undo(console: Console) -> None:
    owner = create_store(console.emulator)
    owner.put("media", "key", b"kept")
    await open_store(console)
    await console.button("Delete store").click()
    await console.dialog.get_by_role("button", name="Delete store").click()
    await expect(console.toast("Deleted the store media")).to_be_visible()
    await expect(console.heading("Stores and objects")).to_be_visible()
    assert owner.store_names() == []
    await console.button("Undo").click()
    await expect(console.page.get_by_role("link", name="media", exact=True)).to_be_visible()
    assert owner.get("media", "key").body == b"kept"


async def test_deleting_a_store_can_be_called_off(console: Console) -> None:
    owner = create_store(console.emulator)
    await open_store(console)
    await console.button("Delete store").click()
    await console.dialog.get_by_role("button", name="Cancel").click()
    await expect(console.dialog).to_have_count(0)
    assert owner.store_names() == ["media"]
    assert control(console.emulator, "GET", "/checkpoints").json() == {"checkpoints": []}


async def test_emptying_the_cache_leaves_storage(console: Console) -> None:
    owner = create_store(console.emulator)
    owner.put("media", "key", b"kept")
    await open_store(console)
    await expect(console.row("key")).to_contain_text("cache")
    await console.button("Empty the cache").click()
    await console.dialog.get_by_role("button", name="Empty the cache").click()
    await expect(console.toast("is empty")).to_be_visible()
    await expect(console.row("key").locator(".badge")).to_have_text(["storage"])
    await console.button("Undo").click()
    await expect(console.row("key").locator(".badge")).to_have_text(["cache", "storage"])
