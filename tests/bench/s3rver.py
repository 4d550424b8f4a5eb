"""s3rver, an S3 emulator in Node.js, which is measured where npm is.

It is the release that the tests of the storage in S3 use, with the dependencies that their lock
file names.
"""

import shutil
import subprocess
from functools import lru_cache

from tests.bench.subjects import STORE, AbsentError, Place, Running, Subject
from tests.engines.s3 import NODE_DIRECTORY, has_s3rver, s3rver_command

INSTALL_SECONDS = 300.0


class S3rver(Subject):
    """s3rver, path style. It serves requests without a signature."""

    prefix = f"/{STORE}/"
    put_status = 200

    def require(self) -> None:
        """Install it, unless it is there. Raises `AbsentError`."""
        if why := _why_absent():
            raise AbsentError(why)

    def command(self, place: Place) -> list[str]:
        return list(s3rver_command(place.port, place.ready_file.parent / "buckets"))

    def prepare(self, running: Running) -> None:
        running.request("PUT", f"/{STORE}")


@lru_cache(maxsize=1)
def _why_absent() -> str:
    """Try to install s3rver, once; return what went wrong, or nothing."""
    if has_s3rver():
        return ""
    npm = shutil.which("npm")
    if npm is None:
        return "needs npm"
    command = [npm, "ci", "--loglevel=error"]
    try:
        done = subprocess.run(
            command,
            cwd=NODE_DIRECTORY,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"npm did not install it: {error}"
    if done.returncode or not has_s3rver():
        lines = done.stderr.strip().splitlines()
        return f"npm did not install it: {lines[0] if lines else 'it did not say why'}"
    return ""


S3RVER = S3rver("s3rver", "s3rver")
