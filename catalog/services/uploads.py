"""What an artisan uploads becomes a picture of ours: decoded, turned upright, made smaller, and written anew.

So nothing of the file itself is ever served: no place where it was taken, no second file hidden behind the picture.
"""

import io
import warnings
from typing import IO

from django.core.files.base import ContentFile
from PIL import Image, ImageOps, UnidentifiedImageError

from common.errors import DomainError, ErrorKind

PICTURE_MAX_BYTES = 5_000_000
_FORMATS = ("JPEG", "PNG", "WEBP")
_LEAST_SIDE, _LONGEST_SIDE = 400, 2000
# A file of a few kilobytes can claim to be a picture that fills the memory.
_MAX_PIXELS = 40_000_000
_QUALITY = 85


class PictureRefused(DomainError):
    """The file is no picture that the shop can show; the detail says what to do."""

    code = "picture_refused"
    kind = ErrorKind.INVALID
    title = "Please choose another picture"


def clean_picture(*, upload: IO[bytes]) -> "ContentFile[bytes]":
    """The picture as WebP, at most 2000 pixels wide and high. Raises PictureRefused."""
    content = upload.read(PICTURE_MAX_BYTES + 1)
    if len(content) > PICTURE_MAX_BYTES:
        raise PictureRefused("This picture is larger than 5 MB. Please make it smaller.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
                _check_size(opened.size)
                upright = ImageOps.exif_transpose(opened)
                picture = _flat(upright)
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused("This is no picture that we can read. Please choose a JPEG, PNG or WebP file.") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise PictureRefused("This picture is damaged. Please save it once more, or choose another.") from error
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    picture.save(written, "WEBP", quality=_QUALITY, method=4)
    return ContentFile(written.getvalue())


def _check_size(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > _MAX_PIXELS:
        raise PictureRefused("This picture has more than 40 million pixels. Please make it smaller.")
    if min(width, height) < _LEAST_SIDE:
        raise PictureRefused(f"This picture is too small: at least {_LEAST_SIDE} pixels on each side, please.")


def _flat(picture: Image.Image) -> Image.Image:
    """In colours, on white where it was see-through."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        white = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(white, layered).convert("RGB")
    return picture.convert("RGB")
