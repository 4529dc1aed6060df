"""Another desk's event log becomes tickets: what it says happened, when it happened, once, and nobody hears of it."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.channels.eventlog import maps, rows
from forthwith.channels.eventlog.intake import Intake, Summary
from forthwith.channels.eventlog.maps import LogMap
from forthwith.channels.eventlog.telling import tell
from forthwith.config.cli import main
from forthwith.outbox.models import Outgoing
from forthwith.people.models import Person
from forthwith.procedure.document import ProcedureError, standard
from forthwith.procedure.matrix import due
from forthwith.procedure.replay import replay
from forthwith.record import door, procedures
from forthwith.record.models import RawItem, Ticket
from forthwith.steps import workflow
from forthwith.steps.document import discrepancies
from tests import desk_fixtures as d
from tests.desk_fixtures import MONDAY, Desk

pytestmark = pytest.mark.sop("1.2")

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
MAP = """
format: 1
log: acme
missing: ["?"]
case: id
time: {column: at, format: "%d/%m/%Y %H:%M", zone: Europe/Berlin}
received: opened
requester: caller
agent: who
domain: acme.invalid
subject: "{topic}"
cause: code
channel: {column: by, values: {Phone: phone}, otherwise: portal}
category: {column: topic, values: {VPN: network.vpn}, otherwise: other}
impact: {column: impact, values: {"1": widespread, "2": one}}
urgency: {column: urgency, values: {"1": stopped, "2": workaround}}
assignee: owner
group: group
happened:
  column: state
  same: [noted]
  values:
    New: []
    Active: [reopened, resumed, noted]
    Asked: [replied, waiting]
    Done: [resolved]
    Closed: [closed]
  ignored: {Junk: a slip}
"""
HEAD = "id,at,opened,caller,who,topic,by,impact,urgency,owner,group,state,code\n"
NOW = MONDAY + timedelta(days=400)


def line(case: str, at: str, state: str, **more: str) -> str:
    said = {
        "id": case,
        "at": f"02/03/2026 {at}",
        "opened": "02/03/2026 08:55",
        "caller": "Rui S.",
        "who": "Ana",
        "topic": "VPN",
        "by": "Phone",
        "impact": "2",
        "urgency": "2",
        "owner": "?",
        "group": "G1",
        "state": state,
        "code": "code 5",
        **more,
    }
    return ",".join(said.values()) + "\n"


LIFE = [
    line("A", "09:00", "New"),
    line("A", "09:10", "Active", owner="Ben"),
    line("A", "09:20", "Active", owner="Ben", impact="1", urgency="1"),
    line("A", "09:30", "Asked", owner="Ben", impact="1", urgency="1"),
    line("A", "11:30", "Active", owner="?", group="G2", impact="1", urgency="1"),
    line("A", "12:00", "Done", owner="Ben", group="G2", impact="1", urgency="1"),
    line("A", "13:00", "Closed", owner="Ben", group="G2", impact="1", urgency="1"),
]


def take_in(
    folder: Path, lines: list[str], *, map_text: str = MAP, limit: int | None = None, dry: bool = False
) -> Summary:
    path = folder / "log.csv"
    path.write_text(HEAD + "".join(lines))
    read = maps.read(map_text, procedures.current())
    with rows.opened(path, read.map.delimiter) as log:
        assert maps.missing_columns(read, log.columns) == []
        log.put_by(read.map.case, read.map.missing)
        return Intake(log, read.map, NOW, dry=dry).run(limit)


def told(number: int) -> list[tuple[str, str]]:
    """Each fact with its time of day in UTC."""
    return [(type(fact).__name__, f"{fact.at:%H:%M}") for fact in door.facts_of(number)]


def test_a_case_is_its_events_in_their_order_at_their_instants(desk: Desk, tmp_path: Path) -> None:
    summary = take_in(tmp_path, LIFE)
    assert (summary.tickets, summary.rows, summary.bad_rows, summary.odd) == (1, 7, 0, {})
    [ticket] = Ticket.objects.all()
    assert told(ticket.number) == [
        ("Received", "07:55"),
        ("Categorised", "08:00"),
        ("Prioritised", "08:00"),
        ("Assigned", "08:10"),
        ("Noted", "08:10"),
        ("Prioritised", "08:20"),
        ("Noted", "08:20"),
        ("Replied", "08:30"),
        ("WaitingOnRequester", "08:30"),
        ("Escalated", "10:30"),
        ("Assigned", "10:30"),
        ("Resumed", "10:30"),
        ("Noted", "10:30"),
        ("Assigned", "11:00"),
        ("Resolved", "11:00"),
        ("Closed", "12:00"),
    ]
    assert (ticket.status, ticket.priority, ticket.category, ticket.channel) == (
        "closed",
        "critical",
        "network.vpn",
        "phone",
    )
    assert (ticket.requester.name, ticket.assignee.name, ticket.subject) == ("Rui S.", "Ben", "VPN")
    assert discrepancies(ticket) == []


def test_a_second_run_adds_nothing_and_a_longer_log_only_what_is_new(desk: Desk, tmp_path: Path) -> None:
    take_in(tmp_path, LIFE)
    again = take_in(tmp_path, [*LIFE, line("B", "10:00", "New")])
    assert (again.tickets, again.there) == (1, 1)
    assert Ticket.objects.count() == RawItem.objects.filter(channel="eventlog", outcome="ticket").count() == 2
    assert Person.objects.filter(name="Rui S.").count() == 1


def test_nobody_hears_of_it_and_nothing_happens_by_itself(desk: Desk, tmp_path: Path) -> None:
    take_in(tmp_path, [*LIFE, line("B", "10:00", "Active"), line("C", "10:00", "Asked"), line("E", "10:00", "Done")])
    assert not workflow.on_alarm(NOW + timedelta(days=400))
    assert not Outgoing.objects.exists()
    assert set(Ticket.objects.values_list("alarm_at", flat=True)) == {None}
    for ticket in Ticket.objects.exclude(status="closed"):
        desk.reply(ticket.number, NOW) if ticket.unresolved else None
    assert not Outgoing.objects.exists(), "also of what somebody does on it later"
    worked = Person.objects.get(name="Ana", is_active=False)
    assert not worked.has_usable_password()


@pytest.mark.sop("5.1")
def test_it_is_judged_and_replayed_like_any_other(desk: Desk, tmp_path: Path) -> None:
    take_in(tmp_path, LIFE)
    [ticket] = Ticket.objects.all()
    verdicts = d.verdicts(ticket.number, NOW)
    assert {step: verdicts[step] for step in ("1.2", "3.2", "4.1", "4.2", "7.2")} == dict.fromkeys(
        ("1.2", "3.2", "4.1", "4.2", "7.2"), "met"
    )
    assert verdicts["6.1"] == "missing", "the log does not say what was done"
    facts = door.facts_of(ticket.number)
    assert due(door.fold(facts), standard(), NOW), "and of what nobody escalated there it says so"
    assert replay(facts, standard(), NOW).rungs


def test_cases_that_interleave_come_whole(desk: Desk, tmp_path: Path) -> None:
    other = [row.replace("A,", "B,", 1) for row in LIFE]
    mixed = [row for pair in zip(LIFE, other, strict=True) for row in pair]
    assert take_in(tmp_path, mixed).tickets == 2
    one, two = (told(number) for number in Ticket.objects.order_by("pk").values_list("pk", flat=True))
    assert one == two
    assert len(one) == 16


def test_bad_rows_are_answered_for_by_line(desk: Desk, tmp_path: Path) -> None:
    lines = [
        *LIFE,
        line("B", "10:00", "New"),
        line("B", "25:00", "Active"),
        line("B", "11:00", "Unheard of"),
        line("B", "11:00", "Junk"),
        line("B", "11:00", "Active", impact="9"),
        line("?", "11:00", "Active"),
        "B,too,short\n",
        line("C", "never", "Active"),
    ]
    summary = take_in(tmp_path, lines)
    said = {bad.line: bad.why for bad in summary.bad}
    assert said == {
        10: "'02/03/2026 25:00' is no time of the form '%d/%m/%Y %H:%M'",
        11: "state is 'Unheard of', of which the map says nothing",
        13: "impact is '9', of which the map says nothing",
        14: "has no id",
        15: "has 3 values where the head has 13 columns",
        16: "'02/03/2026 never' is no time of the form '%d/%m/%Y %H:%M'",
    }
    assert (summary.tickets, summary.bad_rows, summary.ignored, summary.unusable) == (2, 6, {"a slip": 1}, ["C"])


def test_what_the_log_leaves_out_is_added_and_counted(desk: Desk, tmp_path: Path) -> None:
    lines = [
        *(line("A", "09:00", "New"), line("A", "10:00", "Closed"), line("A", "11:00", "Asked")),
        *(line("A", "12:00", "Done"), line("A", "12:30", "Done"), line("A", "13:00", "New", impact="1", urgency="1")),
    ]
    summary = take_in(tmp_path, lines, map_text=MAP.replace("  same: [noted]\n", ""))
    assert summary.odd == {
        "resolved, which the log does not say before 'closed': added": 1,
        "reopened, which the log does not say before 'replied': added": 1,
        "resolved again: left out": 1,
        "prioritised while resolved: left out": 1,
    }
    kinds = [kind for kind, _ in told(Ticket.objects.get().number)]
    assert kinds[3:] == ["Resolved", "Closed", "Reopened", "Replied", "WaitingOnRequester", "Resolved"]


def test_a_dry_run_says_the_same_and_keeps_nothing(desk: Desk, tmp_path: Path) -> None:
    people = Person.objects.count()
    dry = take_in(tmp_path, [*LIFE, line("B", "25:00", "Active")], dry=True)
    assert not Ticket.objects.exists()
    assert not RawItem.objects.exists()
    assert Person.objects.count() == people
    assert dry == take_in(tmp_path, [*LIFE, line("B", "25:00", "Active")])


def test_a_limit_is_of_new_tickets(desk: Desk, tmp_path: Path) -> None:
    log = [line(case, "10:00", "New") for case in "ABCDE"]
    assert [take_in(tmp_path, log, limit=2).tickets for _ in range(3)] == [2, 2, 1]


@pytest.mark.parametrize(
    ("was", "wrong", "said"),
    [
        ("zone: Europe/Berlin", "zone: Berlin", "line 6: time.zone: 'Berlin' is no time zone"),
        ('"%d/%m/%Y %H:%M"', '"%d/%m"', "line 6: time.format: '%d/%m' is no way to write a day and time"),
        ("acme.invalid", "acme.example", "end it with .invalid"),
        ("[replied, waiting]", "[answered]", "line 25: happened.values.Asked.0: 'answered' is not a value for this"),
        (
            "VPN: network.vpn",
            "VPN: network.vnp",
            "'network.vnp' is no category of the procedure in force; did you mean",
        ),
        ("impact: {column", "impakt: {column", "line 15: impakt: 'impakt' is no key here; did you mean 'impact'?"),
        ("case: id\n", "", "case: is missing"),
        ("Junk: a slip", "New: a slip", "both reads and ignores 'New'"),
    ],
)
def test_a_map_is_checked_by_line(was: str, wrong: str, said: str) -> None:
    assert was in MAP
    with pytest.raises(ProcedureError) as refused:
        maps.read(MAP.replace(was, wrong, 1), standard())
    assert said in str(refused.value)


def test_a_map_for_other_columns_is_refused_with_those_that_there_are() -> None:
    read = maps.read(MAP, standard())
    wrong = maps.missing_columns(read, [name for name in HEAD.strip().split(",") if name != "state"] + ["status"])
    assert [str(problem)[:66] for problem in wrong] == [
        "line 20: happened.column: 'state' is no column of the log; did you"
    ]


@given(
    minutes=st.lists(st.integers(0, 3000), min_size=1, max_size=12),
    states=st.lists(
        st.sampled_from(["New", "Active", "Asked", "Done", "Closed", "Junk", "?"]), min_size=12, max_size=12
    ),
)
def test_whatever_a_case_tells_comes_in_order_and_not_before_it_was_received(
    minutes: list[int], states: list[str]
) -> None:
    log_map = LogMap.model_validate(maps.read(MAP, standard()).source.data)
    names = HEAD.strip().split(",")
    found = []
    for number, (minute, state) in enumerate(zip(minutes, states, strict=False), 2):
        at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minute)
        values = line("A", "x", state).strip().split(",")
        found.append(rows.Row(number, {**dict(zip(names, values, strict=True)), "at": f"{at:%d/%m/%Y %H:%M}"}))
    case = tell("A", found, log_map)
    instants = [happening.at for happening in case.happenings]
    assert instants == sorted(instants)
    assert case.received_at is None or not instants or case.received_at <= instants[0]
    assert len(case.bad) == sum(state == "?" for state in states[: len(found)])


def test_a_packed_log_that_ends_in_its_middle_is_said_to(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress((HEAD + "".join(LIFE) * 500).encode())[:-40])
    with pytest.raises(rows.Unreadable, match="cannot be read on after line"), rows.opened(path, ",") as log:
        log.put_by("id", ())


LOGS = [
    ("uci-incidents", "uci_incidents_until_2016-04-01.csv.gz"),
    ("italian-helpdesk", "helpdesk_italian_4580.csv.gz"),
    ("bpic2013-problems", "bpic2013_closed_problems.csv.gz"),
    ("servicenow-rest", "servicenow_rest_incidents_ibm.csv"),
]


@pytest.mark.parametrize(("name", "file"), LOGS)
def test_real_logs_come_in_by_their_maps(desk: Desk, shared_data: Path, name: str, file: str) -> None:
    if name == "uci-incidents":
        d.install((EXAMPLES / "procedures" / "servicenow-notifications.yaml").read_text(), d.after(-1))
    read = maps.read((EXAMPLES / "eventlogs" / f"{name}.yaml").read_text(), procedures.current())
    with rows.opened(shared_data / "eventlogs" / file, read.map.delimiter) as log:
        assert maps.missing_columns(read, log.columns) == []
        log.put_by(read.map.case, read.map.missing)
        summary = Intake(log, read.map, NOW).run(10)
    assert (summary.tickets, summary.bad_rows, summary.unusable) == (10, 0, [])
    assert Ticket.objects.filter(status="closed").count() >= 4
    for ticket in Ticket.objects.all():
        assert discrepancies(ticket) == []


def test_the_command_takes_a_log_in_and_says_what_came_of_it(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, log_map = tmp_path / "log.csv", tmp_path / "map.yaml"
    log.write_text(HEAD + "".join([*LIFE, line("B", "25:00", "New")]))
    log_map.write_text(MAP)
    command = ["import", "eventlog", str(log), "--map", str(log_map), "--quiet"]
    assert main([*command, "--dry-run"]) == 1, "a row could not be read"
    said = capsys.readouterr().out
    assert "Tickets would be made: 1, of " in said
    assert "Cases without a row that can be read: 1, such as B." in said
    assert "line 9: '02/03/2026 25:00' is no time" in said
    assert not Ticket.objects.exists()
    assert main(command) == 1
    assert "Tickets made: 1" in capsys.readouterr().out
    log.write_text(HEAD + "".join(LIFE))
    assert main(command) == 0
    assert "Cases that are here already: 1." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("map_text", "head", "said"),
    [
        (MAP.replace("Done: [resolved]", "Done: [solved]"), HEAD, "is no map of an event log:\nline 26: happened"),
        (MAP, HEAD.replace("state", "status"), "does not fit the log:\nline 20: happened.column: 'state' is no column"),
        (MAP.replace("{topic}", "{topik}"), HEAD, "line 11: subject.0: 'topik' is no column of the log; did you mean"),
        (MAP, "", "does not fit the log"),
    ],
)
def test_the_command_refuses_a_map_that_does_not_fit(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str], map_text: str, head: str, said: str
) -> None:
    log, log_map = tmp_path / "log.csv", tmp_path / "map.yaml"
    log.write_text(head)
    log_map.write_text(map_text)
    assert main(["import", "eventlog", str(log), "--map", str(log_map), "--quiet"]) == 1
    assert said in capsys.readouterr().err
    assert main(["import", "eventlog", str(tmp_path / "none.csv"), "--map", str(log_map)]) == 1
