# Puts an object and gets it, as code for production does; prints both statuses and the object.
set -eu
url=https://api.cache.cell-4-us-west-2-1.prod.a.momentohq.com/objectstore/web-assets/greeting.txt
curl -sS -q -H "Authorization: $MOMENTO_API_KEY" -X PUT --data-binary "$1" -w '%{http_code}\n' "$url"
curl -sS -q -H "Authorization: $MOMENTO_API_KEY" -w '\n%{http_code}\n' "$url"
