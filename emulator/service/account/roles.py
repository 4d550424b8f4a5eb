"""Custom roles: create, replace, and delete them."""

from __future__ import annotations

import unicodedata
from typing import Any, NamedTuple

from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.backends.account.base import (
    ROLE_NAMES,
    ROLES,
    AccountBackend,
    Change,
    ConflictError,
    NoRoomError,
    Room,
    Versioned,
    in_creation_order,
)
from emulator.core.documents import as_object, invalid, member, text
from emulator.core.errors import (
    AlreadyExistsError,
    BadRequestError,
    FailedPreconditionError,
    LimitExceededError,
    NotFoundError,
)
from emulator.core.model import Role, RoleName
from emulator.core.permission_set import PermissionSet, parse_permission_set
from emulator.core.private import new_id

# In characters (D50).
LONGEST_ROLE_NAME = 255
LONGEST_DESCRIPTION = 1024


class RoleDefinition(NamedTuple):
    """The definition of a role in a request; ``description`` is None if it was not given."""

    role_name: str
    permissions: PermissionSet
    description: str | None = None


def parse_definition(document: object) -> RoleDefinition:
    """Parse the body of a request that creates or replaces a role.

    Members that the reference does not name are ignored (D12), so that a role object from an answer
    can be sent back.

    Raises:
        BadRequestError: a member is missing or wrong. The message names it.
    """
    body = as_object(document, "request body")
    return RoleDefinition(
        _role_name(member(body, "role_name")),
        parse_permission_set(member(body, "permissions")),
        parse_description(body["description"]) if "description" in body else None,
    )


def _role_name(value: object) -> str:
    name = text(value, "role_name", longest=LONGEST_ROLE_NAME)
    if any(unicodedata.category(character) == "Cc" for character in name):
        invalid("role_name", "it contains a control character")
    return name


def parse_description(value: object) -> str:
    """Parse the description of a role or an API key, which may be empty.

    Raises:
        BadRequestError: it is not text, or longer than 1024 characters (D50).
    """
    return text(value, "description", may_be_empty=True, longest=LONGEST_DESCRIPTION)


def describe(role: Role) -> dict[str, Any]:
    """Return the role object of the Auth APIs."""
    description = {"description": role.description} if role.description else {}
    return {
        "role_id": role.role_id,
        "role_name": role.role_name,
        "role_type": "system" if role.role_id in SYSTEM_ROLES else "custom",
        **description,
        "permissions": role.permissions.document,
    }


def unknown_role(role_id: str) -> NotFoundError:
    """Return the error for a role that does not exist."""
    return NotFoundError(
        f"There is no role {role_id!r}; the system roles are {', '.join(SYSTEM_ROLES)}"
    )


class Roles:
    """The custom roles of the account. A name belongs to one role only, system roles included.

    Args:
        max_custom_roles: the most custom roles, or None for any number (D55).
    """

    def __init__(self, account: AccountBackend, *, max_custom_roles: int | None = None) -> None:
        self._account = account
        self._max_custom_roles = max_custom_roles

    async def custom(self) -> list[Versioned[Role]]:
        """List the custom roles in the order of their creation (D24)."""
        return in_creation_order(await self._account.entries(ROLES))

    async def find(self, role: str) -> Role:
        """Return the role with this id or, if there is none, with this name.

        Raises:
            NotFoundError: there is neither.
        """
        if role in SYSTEM_ROLES:
            return SYSTEM_ROLES[role]
        named = await self._account.get(ROLE_NAMES, role)
        for role_id in (role, named.record.role_id if named else role):
            found = await self._account.get(ROLES, role_id)
            if found is not None:
                return found.record
        for system_role in SYSTEM_ROLES.values():
            if role == system_role.role_name:
                return system_role
        raise unknown_role(role)

    async def create(self, definition: RoleDefinition, role_id: str | None = None) -> Role:
        """Create a role, by default with a generated id.

        Raises:
            AlreadyExistsError: another role has the name or the id.
            LimitExceededError: the account has the most custom roles that it may have.
        """
        name = definition.role_name
        if _is_system_name(name) or role_id in SYSTEM_ROLES:
            raise _name_taken(name)
        while True:
            role = Role(
                role_id or new_id(), name, definition.permissions, definition.description or ""
            )
            try:
                await self._add(role)
            except ConflictError:
                if role_id is None and await self._account.get(ROLE_NAMES, name) is None:
                    continue  # Only the id was taken.
                raise _name_taken(name) from None
            return role

    async def _add(self, role: Role) -> None:
        room = None if self._max_custom_roles is None else Room(ROLES, self._max_custom_roles)
        try:
            await self._account.commit(
                Change(ROLES, role.role_id, role, None),
                Change(ROLE_NAMES, role.role_name, RoleName(role.role_id), None),
                room=room,
            )
        except NoRoomError:
            raise LimitExceededError(
                f"Account limit exceeded: it may have at most {self._max_custom_roles} custom roles"
            ) from None

    async def put(self, definition: RoleDefinition, role_id: str | None = None) -> Role:
        """Create the custom role, or replace the one with this id or, without an id, this name.

        Raises:
            AlreadyExistsError: the name is a system role's, or a role of this name has another id.
            BadRequestError: the same, if the role to replace has another name (D46).
            LimitExceededError: the account has the most custom roles that it may have.
        """
        while True:
            named = await self._account.get(ROLE_NAMES, definition.role_name)
            known = role_id or (named.record.role_id if named else None)
            try:
                if known is not None and await self._account.get(ROLES, known) is not None:
                    return await self.replace(known, definition)
                return await self.create(definition, known)
            except (AlreadyExistsError, NotFoundError):
                # Another emulator may have created or deleted the role meanwhile: then try again.
                if await self._account.get(ROLE_NAMES, definition.role_name) == named:
                    raise

    async def require_custom(self, role_id: str) -> Versioned[Role]:
        """Return the custom role with this id.

        Raises:
            NotFoundError: there is none.
            FailedPreconditionError: it is a system role, which cannot be changed.
        """
        if role_id in SYSTEM_ROLES:
            name = SYSTEM_ROLES[role_id].role_name
            raise FailedPreconditionError(f"{name} is a system role: it cannot be changed")
        found = await self._account.get(ROLES, role_id)
        if found is None:
            raise unknown_role(role_id)
        return found

    async def replace(self, role_id: str, definition: RoleDefinition) -> Role:
        """Replace a role's name and permission set, and its description if one is given.

        Its keys have the new permissions from their next request on.

        Raises:
            NotFoundError: there is no such role.
            FailedPreconditionError: it is a system role.
            BadRequestError: another role has the name (D46).
        """
        while True:
            found = await self.require_custom(role_id)
            before = found.record
            role = Role(
                role_id,
                definition.role_name,
                definition.permissions,
                before.description if definition.description is None else definition.description,
            )
            changes: list[Change[Any]] = [Change(ROLES, role_id, role, found.version)]
            if role.role_name != before.role_name:
                changes.append(await self._reserve_name(role))
                changes += await self._release_name(before)
            try:
                await self._account.commit(*changes)
            except ConflictError:
                continue
            return role

    async def delete(self, role: Versioned[Role]) -> bool:
        """Delete a role; return False if it was changed, or got a key, since it was read.

        The caller must check between reading and deleting that nothing uses the role.
        """
        try:
            await self._account.commit(
                Change(ROLES, role.record.role_id, None, role.version),
                *await self._release_name(role.record),
            )
        except ConflictError:
            return False
        return True

    async def _reserve_name(self, role: Role) -> Change[RoleName]:
        taken = await self._account.get(ROLE_NAMES, role.role_name)
        by_another = taken is not None and taken.record.role_id != role.role_id
        if by_another or _is_system_name(role.role_name):
            raise BadRequestError(_name_taken(role.role_name).message)
        version = None if taken is None else taken.version
        return Change(ROLE_NAMES, role.role_name, RoleName(role.role_id), version)

    async def _release_name(self, role: Role) -> list[Change[Any]]:
        name = await self._account.get(ROLE_NAMES, role.role_name)
        if name is None or name.record.role_id != role.role_id:
            return []  # The role was renamed meanwhile: the change of its own record will conflict.
        return [Change(ROLE_NAMES, role.role_name, None, name.version)]


def _is_system_name(role_name: str) -> bool:
    """Whether the name looks like that of a system role, whose id is the name in lower case."""
    return role_name.strip().lower() in SYSTEM_ROLES


def _name_taken(role_name: str) -> AlreadyExistsError:
    return AlreadyExistsError(f"There is already a role named {role_name!r}")
