"""The chat's addresses."""

from django.urls import path

from chat import views

urlpatterns = [
    path("", views.new_chat, name="chat"),
    path("sidebar/", views.sidebar, name="sidebar"),
    path("<uuid:uuid>/", views.conversation, name="conversation"),
    path("<uuid:uuid>/rename/", views.rename, name="conversation_rename"),
    path("<uuid:uuid>/delete/", views.delete, name="conversation_delete"),
    path("<uuid:uuid>/restore/", views.restore, name="conversation_restore"),
]
