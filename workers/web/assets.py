"""Style sheets, scripts and pictures: each under an address that has its digest, so that browsers keep it for ever.

Our own lie in ``static/``; what npm brings is put by `make assets` into ``static/vendor/``, and pages do without it
where it is not there.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

FOLDER: Final = Path(__file__).parent / "static"
FOR_EVER: Final = "public, max-age=31536000, immutable"


@lru_cache(maxsize=256)
def address(name: str) -> str | None:
    """Where a page finds the asset of this name; None where it is not installed."""
    file = FOLDER / name
    if not file.is_file():
        return None
    return f"/static/{hashlib.sha256(file.read_bytes()).hexdigest()[:16]}/{name}"


def answer(digest: str, name: str) -> Response:
    """The file, where the address is the one a page would give. Raises HTTPException 404."""
    if ".." in Path(name).parts or address(name) != f"/static/{digest}/{name}":
        raise HTTPException(404)
    return FileResponse(FOLDER / name, headers={"Cache-Control": FOR_EVER})
