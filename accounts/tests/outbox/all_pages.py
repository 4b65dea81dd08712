"""The site's addresses and all of allauth's pages, whichever of them are open today."""

from django.urls import include, path

from caicaini import urls

urlpatterns = [*urls.urlpatterns, path("all/", include("allauth.account.urls"))]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
