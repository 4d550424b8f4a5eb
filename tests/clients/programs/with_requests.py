"""Puts an object and gets it, as code for production does; prints it and both statuses."""

import os
import sys

import requests

URL = (
    "https://api.cache.cell-4-us-west-2-1.prod.a.momentohq.com/objectstore/web-assets/greeting.txt"
)
HEADERS = {"Authorization": os.environ["MOMENTO_API_KEY"]}

stored = requests.put(URL, sys.argv[1].encode(), headers=HEADERS, timeout=20)
found = requests.get(URL, headers=HEADERS, timeout=20)
print(stored.status_code, found.text, found.status_code, sep="\n")
