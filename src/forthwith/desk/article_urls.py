"""The addresses of the library, within those of the desk."""

from __future__ import annotations

from django.urls import path

from forthwith.desk import article_panel, article_writing, articles

urlpatterns = [
    path("articles/", articles.articles, name="articles"),
    path("articles/owed/", articles.owed, name="articles-owed"),
    path("articles/new/", article_writing.new, name="article-new"),
    path("articles/preview/", article_writing.preview, name="article-preview"),
    path("articles/<int:number>/", articles.article, name="article"),
    path("articles/<int:number>/peek/", articles.peek, name="article-peek"),
    path("articles/<int:number>/text/", articles.text, name="article-text"),
    path("articles/<int:number>/edit/", article_writing.edit, name="article-edit"),
    path("articles/<int:number>/compare/", articles.compared, name="article-compare"),
    path("articles/<int:number>/revisions/<int:revision>/", articles.revision, name="article-revision"),
    path("articles/<int:number>/do/<slug:key>/", article_writing.decide, name="article-do"),
    path("tickets/<int:number>/articles/", article_panel.panel, name="ticket-articles"),
    path("tickets/<int:number>/articles/not-needed/", article_writing.not_needed, name="article-not-needed"),
]
