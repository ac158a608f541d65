"""The artisan's page about the own shop, and a look at it before it is saved."""

import base64
from typing import IO, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.base import ContentFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from catalog.forms import ShopForm
from catalog.models import Artisan
from catalog.selectors import products_of_artisan, shipping_rule
from catalog.services.kept_pictures import forget_picture, keep_picture, kept_picture
from catalog.services.shop import ShopInvalid, change_shop, shop_as_it_would_be
from catalog.services.uploads import PictureRefused
from catalog.views.owner import artisan_or_404
from common.clock import now


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    artisan = artisan_or_404(request)
    if request.method == "GET":
        return _shown(request, artisan, ShopForm(artisan))
    form = ShopForm(artisan, request.POST, request.FILES)
    if form.is_valid():
        try:
            change_shop(artisan=artisan, page=form.page(), picture=_picture(artisan, form), now=now())
        except (ShopInvalid, PictureRefused) as refusal:
            form.add_error(_field(refusal), refusal.detail)
        else:
            forget_picture(artisan=artisan)
            messages.success(request, "Saved. This is how buyers see your shop from now on.")
            return redirect("catalog:own-shop")
    return _shown(request, artisan, form)


@never_cache
@login_required
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The public page with what is filled in. The form opens it in a tab of its own and stays as it is."""
    artisan = artisan_or_404(request)
    form = ShopForm(artisan, request.POST, request.FILES)
    if form.is_valid():
        try:
            shop, content = shop_as_it_would_be(artisan=artisan, page=form.page(), picture=_picture(artisan, form))
        except (ShopInvalid, PictureRefused) as refusal:
            form.add_error(_field(refusal), refusal.detail)
        else:
            context = {
                "artisan": shop,
                "products": products_of_artisan(artisan=artisan),
                "shipping": shipping_rule(shop),
                "is_preview": True,
                "new_picture": _inline(content) if content is not None else None,
            }
            return render(request, "catalog/artisan.html", context)
    return _shown(request, artisan, form)


def _shown(request: HttpRequest, artisan: Artisan, form: ShopForm) -> HttpResponse:
    """A good picture that came with mistakes elsewhere is kept, and the form brings its ticket."""
    kept = None
    if form.is_bound:
        upload = form.cleaned_data.get("picture")
        kept = form.cleaned_data.get("kept") or ""
        if upload is not None and "picture" not in form.errors:
            upload.seek(0)
            try:
                kept = keep_picture(artisan=artisan, upload=cast(IO[bytes], upload))
            except PictureRefused as refusal:
                form.add_error("picture", refusal.detail)
        if kept_picture(artisan=artisan, ticket=kept) is None:
            kept = ""
    context = {"artisan": artisan, "form": form, "kept": kept, "history": artisan.postage_changes.all()[:5]}
    return render(request, "catalog/own_shop.html", context, status=400 if form.is_bound else 200)


def _picture(artisan: Artisan, form: ShopForm) -> IO[bytes] | None:
    """The one that was chosen now, else the one that was kept."""
    chosen: IO[bytes] | None = form.cleaned_data["picture"]
    return chosen or cast(IO[bytes] | None, kept_picture(artisan=artisan, ticket=form.cleaned_data["kept"]))


def _inline(content: "ContentFile[bytes]") -> str:
    """The picture inside the page: what is not saved has no address."""
    return f"data:image/webp;base64,{base64.b64encode(content.read()).decode()}"


def _field(refusal: ShopInvalid | PictureRefused) -> str:
    return refusal.field if isinstance(refusal, ShopInvalid) else "picture"
