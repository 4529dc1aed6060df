"""A field for files, any number of them at once."""

from __future__ import annotations

from typing import Any

from django import forms

from forthwith.record.messages import File


class _FileInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, read whole; the step says how large they may be."""

    widget = _FileInput

    def clean(self, data: Any, initial: Any = None) -> list[File]:
        """The files as they are to be kept. ValidationError for one that is empty."""
        given = data if isinstance(data, list) else [data] if data else []
        read = [super(FilesField, self).clean(one, initial) for one in given]
        return [File(name=one.name, type=one.content_type or "", content=one.read()) for one in read]
