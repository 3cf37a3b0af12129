"""Say which view answers which address."""

from __future__ import annotations

from django.urls import path

from community.views import accounts, circles, events, home, stories

urlpatterns = [
    path("", home.home, name="home"),
    path("tenant", home.switch_tenant, name="tenant"),
    path("register", accounts.register, name="register"),
    path("sign-in", accounts.sign_in, name="sign-in"),
    path("sign-out", accounts.sign_out, name="sign-out"),
    path("circles", circles.circles, name="circles"),
    path("circles/new", circles.new_circle, name="new-circle"),
    path("circles/<circle_id>", circles.circle, name="circle"),
    path("circles/<circle_id>/join", circles.join, name="join"),
    path("circles/<circle_id>/approve", circles.approve, name="approve"),
    path("circles/<circle_id>/transfer", circles.transfer, name="transfer"),
    path("circles/<circle_id>/events", events.new_event, name="new-event"),
    path("events", events.events, name="events"),
    path("feed", stories.feed, name="feed"),
    path("stories/new", stories.new_story, name="new-story"),
    path("stories/<story_id>", stories.story, name="story"),
    path("stories/<story_id>/comments", stories.new_comment, name="new-comment"),
]
