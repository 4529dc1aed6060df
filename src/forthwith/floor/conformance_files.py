"""The conformance report as a file: CSV, a workbook, or on paper (SOP H1)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import xlsxwriter
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from forthwith.floor.asked import BY, AskForm, named
from forthwith.floor.conformance import lines_of
from forthwith.floor.conformance_paper import TEMPLATE, paper
from forthwith.floor.paper import Instead, as_pdf
from forthwith.floor.restated import lines_of_file
from forthwith.procedure.model import Procedure
from forthwith.record import procedures, reports
from forthwith.record.reports import Tally
from forthwith.ui.gate import READERS, page_for

Cells = list[Any]
_HEAD = ("part", "key", "name", "tickets", "share met", "met", "late", "missing", "not due", "not applicable")
_TEXTS_ARE_TEXTS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_safe
@page_for(*READERS)
def download(request: HttpRequest, kind: str) -> HttpResponse:
    """The report of a period, with each split, as a table of one line a step, group and week. Its words are English,
    as programs read them; those of a PDF are the reader's.
    """
    procedure = procedures.current_or_none()
    if procedure is None or kind not in {*_TYPES, "pdf"}:
        raise Http404("no such file")
    form = AskForm(request.GET, procedure, timezone.localdate())
    if not form.is_valid():
        raise Http404("no such period")
    name = f"conformance-{form.cleaned_data['since']}-{form.cleaned_data['until']}.{kind}"
    if kind == "pdf":
        return _on_paper(request, form, procedure, name)
    content = _WRITERS[kind](list(_lines(form, procedure)))
    response = HttpResponse(content, content_type=_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _on_paper(request: HttpRequest, form: AskForm, procedure: Procedure, name: str) -> HttpResponse:
    instead = Instead(
        _("Save the report as XLSX, or print its page from the browser."),
        f"{reverse('floor:conformance-file', kwargs={'kind': 'xlsx'})}?{form.address}",
        _("Save as XLSX"),
        f"{reverse('floor:conformance')}?{form.address}",
    )
    now = timezone.now()
    return as_pdf(request, lambda: paper(form, procedure, now), TEMPLATE, name, instead)


def _lines(form: AskForm, procedure: Procedure) -> Iterator[Cells]:
    scope = form.scope
    yield from lines_of_file(form, procedure)
    total = reports.totals(scope)
    yield ["all", "", "", total.tickets, *_counts(total.whole)]
    for line in lines_of(total, procedure):
        yield ["step", line.step, line.says, total.tickets, *_counts(line.tally)]
    names = named(procedure)
    for by, _title in BY:
        for group in reports.split(scope, by):
            yield [by, group.key, names[by].get(group.key, group.key), group.tickets, *_counts(group.whole)]
    for monday, group in reports.weeks(scope, timezone.get_current_timezone()):
        yield ["week", monday.isoformat(), "", group.tickets, *_counts(group.whole)]


def _counts(tally: Tally) -> Cells:
    share = "" if tally.share is None else round(tally.share, 4)
    return [share, tally.met, tally.late, tally.missing, tally.not_due, tally.not_applicable]


def _as_csv(lines: list[Cells]) -> bytes:
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(_HEAD)
    table.writerows([_unmistakable(cell) for cell in line] for line in lines)
    # With its mark, a spreadsheet reads it as UTF-8.
    return written.getvalue().encode("utf-8-sig")


def _unmistakable(cell: Any) -> Any:
    """A text that a spreadsheet would run as a formula is no formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _as_workbook(lines: list[Cells]) -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, _TEXTS_ARE_TEXTS | {"in_memory": True}) as book:
        sheet = book.add_worksheet("conformance")
        head, share = book.add_format({"bold": True}), book.add_format({"num_format": "0.0 %"})
        sheet.write_row(0, 0, _HEAD, head)
        for row, line in enumerate(lines, 1):
            sheet.write_row(row, 0, line)
            if line[4] != "":
                sheet.write_number(row, 4, line[4], share)
        sheet.freeze_panes(1, 0)
        sheet.set_column(2, 2, 60)
    return written.getvalue()


_WRITERS: dict[str, Callable[[list[Cells]], bytes]] = {"csv": _as_csv, "xlsx": _as_workbook}
