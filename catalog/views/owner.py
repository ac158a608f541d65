"""Whose pages these are: every look-up on an artisan's pages starts here."""

from django.http import Http404, HttpRequest

from catalog.models import Artisan


def artisan_or_404(request: HttpRequest) -> Artisan:
    """The shop of who is logged in; who has none finds no page."""
    artisan = Artisan.objects.filter(owner_id=request.user.pk).first()
    if artisan is None:
        raise Http404
    return artisan
