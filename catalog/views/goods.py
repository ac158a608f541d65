"""Artisans' pages of their goods. Every look-up starts from the artisan who is logged in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.forms import GoodsForm
from catalog.models import Artisan, Product
from catalog.services.goods import (
    GoodsInvalid,
    UnknownProduct,
    add_product,
    change_product,
    product_of,
    publish_product,
    unpublish_product,
)
from catalog.services.uploads import PictureRefused
from catalog.views.owner import artisan_or_404
from common.errors import DomainError

_PER_PAGE = 50


@never_cache
@login_required
@require_GET
def goods(request: HttpRequest) -> HttpResponse:
    artisan = artisan_or_404(request)
    listed = Product.objects.filter(artisan=artisan).order_by("-is_published", "title", "id")
    page = Paginator(listed, _PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "catalog/goods/list.html", {"artisan": artisan, "page": page})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    artisan = artisan_or_404(request)
    if request.method == "GET":
        return _shown(request, artisan, GoodsForm(artisan), None)
    form = GoodsForm(artisan, request.POST, request.FILES)
    if form.is_valid():
        try:
            product = add_product(
                artisan=artisan,
                public_id=form.cleaned_data["reference"],
                details=form.details(),
                stock=form.cleaned_data["stock"],
                picture=form.cleaned_data["picture"],
                publish="publish" in request.POST,
            )
        except (GoodsInvalid, PictureRefused) as refusal:
            form.add_error(_field(refusal), refusal.detail)
        else:
            seen = "It is in the shop now." if product.is_published else "It is kept; buyers don't see it yet."
            messages.success(request, f"{product.title}: {seen}")
            return redirect("catalog:goods")
    return _shown(request, artisan, form, None)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, public_id: str) -> HttpResponse:
    artisan = artisan_or_404(request)
    product = _product_or_404(artisan, public_id)
    if request.method == "GET":
        return _shown(request, artisan, GoodsForm(artisan, product=product), product)
    form = GoodsForm(artisan, request.POST, request.FILES, product=product)
    if form.is_valid():
        seen = form.cleaned_data["stock_seen"]
        try:
            change_product(
                artisan=artisan,
                public_id=product.public_id,
                details=form.details(),
                stock=form.cleaned_data["stock"],
                stock_seen=product.stock_on_hand if seen is None else seen,
                picture=form.cleaned_data["picture"],
            )
        except (GoodsInvalid, PictureRefused) as refusal:
            form.add_error(_field(refusal), refusal.detail)
        else:
            messages.success(request, f"{form.cleaned_data['title']}: saved.")
            return redirect("catalog:goods")
    return _shown(request, artisan, form, product)


@login_required
@require_POST
def publish(request: HttpRequest, public_id: str) -> HttpResponse:
    artisan = artisan_or_404(request)
    try:
        product = publish_product(artisan=artisan, public_id=public_id)
        messages.success(request, f"{product.title} is in the shop now.")
    except UnknownProduct as error:
        raise Http404 from error
    except DomainError as refusal:
        messages.error(request, refusal.detail)
        return redirect("catalog:goods-edit", public_id=public_id)
    return redirect("catalog:goods")


@login_required
@require_POST
def unpublish(request: HttpRequest, public_id: str) -> HttpResponse:
    artisan = artisan_or_404(request)
    try:
        product = unpublish_product(artisan=artisan, public_id=public_id)
    except UnknownProduct as error:
        raise Http404 from error
    messages.success(request, f"{product.title} is out of the shop; what is ordered stays ordered.")
    return redirect("catalog:goods")


def _shown(request: HttpRequest, artisan: Artisan, form: GoodsForm, product: Product | None) -> HttpResponse:
    context = {"artisan": artisan, "form": form, "product": product}
    return render(request, "catalog/goods/edit.html", context, status=400 if form.is_bound else 200)


def _field(refusal: GoodsInvalid | PictureRefused) -> str:
    return refusal.field if isinstance(refusal, GoodsInvalid) else "picture"


def _product_or_404(artisan: Artisan, public_id: str) -> Product:
    try:
        return product_of(artisan=artisan, public_id=public_id)
    except UnknownProduct as error:
        raise Http404 from error
