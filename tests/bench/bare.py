"""The yardstick: aiohttp with one GET route and one PUT route over a dict, and nothing else."""

import argparse

from aiohttp import web


def bare_application() -> web.Application:
    objects: dict[str, bytes] = {}

    async def get(request: web.Request) -> web.Response:
        body = objects.get(request.match_info["key"])
        if body is None:
            raise web.HTTPNotFound
        return web.Response(body=body, content_type="application/octet-stream")

    async def put(request: web.Request) -> web.Response:
        objects[request.match_info["key"]] = await request.read()
        return web.Response(status=204)

    app = web.Application(client_max_size=1 << 30)
    app.router.add_get("/objects/{key}", get)
    app.router.add_put("/objects/{key}", put)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    web.run_app(
        bare_application(),
        host="127.0.0.1",
        port=parser.parse_args().port,
        access_log=None,
        print=None,
    )
