"""Files that are uploaded as evidence for disputes: https://docs.stripe.com/api/files"""

import base64
from typing import Any

from sandbox.store import Document
from sandbox.stripe import lists, views
from sandbox.stripe.errors import ApiError, missing_object
from sandbox.stripe.ids import new_id
from sandbox.stripe.work import Work

EVIDENCE = "dispute_evidence"
_LARGEST_EVIDENCE = 5_000_000
_KEPT_SECONDS = 225 * 24 * 3600
# What banks take as evidence, by how such a file begins.
_KINDS = {b"%PDF": "pdf", b"\x89PNG": "png", b"\xff\xd8\xff": "jpg"}


def create(work: Work) -> Document:
    params = work.params
    purpose, given = params["purpose"], params["file"]
    if purpose != EVIDENCE or "file_link_data" in params:
        raise ApiError(400, f"The sandbox takes files for the purpose {EVIDENCE} only, without links.", param="purpose")
    if not isinstance(given, dict) or not given.get("content"):
        raise ApiError(400, "Missing required param: file.", code="parameter_missing", param="file")
    content = base64.b64decode(given["content"])
    kind = next((kind for start, kind in _KINDS.items() if content.startswith(start)), None)
    if kind is None:
        raise ApiError(
            400,
            f"File for key file is of an unsupported type. It must be one of: {', '.join(_KINDS.values())}.",
            param="file",
            stored=True,
        )
    if len(content) > _LARGEST_EVIDENCE:
        raise ApiError(400, "File for key file exceeds size limit (5MB).", param="file", stored=True)
    file_id = new_id("file")
    file: Document = {
        "id": file_id,
        "object": "file",
        "created": work.now,
        "expires_at": work.now + _KEPT_SECONDS,
        "filename": given["filename"],
        "links": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/file_links?file={file_id}",
        },
        "purpose": purpose,
        "size": len(content),
        "title": None,
        "type": kind,
        "url": f"{work.base_url}/v1/files/{file_id}/contents",
        "_": {"content": given["content"]},
    }
    work.insert(file)
    return views.public(work, file)


def retrieve(work: Work, file_id: str) -> Document:
    return views.public(work, work.get("file", file_id))


def list_(work: Work) -> Document:
    where: list[tuple[str, Any]] = []
    if "purpose" in work.params:
        where.append(("json_extract(document, '$.purpose') = ?", work.params["purpose"]))
    return lists.page(work, "file", url="/v1/files", where=where)


def check_evidence(work: Work, file_id: str, *, param: str) -> None:
    """Raises ApiError for what is no file that was uploaded as evidence."""
    found = work.store.find(file_id)
    if found is None or found[0]["object"] != "file" or found[1] != work.account:
        raise missing_object("file upload", file_id, param=param)
    if found[0]["purpose"] != EVIDENCE:
        raise ApiError(400, f"The file {file_id} was not uploaded as {EVIDENCE}.", param=param, stored=True)
