"""The rules of the house that no linter knows, read from the syntax tree of the source.

Each rule is a function from a file's text to the violations in it, and each is shown to bite on a small wrong
example beside the check of the real source: a rule that finds nothing anywhere proves nothing.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "forthwith"
DOOR = "record/door.py"
GUARDED = {"Ticket", "Entry"}
GUARDED_TABLES = re.compile(r"\b(insert\s+into|update|delete\s+from)\s+\W?record_(ticket|entry)\b", re.IGNORECASE)
WRITES = {
    *(
        "save",
        "create",
        "update",
        "delete",
        "get_or_create",
        "update_or_create",
        "bulk_create",
        "bulk_update",
    ),
    *("asave", "acreate", "aupdate", "adelete", "aget_or_create", "aupdate_or_create", "abulk_create"),
    *("abulk_update", "save_base", "_raw_delete"),
}
MANAGERS = {"objects", "_default_manager", "_base_manager"}
PASSING_ON = {"list", "tuple", "set", "sorted", "reversed", "iter", "next"}
LONGEST_FUNCTION = 45
LONGEST_FILE = 400
DRAWERS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "services",
    "service",
    "manager",
    "managers",
    "lib",
}
MODEL_SIGNALS = {"pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed", "pre_init", "post_init"}
SENDING = {
    "send_mail",
    "send_mass_mail",
    "mail_admins",
    "mail_managers",
    "EmailMessage",
    "EmailMultiAlternatives",
}

type_of_function = (ast.FunctionDef, ast.AsyncFunctionDef)
Rule = Callable[[str], Iterator[str]]


def python_files() -> list[Path]:
    """Every module of the product; migrations are written by Django."""
    return sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)


def place(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def broken(rule: Rule, files: list[Path]) -> list[str]:
    return [f"{place(path)}: {violation}" for path in files for violation in rule(path.read_text())]


# --- One door ---------------------------------------------------------------------------------------------


def guarded_names(tree: ast.Module) -> set[str]:
    """What the guarded models are called in this module, also when they were imported under another name."""
    imported = (
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in GUARDED
    )
    return {*GUARDED, *imported}


def is_named_so(name: str) -> bool:
    """What is plainly a guarded row, or rows, by its name: ticket, tickets, locked_ticket, parent_entry."""
    return name.lower().split("_")[-1] in {"ticket", "tickets", "entry", "entries"}


def steps_of(node: ast.AST) -> list[tuple[str, bool]]:
    """(name, was it called) from the root on: `Ticket.objects.first()` -> Ticket, objects, first()."""
    steps: list[tuple[str, bool]] = []
    called = False
    while True:
        if isinstance(node, ast.Attribute):
            steps.insert(0, (node.attr, called))
            node, called = node.value, False
        elif isinstance(node, ast.Call):
            node, called = node.func, True
        elif isinstance(node, (ast.Subscript, ast.Await)):
            node = node.value
        else:
            return [(node.id, called), *steps] if isinstance(node, ast.Name) else steps


def reaches(node: ast.AST | None, held: set[str]) -> bool:
    """True when the expression is a guarded row or a query of them; `ticket.messages.all()` is not."""
    if isinstance(node, ast.BoolOp):
        return any(reaches(value, held) for value in node.values)
    if isinstance(node, ast.IfExp):
        return reaches(node.body, held) or reaches(node.orelse, held)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PASSING_ON:
        return any(reaches(argument, held) for argument in node.args)
    last, after_model = "", False
    for name, called in steps_of(node) if node else ():
        # What follows a model is its manager, under whatever name; what is called is a query of them.
        if name in held or not (called or after_model or name in MANAGERS):
            last = name
        after_model = name in held and name[0].isupper()
    return last in held or is_named_so(last)


def bindings(scope: ast.AST) -> Iterator[tuple[ast.AST, ast.AST | None]]:
    """(target, what it is bound to) of every assignment, loop and `with`."""
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign):
            yield from ((target, node.value) for target in node.targets)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
            yield node.target, node.value
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            yield node.target, node.iter
        elif isinstance(node, ast.withitem) and node.optional_vars:
            yield node.optional_vars, node.context_expr


def annotated(scope: ast.AST, guarded: set[str]) -> set[str]:
    """The parameters and variables declared as a guarded row, or as a query of them, also in quotes."""
    found = set()
    for node in ast.walk(scope):
        if isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation:
            words = set(re.findall(r"\w+", ast.unparse(node.annotation)))
            name = node.arg if isinstance(node, ast.arg) else ast.unparse(node.target)
            found |= {name} if words & guarded else set()
    return found


def held_in(scope: ast.AST, guarded: set[str]) -> set[str]:
    """The guarded models and the variables of `scope` that hold such a row or a query of them."""
    held, before = guarded | annotated(scope, guarded), 0
    while len(held) != before:
        before = len(held)
        held |= {
            target.id for target, value in bindings(scope) if isinstance(target, ast.Name) and reaches(value, held)
        }
    return held


def method_writes(scope: ast.AST, held: set[str]) -> Iterator[tuple[int, str]]:
    for node in ast.walk(scope):
        method = node.func if isinstance(node, ast.Call) else None
        if isinstance(method, ast.Attribute) and method.attr in WRITES and reaches(method.value, held):
            yield method.lineno, f"{ast.unparse(method)}() writes a ticket past the door"


def sql_writes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and GUARDED_TABLES.search(text):
            yield node.lineno, "SQL writes a ticket past the door"


def writes_past_the_door(text: str) -> Iterator[str]:
    tree = ast.parse(text)
    guarded = guarded_names(tree)
    found = {*sql_writes(tree), *method_writes(tree, guarded)}
    for function in ast.walk(tree):
        if isinstance(function, type_of_function):
            found |= {*method_writes(function, held_in(function, guarded))}
    return (f"line {line}: {violation}" for line, violation in sorted(found))


def test_only_the_door_writes_a_ticket() -> None:
    outside = [path for path in python_files() if place(path) != DOOR]
    assert broken(writes_past_the_door, outside) == []
    # Were the models renamed, the rule would find nothing, not even here.
    assert broken(writes_past_the_door, [SOURCE / DOOR])


@pytest.mark.parametrize(
    "wrong",
    [
        "ticket.save(update_fields=['status'])",
        "case.ticket.delete()",
        "Ticket.objects.create(subject='x')",
        "Ticket.objects.filter(pk=1).update(status='closed')",
        "organisation.tickets.update(team=None)",
        "models.Entry.objects.bulk_create([])",
        "Entry(kind='Received').save()",
        "async def f():\n    await Ticket.objects.acreate()",
        "from forthwith.record.models import Ticket as T\nT.objects.update(x=1)",
        "def f():\n    late = Ticket.objects.filter(x=1)\n    late = late.exclude(y=2)\n    late.update(x=1)",
        "def f():\n    for row in Ticket.objects.all():\n        row.save()",
        "def f(row: Ticket):\n    row.save()",
        "def f(rows: 'QuerySet[Ticket]'):\n    rows.update(x=1)",
        "def f():\n    if row := Ticket.objects.first():\n        row.delete()",
        "def f():\n    for row in list(Ticket.open.all()):\n        row.save()",
        "def f(x):\n    row = x or Ticket.objects.get(pk=1)\n    row.delete()",
        'cursor.execute("UPDATE record_ticket SET status = %s")',
        "cursor.execute(f'DELETE FROM \"record_entry\" WHERE {x}')",
    ],
)
def test_a_write_past_the_door_is_seen(wrong: str) -> None:
    assert len(list(writes_past_the_door(wrong))) == 1


@pytest.mark.parametrize(
    "right",
    [
        "message.save(update_fields=['state'])",
        "context.update(ticket=ticket)",
        "hashlib.sha256().update(ticket.subject.encode())",
        "Message.objects.create(ticket=ticket)",
        "Ticket.objects.filter(pk=1).first()",
        "ticket_ids.update([1])",
        "ticket.messages.create(text='x')",
        "Ticket.objects.get(pk=1).messages.create(text='x')",
        "def f(ticket: Ticket):\n    for message in ticket.messages.all():\n        message.save()",
        "def f():\n    message = Message(ticket=Ticket.objects.get(pk=1))\n    message.save()",
        "def f(row: Ticket):\n    pass\ndef g(row: Message):\n    row.save()",
    ],
)
def test_other_writes_are_left_alone(right: str) -> None:
    assert list(writes_past_the_door(right)) == []


def messages_past_the_door(text: str) -> Iterator[str]:
    """A message that the open case does not keep is one that the search does not know."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and re.search(r"\bmessages\.(write|copied)$", ast.unparse(node.func)):
            yield f"line {node.lineno}: {ast.unparse(node.func)}() keeps a message past the door"


def test_only_the_door_keeps_a_message() -> None:
    outside = [path for path in python_files() if place(path) != DOOR]
    assert broken(messages_past_the_door, outside) == []
    assert len(broken(messages_past_the_door, [SOURCE / DOOR])) == 2


# --- Short on purpose -------------------------------------------------------------------------------------


def too_long(text: str) -> Iterator[str]:
    lines = len(text.splitlines())
    if lines > LONGEST_FILE:
        yield f"{lines} lines, more than {LONGEST_FILE}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, type_of_function):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"line {node.lineno}: {node.name} has {length} lines, more than {LONGEST_FUNCTION}"


def test_functions_and_files_are_short() -> None:
    assert broken(too_long, python_files()) == []


def test_a_long_function_or_file_is_seen() -> None:
    body = "    pass\n"
    assert list(too_long("def fits():\n" + body * (LONGEST_FUNCTION - 1))) == []
    assert len(list(too_long("def long():\n" + body * LONGEST_FUNCTION))) == 1
    assert list(too_long("x = 1\n" * LONGEST_FILE)) == []
    assert len(list(too_long("x = 1\n" * (LONGEST_FILE + 1)))) == 1


# --- Plain calls, and one way out -------------------------------------------------------------------------


def hidden_rules(text: str) -> Iterator[str]:
    """Rules nobody finds: signals of models, and save() or delete() of a model overridden."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module == "django.db.models.signals":
            names = MODEL_SIGNALS & {alias.name for alias in node.names}
            yield from (f"line {node.lineno}: {name} hides who reacts" for name in sorted(names))
        elif isinstance(node, ast.ClassDef) and any("Model" in ast.unparse(base) for base in node.bases):
            for part in node.body:
                if isinstance(part, type_of_function) and part.name in {"save", "delete"}:
                    yield f"line {part.lineno}: {node.name}.{part.name} is overridden"


def sends(text: str) -> Iterator[str]:
    """What leaves is a row of the outbox: nothing but its senders speaks SMTP."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import) and "smtplib" in {alias.name for alias in node.names}:
            yield f"line {node.lineno}: smtplib"
        elif isinstance(node, ast.ImportFrom) and node.module in {"smtplib", "django.core.mail"}:
            names = {alias.name for alias in node.names}
            if node.module == "smtplib" or names & SENDING:
                yield f"line {node.lineno}: {node.module}"


def reads_the_clock(text: str) -> Iterator[str]:
    clock = re.compile(r"(datetime|timezone)\.(now|utcnow)$|date\.today$|\btime\.time$")
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, type_of_function):
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and clock.search(ast.unparse(node.func)):
                    yield f"{function.name}: {ast.unparse(node.func)}(): `now` is an argument"


def test_business_rules_are_plain_calls() -> None:
    assert broken(hidden_rules, python_files()) == []


def test_only_the_senders_send() -> None:
    outside = [path for path in python_files() if not place(path).startswith("outbox/senders")]
    assert broken(sends, outside) == []


def test_the_procedure_never_reads_the_clock() -> None:
    pure = [path for path in python_files() if place(path).startswith("procedure/")]
    # Loading a calendar asks whether it opens within ten years; a caller who cares gives the day.
    allowed = {"procedure/calendars.py: load: datetime.now(): `now` is an argument"}
    assert set(broken(reads_the_clock, pure)) - allowed == set()


def test_no_module_is_a_drawer() -> None:
    names = {place(path): {path.stem, *path.relative_to(SOURCE).parts[:-1]} for path in python_files()}
    assert [path for path, parts in names.items() if parts & DRAWERS] == []


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (hidden_rules, "from django.db.models.signals import post_save"),
        (hidden_rules, "class Person(models.Model):\n    def save(self): ..."),
        (sends, "import smtplib"),
        (sends, "from django.core.mail import send_mail"),
        (reads_the_clock, "def f():\n    return datetime.now(UTC)"),
        (reads_the_clock, "def f(x):\n    return x or django.utils.timezone.now()"),
    ],
)
def test_a_hidden_rule_a_second_way_out_and_a_clock_are_seen(rule: Rule, wrong: str) -> None:
    assert len(list(rule(wrong))) == 1


# --- The rooms, wherever they are listed ------------------------------------------------------------------


def layers() -> list[str]:
    """The rooms as the import contract orders them, a line for each layer."""
    read = tomllib.loads((SOURCE.parents[1] / "pyproject.toml").read_text())
    contract = next(c for c in read["tool"]["importlinter"]["contracts"] if c["name"] == "Imports go one way")
    return [layer for layer in contract["layers"] if layer != "__main__"]


def test_the_rooms_are_the_same_wherever_they_are_listed() -> None:
    page = (SOURCE.parents[1] / "ARCHITECTURE.md").read_text()
    there = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert {room for layer in layers() for room in layer.split(" | ")} == there
    assert f"    {' > '.join(layers())}\n" in page
    assert set(re.findall(r"  (\w+)/ ", page)) == there


def test_each_room_that_is_an_app_is_installed() -> None:
    from django.apps import apps

    made = {f"forthwith.{place(path.parent).replace('/', '.')}" for path in SOURCE.rglob("apps.py")}
    assert made == {app.name for app in apps.get_app_configs() if app.name.startswith("forthwith.")}
