"""Puts an object and gets it, as code for production does; prints it and both statuses."""

import os
import sys

import httpx

URL = (
    "https://api.cache.cell-4-us-west-2-1.prod.a.momentohq.com/objectstore/web-assets/greeting.txt"
)
HEADERS = {"Authorization": os.environ["MOMENTO_API_KEY"]}

with httpx.Client(headers=HEADERS, timeout=20) as client:
    stored = client.put(URL, content=sys.argv[1].encode())
    found = client.get(URL)
print(stored.status_code, found.text, found.status_code, sep="\n")
