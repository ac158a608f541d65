"""Smaller renditions of an uploaded picture, so that a phone does not load the large one."""

import io

from django.core.files.base import ContentFile
from django.db.models.fields.files import ImageFieldFile
from PIL import Image, ImageOps

from catalog.selectors import rendition_name, rendition_widths

_QUALITY = 80


def make_renditions(*, picture: ImageFieldFile) -> list[str]:
    """Stores a WebP rendition for each smaller width and returns their names; those that exist are replaced."""
    if not picture or not picture.name:
        return []
    names = []
    with picture.storage.open(picture.name) as stored, Image.open(stored) as opened:
        original = ImageOps.exif_transpose(opened).convert("RGB")
    for width in rendition_widths(original.width):
        small = original.resize((width, round(original.height * width / original.width)), Image.Resampling.LANCZOS)
        content = io.BytesIO()
        small.save(content, "WEBP", quality=_QUALITY, method=5)
        name = rendition_name(picture.name, width)
        if picture.storage.exists(name):
            picture.storage.delete(name)
        names.append(picture.storage.save(name, ContentFile(content.getvalue())))
    return names
