"""The access that each operation needs, as a table to compare with D18."""

from __future__ import annotations

from emulator.core.permission_set import Access

GET_OBJECT = Access("store", "read")
PUT_OBJECT = Access("store", "write")
DELETE_OBJECT = Access("store", "write")
DESCRIBE_STORE = Access("resource_management", "read")
LIST_STORES = Access("resource_management", "list")
CHANGE_STORE = Access("resource_management", "write")
DESCRIBE_CLUSTER = Access("resource_management", "read")
LIST_CLUSTERS = Access("resource_management", "list")
CHANGE_CLUSTER = Access("resource_management", "write")
LIST_CREDENTIALS = Access("auth_management", "list")
CHANGE_CREDENTIALS = Access("auth_management", "write")
LIST_MEMBERS = Access("account_management", "list")
