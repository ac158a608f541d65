"""Pages that are read: server-rendered, and whole without scripts."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from catalog.models import Artisan, Category, Product
from catalog.selectors import (
    SEARCH_MAX_LENGTH,
    newest_products,
    product_to_show,
    products_of_artisan,
    products_on_shelf,
    published_artisans,
    search_products,
    shipping_rule,
)

_ON_HOME = 8
_PER_PAGE = 24
_MORE_OF_ARTISAN = 4
_MOST_AT_ONCE = 10


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    context = {"products": newest_products(limit=_ON_HOME), "artisans": list(published_artisans())}
    return render(request, "catalog/home.html", context)


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    shelf = get_object_or_404(Category, slug=slug)
    page = Paginator(products_on_shelf(category=shelf), _PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "catalog/category.html", {"category": shelf, "page": page, "products": page.object_list})


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").replace("\x00", "").strip()[:SEARCH_MAX_LENGTH]
    return render(request, "catalog/search.html", {"text": text, "products": search_products(text=text)})


@require_safe
def artisans(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/artisans.html", {"artisans": list(published_artisans())})


@require_safe
def artisan(request: HttpRequest, slug: str) -> HttpResponse:
    maker = get_object_or_404(Artisan, slug=slug, is_published=True)
    context = {"artisan": maker, "products": products_of_artisan(artisan=maker), "shipping": shipping_rule(maker)}
    return render(request, "catalog/artisan.html", context)


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        shown = product_to_show(slug=slug)
    except Product.DoesNotExist as error:
        raise Http404 from error
    available = shown.available
    context = {
        "product": shown,
        "shipping": shipping_rule(shown.artisan),
        "choices": range(1, min(_MOST_AT_ONCE, available if available is not None else _MOST_AT_ONCE) + 1),
        "more": products_of_artisan(artisan=shown.artisan, excluding=shown, limit=_MORE_OF_ARTISAN),
    }
    return render(request, "catalog/product.html", context)


@require_safe
def shipping_and_returns(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/shipping.html", {"artisans": list(published_artisans())})


@require_safe
def safe_payments(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/payments.html")


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/about.html")
