"""The page Keys and roles: keys that are made and revoked, what roles allow, members."""

from __future__ import annotations

from tests.support.client import Client
from tests.support.emulators import control, status_with

from .browser import IN_BROWSER, expect
from .objects import create_store
from .pages import Console

pytestmark = IN_BROWSER


async def _create(console: Console, role: str, **fields: str) -> str:
    """Create a key on the page, and return what it shows once."""
    await console.button("Create key").click()
    await console.dialog.get_by_label("Role").select_option(role)
    for label, value in fields.items():
        field = console.dialog.get_by_label(label)
        await (field.select_option(value) if label == "Expires" else field.fill(value))
    await console.dialog.get_by_role("button", name="Create key").click()
    await expect(console.dialog.get_by_role("heading")).to_have_text("The new API key")
    await console.button("Copy API key").click()
    key = await console.copied()
    await expect(console.dialog.locator(".secret")).to_have_text(key)
    await console.dialog.get_by_role("button", name="Done").click()
    await expect(console.dialog).to_have_count(0)
    return key


async def test_a_key_is_shown_once_and_works(console: Console) -> None:
    create_store(console.emulator)
    await console.open("keys")
    key = await _create(console, "Viewer", Description="for the page")
    row = console.page.get_by_role("row").filter(has_text="for the page")
    await expect(row).to_contain_text("Viewer")
    await expect(row).to_contain_text("never")
    assert key not in await console.page.content()
    viewer = Client(console.endpoint, key)
    assert viewer.list_stores().status == 200
    assert viewer.put("media", "key", b"x").status == 403


async def test_a_key_of_the_older_form_contains_an_endpoint(console: Console) -> None:
    await console.open("keys")
    await console.button("Create key").click()
    await console.dialog.get_by_label("In the older form").check()
    await console.dialog.get_by_role("button", name="Create key").click()
    await console.button("Copy API key").click()
    assert (await console.copied()).startswith("eyJlbmRwb2ludCI6")  # {"endpoint":
    assert status_with(console.emulator, await console.copied()) == 200


async def test_a_key_expires_on_the_emulators_clock(console: Console) -> None:
    console.emulator.clock.freeze()
    await console.open("keys")
    key = await _create(console, "Owner", Description="brief", Expires="in 1 hour")
    row = console.page.get_by_role("row").filter(has_text="brief")
    await expect(row.locator("mo-countdown")).to_have_text("1 h 00 min")
    assert status_with(console.emulator, key) == 200
    console.emulator.clock.advance(3601)
    await expect(row).to_have_count(0)
    assert status_with(console.emulator, key) == 401


async def test_a_revoked_key_is_refused_until_that_is_undone(console: Console) -> None:
    key = console.emulator.create_api_key("owner", description="mine")
    await console.open("keys")
    await console.button("Revoke mine").click()
    await console.dialog.get_by_role("button", name="Revoke").click()
    await expect(console.toast("Revoked mine")).to_be_visible()
    await expect(console.button("Revoke mine")).to_have_count(0)
    assert status_with(console.emulator, key) == 401
    await console.button("Undo").click()
    await expect(console.button("Revoke mine")).to_be_visible()
    assert status_with(console.emulator, key) == 200


async def test_a_key_that_another_client_makes_appears(console: Console) -> None:
    await console.open("keys")
    await expect(console.page.get_by_role("row")).to_have_count(4)
    console.emulator.create_api_key("viewer", description="by another")
    await expect(console.page.get_by_text("by another")).to_be_visible()


async def test_what_a_role_allows_is_a_table(console: Console) -> None:
    console.emulator.create_role(
        "Live reader",
        {
            "rules": [
                {
                    "type": "store",
                    "permissions": ["list", "read"],
                    "stores": {"name": "media"},
                    "items": {"key_prefix": "live/"},
                },
                {
                    "type": "topic",
                    "permissions": ["write"],
                    "caches": "*",
                    "topics": {"prefix": "t"},
                },
            ],
            "conditions": [{"ip_filter": {"allowed_cidr_ranges": ["127.0.0.0/8"]}}],
        },
        description="Reads what is live",
    )
    console.emulator.create_api_key("Live reader")
    await console.open("keys", "roles")
    role = console.page.locator(".role", has_text="Live reader")
    await expect(role).to_contain_text("Reads what is live")
    await expect(role).to_contain_text("1 key")
    await expect(role.locator("tbody tr")).to_have_text(
        [
            "Objects of storesreadliststores named media; keys below live/",
            "Topicswriteall caches; topics beginning with t",
        ]
    )
    await expect(role).to_contain_text("Only from 127.0.0.0/8")
    owner = console.page.locator(".role", has_text="Owner")
    await expect(owner).to_contain_text("everything")


async def test_a_member_is_invited_joins_changes_and_is_removed(console: Console) -> None:
    await console.open("keys", "members")
    await console.button("Invite").click()
    await console.dialog.get_by_label("User name").fill("new@example.com")
    await console.dialog.get_by_label("Role").select_option("Operator")
    await console.dialog.get_by_role("button", name="Invite").click()
    await console.button("Accept the invitation of new@example.com").click()
    await expect(console.toast("new@example.com is a member now")).to_be_visible()
    role = console.page.get_by_label("Role of new@example.com")
    await expect(role).to_have_value("operator")
    await role.select_option("Owner")
    await expect(console.toast("new@example.com is Owner now")).to_be_visible()
    members = control(console.emulator, "GET", "/members").json()["members"]
    assert [each["role_name"] for each in members] == ["Owner", "Owner"]
    await console.button("Remove new@example.com").click()
    await console.dialog.get_by_role("button", name="Remove").click()
    await expect(role).to_have_count(0)
    await console.button("Undo").click()
    await expect(role).to_have_value("owner")


async def test_an_invitation_is_revoked(console: Console) -> None:
    control(console.emulator, "POST", "/invitations", {"user_name": "new@example.com"})
    await console.open("keys", "members")
    await console.button("Revoke the invitation of new@example.com").click()
    await console.dialog.get_by_role("button", name="Revoke").click()
    await expect(console.page.get_by_text("No open invitations")).to_be_visible()
    assert control(console.emulator, "GET", "/invitations").json() == {"invitations": []}


async def test_the_last_owner_stays_one_and_the_page_says_why(console: Console) -> None:
    console.allow("412")
    await console.open("keys", "members")
    role = console.page.get_by_label("Role of owner@example.com")
    await role.select_option("Viewer")
    await expect(console.page.locator(".toast.error")).to_be_visible()
    await expect(role).to_have_value("owner")


async def test_tabs_lead_to_roles_and_members(console: Console) -> None:
    await console.open("keys")
    tabs = console.page.get_by_role("navigation", name="Keys and roles")
    await tabs.get_by_role("link", name="Roles").click()
    await expect(console.page.locator(".role")).to_have_count(3)
    await tabs.get_by_role("link", name="Members").click()
    await expect(console.page.get_by_role("heading", name="Invitations")).to_be_visible()
    await expect(tabs.get_by_role("link", name="Members")).to_have_attribute("aria-current", "page")
