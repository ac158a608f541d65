"""Pictures of goods and workshops: one takes another's place, with renditions so that a phone loads a small one."""

import io
import secrets
from collections.abc import Iterable
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models.fields.files import ImageFieldFile
from PIL import Image, ImageOps

from catalog.models import Artisan, Product
from catalog.selectors import RENDITION_WIDTHS, rendition_name, rendition_widths

_QUALITY = 80


def put_product_picture(*, product: Product, content: "ContentFile[bytes]") -> None:
    """In the place of the one before, whose files go after commit. `product.image` is the new one afterwards."""
    _put(product, "image", content, also=("updated_at",))


def put_portrait(*, artisan: Artisan, content: "ContentFile[bytes]") -> None:
    """In the place of the one before, whose files go after commit. `artisan.portrait` is the new one afterwards."""
    _put(artisan, "portrait", content)


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


def _put(owner: Product | Artisan, column: str, content: "ContentFile[bytes]", also: Iterable[str] = ()) -> None:
    """Under a name of its own, so that no browser shows the old one from its cache.

    What the former one is, is read under the row's lock: of two uploads at once the loser's files go too. If the row
    can't be written the new files go, and the old ones stay.
    """
    picture: ImageFieldFile = getattr(owner, column)
    storage, written = picture.storage, ""
    try:
        with transaction.atomic():
            rows = type(owner)._default_manager.select_for_update(no_key=True).filter(pk=owner.pk)
            former = rows.values_list(column, flat=True).get()
            picture.save(f"{owner.public_id}-{secrets.token_hex(4)}.webp", content, save=False)
            written = str(picture.name)
            # Django sets these where a picture takes another's place, and not with the first one.
            setattr(owner, f"{column}_width", picture.width)
            setattr(owner, f"{column}_height", picture.height)
            make_renditions(picture=picture)
            owner.save(update_fields=[column, f"{column}_width", f"{column}_height", *also])
            if former:
                transaction.on_commit(partial(_forget, storage, former))
        written = ""
    finally:
        if written:
            _forget(storage, written)


def _forget(storage: Storage, name: str) -> None:
    """The picture and whatever renditions there can be of it; what is not there is passed over."""
    for one in (name, *(rendition_name(name, width) for width in RENDITION_WIDTHS)):
        storage.delete(one)
