"""Turns a model's answer into the HTML blocks that the page, the live stream and the export all show."""

from chat.rendering.blocks import render
from chat.rendering.live import Changes, LiveDocument
from chat.rendering.plain import plain_user_html
from chat.rendering.warming import warm_up

__all__ = ["Changes", "LiveDocument", "plain_user_html", "render", "warm_up"]
