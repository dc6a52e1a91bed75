"""Images that items name, from the folder of the project or of its data and nowhere else."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import FileResponse

from wsal.web.access import Person, allow
from wsal.web.bench import Bench, bench_of

__all__ = ["image_of", "router"]

router = APIRouter(tags=["label"])

_KINDS: Final = (".png", ".jpg", ".jpeg", ".gif", ".webp")


@router.get("/api/image", response_class=FileResponse, responses={404: {}})
def image(
    request: Request,
    person: Annotated[Person, allow("label", "read")],
    path: Annotated[str, Query(max_length=500)],
) -> FileResponse:
    """Send an image that an item names."""
    del person
    found = image_of(path, bench_of(request))
    if found is None:
        raise HTTPException(404, "there is no such image")
    return FileResponse(found, media_type=mimetypes.guess_type(found.name)[0] or "image/png")


def image_of(path: str, bench: Bench) -> Path | None:
    """Find an image below the project's folder or that of its data; None where it is elsewhere or none."""
    if not path.lower().endswith(_KINDS):
        return None
    config = bench.desk.project.config
    for folder in (config.folder, config.data_path.parent):
        root = folder.resolve()
        try:
            found = (root / path).resolve()
            inside = found.is_relative_to(root) and ".wsal" not in found.relative_to(root).parts
            if inside and found.is_file():
                return found
        except (OSError, ValueError):  # a name too long, or with a zero byte
            return None
    return None
