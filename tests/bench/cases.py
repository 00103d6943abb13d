"""The cases of the bench: the load, the servers, and the figures that must hold.

A case has one or more runs; each is a call of the load generator against a fresh server. A figure
is computed from the runs of one round, so that its two sides were measured minutes apart at most.
Its median over the rounds is compared with the wanted value.
"""

from dataclasses import dataclass, field

DRAIN_TIMEOUT_S = 3.0  # partyline's default


@dataclass
class Run:
    """One call of the load generator against each of `servers`."""

    load: str
    servers: str
    smoke_load: str = None  # what replaces `load` in a smoke test; None: the run is left out
    smoke_servers: str = ""
    options: str = ""  # for partyline
    beside: str = None  # a program at work meanwhile: "load" with its arguments, or "logins.py"
    special: dict = field(default_factory=dict)  # by server: what is added to `load`
    smoke_special: dict = field(default_factory=dict)
    rounds: dict = field(default_factory=dict)  # by server: at most so many


@dataclass
class Figure:
    """`value` gets a function get(run, server, key) and returns a number."""

    text: str
    value: object
    most: float = None
    least: float = None
    slack: float = 2  # how many times the wanted figure a smoke test lets pass as noise
    timed: bool = False  # an absolute time: not for a smoke test, whose machine is unknown
    quiet: bool = False  # invalid while others use the processors: waiting times, and the cost of a
    # server that does more at once when it runs later


@dataclass
class Case:
    name: str
    title: str
    runs: dict
    figures: list
    rounds: int = 0  # at most so many; 0: as many as are asked for


def cost(get, run, server):
    return get(run, server, "cpu_us_per_delivery")


def cost_ratio(run, server):
    return lambda get: cost(get, run, "partyline") / cost(get, run, server)


def p99_ratio(run, server):
    return lambda get: get(run, "partyline", "p99_us") / get(run, server, "p99_us")


def cost_over_limit(get, run):
    return cost(get, run, "partyline") / cost(get, run, "lines")


PACED = Case(
    "paced",
    "500 clients, 20 talkers, 100 lines a second, 100 bytes",
    {
        "paced": Run(
            "--clients 500 --talkers 20 --pace 100 --seconds 5 --quiet 1.1",
            "partyline lines chunks ngircd asyncio",
            smoke_load="--clients 200 --talkers 20 --pace 200 --seconds 1.5 --warmup 0.3",
            smoke_servers="partyline lines ngircd",
        )
    },
    [
        Figure("CPU per delivery / limit", cost_ratio("paced", "lines"), most=1.05),
        Figure("p99 / limit", p99_ratio("paced", "lines"), most=1.2, quiet=True),
        Figure("CPU per delivery / ngircd", cost_ratio("paced", "ngircd"), most=0.55, quiet=True),
    ],
)

# The chunk limit's cost for a flood varies threefold from run to run, since its chunks are larger
# when its readers are slower. Hence the tolerance of the figures over it. The 20,000 lines, 2 MB
# for each reader, may still be in the kernel when it is done, and are then delivered in the
# readers' processor time; most of 100,000 lines it must deliver itself.
#
# Bare lines (one send per line) and asyncio (one task per delivery) are so slow in a flood that
# they get a part of it only.
SHORT_FLOODS = {"lines": "--lines 2000", "asyncio": "--lines 1000"}

FLOOD = Case(
    "flood",
    "200 clients, 10 of them flood 20,000 lines",
    {
        "flood": Run(
            "--clients 200 --flooders 10 --lines 20000",
            "partyline lines chunks ngircd asyncio",
            smoke_load="--clients 200 --flooders 10 --lines 20000",
            smoke_servers="partyline chunks ngircd",
            special=SHORT_FLOODS,
            smoke_special={"ngircd": "--lines 3000"},
        ),
        "long-flood": Run(
            "--clients 200 --flooders 10 --lines 100000",
            "partyline chunks",
            smoke_load="--clients 200 --flooders 10 --lines 100000",
            smoke_servers="partyline chunks",
        ),
    },
    [
        Figure("CPU per delivery / chunk limit", cost_ratio("flood", "chunks"), most=1.2, slack=4),
        Figure("the same, 100,000 lines", cost_ratio("long-flood", "chunks"), most=1.2),
        Figure(
            "deliveries a second / ngircd",
            lambda get: get("flood", "partyline", "deliveries_per_s")
            / get("flood", "ngircd", "deliveries_per_s"),
            least=2.5,
            quiet=True,
        ),
    ],
)

MANY = Case(
    "many",
    "200 clients, 100 of them flood 20,000 lines",
    {
        "many": Run(
            "--clients 200 --flooders 100 --lines 20000",
            "partyline lines chunks ngircd asyncio",
            smoke_load="--clients 200 --flooders 100 --lines 20000",
            smoke_servers="partyline chunks",
            special=SHORT_FLOODS,
        )
    },
    [Figure("CPU per delivery / chunk limit", cost_ratio("many", "chunks"), most=1.6, slack=4)],
)

CROWD = Case(
    "crowd",
    "19,500 clients in one room, 4 lines a second",
    {
        "crowd": Run(
            "--clients 19500 --talkers 4 --pace 4 --seconds 10 --quiet 1.1 --settle 60",
            "partyline lines chunks",
            smoke_load="--clients 3000 --talkers 4 --pace 20 --seconds 1.5 --warmup 0 --quiet 1.1",
            smoke_servers="partyline lines",
        )
    },
    [
        Figure("CPU per delivery / limit", cost_ratio("crowd", "lines"), most=1.15),
        Figure(
            "p99 until the last has it / limit",
            lambda get: get("crowd", "partyline", "last_p99_us")
            / get("crowd", "lines", "last_p99_us"),
            most=1.25,
            quiet=True,
            slack=4,  # one of some 120 lines decides
        ),
        Figure(
            "KiB resident per client",
            lambda get: get("crowd", "partyline", "kib_per_client"),
            most=14,
        ),
    ],
)

# The pace is such that every size makes some 50,000 deliveries a second.
CURVE = Case(
    "curve",
    "10 to 19,500 clients",
    {
        "curve-10": Run(
            "--clients 10 --talkers 4 --pace 1000 --seconds 3",
            "partyline lines ngircd ncat asyncio",
        ),
        "curve-100": Run(
            "--clients 100 --talkers 4 --pace 500 --seconds 3",
            "partyline lines ngircd ncat asyncio",
        ),
        "curve-1000": Run(
            "--clients 1000 --talkers 4 --pace 50 --seconds 3 --quiet 1.1",
            "partyline lines ngircd asyncio",
            special={"asyncio": "--pace 20"},
        ),
        "curve-5000": Run(
            "--clients 5000 --talkers 4 --pace 10 --seconds 5 --quiet 1.1",
            "partyline lines",
        ),
        "curve-19500": Run(
            "--clients 19500 --talkers 4 --pace 3 --seconds 6 --quiet 1.1 --settle 60",
            "partyline lines",
        ),
    },
    [
        Figure(
            f"CPU over the limit at {clients} / at 100",
            lambda get, clients=clients: cost_over_limit(get, f"curve-{clients}")
            / cost_over_limit(get, "curve-100"),
            most=1.2,
        )
        for clients in (10, 1000, 5000, 19500)
    ],
)

ARRIVE = Case(
    "arrive",
    "2,000 connect and join at once, everyone told of everyone",
    {
        "arrive": Run(
            "--clients 2000 --window 0 --all-arrivals --quiet 0.5",
            "partyline ngircd asyncio",
            smoke_load="--clients 1000 --window 0 --all-arrivals --quiet 0.3",
            smoke_servers="partyline",
            options="--presence-limit 0",
            special={"asyncio": "--settle 150"},  # a task for each of two million notices
            rounds={"ngircd": 1, "asyncio": 1},
        )
    },
    [
        Figure(
            "s of server CPU",
            lambda get: get("arrive", "partyline", "arrive_cpu_s"),
            most=1,
            timed=True,
        )
    ],
)

ARRIVE_CROWD = Case(
    "arrive-crowd",
    "19,500 connect and join at once",
    {
        "arrive-crowd": Run(
            "--clients 19500 --window 0 --quiet 1.1 --settle 60",
            "partyline lines",
        )
    },
    [
        Figure(
            "s until everyone is in",
            lambda get: get("arrive-crowd", "partyline", "arrive_s"),
            most=5,
            timed=True,
        ),
        Figure(
            "s of server CPU",
            lambda get: get("arrive-crowd", "partyline", "arrive_cpu_s"),
            most=4,
            timed=True,
        ),
    ],
)

# The flood must exceed the megabytes that the kernel buffers for a stalled reader; otherwise no
# server would notice that the reader is stalled.
STALLED = Case(
    "stalled",
    "100 clients, 5 of them flood 100,000 lines, 5 others stop reading",
    {
        "flood-all-read": Run(
            "--clients 100 --flooders 5 --lines 100000",
            "partyline",
            smoke_load="--clients 100 --flooders 5 --lines 100000",
            smoke_servers="partyline",
        ),
        "flood-5-stop": Run(
            "--clients 100 --flooders 5 --lines 100000 --stalled 5",
            "partyline ngircd",
            smoke_load="--clients 100 --flooders 5 --lines 100000 --stalled 5",
            smoke_servers="partyline",
        ),
    },
    [
        Figure(
            "time beyond the drain timeout / without",
            lambda get: (get("flood-5-stop", "partyline", "elapsed_s") - DRAIN_TIMEOUT_S)
            / get("flood-all-read", "partyline", "elapsed_s"),
            most=1.2,
            slack=4,  # of half a second: one whose socket held more costs another second or two
            quiet=True,
        ),
        Figure(
            "stalled readers that are gone",
            lambda get: get("flood-5-stop", "partyline", "stalled_gone"),
            least=5,
        ),
    ],
)

TRICKLE = Case(
    "trickle",
    "20 people at 1 line a second, one client floods without end",
    {
        "no-flood": Run(
            "--clients 22 --talkers 20 --pace 20 --seconds 10",
            "partyline ngircd",
            smoke_load="--clients 22 --talkers 20 --pace 40 --seconds 1.5 --warmup 0.3",
            smoke_servers="partyline",
        ),
        "beside-a-flood": Run(
            "--clients 22 --talkers 20 --pace 20 --seconds 10 --flooders 1",
            "partyline chunks ngircd",
            smoke_load="--clients 22 --talkers 20 --pace 40 --seconds 1.5 --warmup 0.3"
            " --flooders 1",
            smoke_servers="partyline ngircd",
        ),
        "rate-50": Run(
            "--clients 22 --talkers 20 --pace 20 --seconds 10 --flooders 1 --unfinished",
            "partyline",
            smoke_load="--clients 22 --talkers 20 --pace 40 --seconds 1.5 --warmup 0.3"
            " --flooders 1 --unfinished",
            smoke_servers="partyline",
            options="--rate 50",
        ),
    },
    [
        Figure(
            "p99 beside a flood / ngircd",
            p99_ratio("beside-a-flood", "ngircd"),
            most=0.5,
            slack=12,  # a second and a half has sixty of their lines, and three hits decide
            quiet=True,
        ),
        Figure(
            "p99 with --rate 50 / without any flood",
            lambda get: get("rate-50", "partyline", "p99_us")
            / get("no-flood", "partyline", "p99_us"),
            most=2,
            quiet=True,
        ),
    ],
)

# The warm-up has visitors too, so that memory that libc keeps for their threads is not counted as
# growth.
CHURN = Case(
    "churn",
    "500 clients, 100 lines a second, 200 a second come in and leave",
    {
        "nobody-moves": Run(
            "--clients 500 --talkers 20 --pace 100 --seconds 15 --quiet 1.1",
            "partyline",
            smoke_load="--clients 200 --talkers 20 --pace 100 --seconds 1.5 --warmup 0.3",
            smoke_servers="partyline",
        ),
        "come-and-go": Run(
            "--clients 500 --talkers 20 --pace 100 --seconds 30 --churn 200 --quiet 1.1"
            " --warmup 3",
            "partyline",
            smoke_load="--clients 200 --talkers 20 --pace 100 --seconds 1.5 --warmup 0.3"
            " --churn 50",
            smoke_servers="partyline",
        ),
    },
    [
        Figure(
            "p99 / without",
            lambda get: get("come-and-go", "partyline", "p99_us")
            / get("nobody-moves", "partyline", "p99_us"),
            most=1.5,
            quiet=True,
        ),
        Figure(
            "resident memory after / before",
            lambda get: get("come-and-go", "partyline", "after_kib")
            / get("come-and-go", "partyline", "before_kib"),
            most=1.02,
        ),
        Figure(
            "visitors turned away",
            lambda get: get("come-and-go", "partyline", "turned_away"),
            most=0,
        ),
    ],
    rounds=3,
)

# From here on: load that must neither delay people who talk nor cost a line to a reader that reads
# on, however slowly. A run in which a reader was cut off, or lost a line, has failed.

# The p99 of a hundred lines is the slowest of them, so it hides nothing. Where one line that the
# scheduler delays would decide, the talk is longer.
FEW = "--clients 12 --talkers 2 --pace 10 --warmup 0.5"


def quietly(seconds):
    return Run(
        f"{FEW} --seconds {seconds}",
        "partyline ngircd",
        smoke_load=f"{FEW} --seconds 2",
        smoke_servers="partyline",
    )


def beside(others, seconds, **more):
    return Run(f"{FEW} --seconds {seconds} {others}", "partyline ngircd", **more)


def p99_beside(run, without, most, **more):
    return Figure(
        f"talk p99, {run} / without",
        lambda get: get(run, "partyline", "p99_us") / get(without, "partyline", "p99_us"),
        most=most,
        quiet=True,
        **more,
    )


PASTE = Case(
    "paste",
    "12 people at 10 lines a second, one pastes 3 MB, one reads slowly",
    {
        "paste-none": quietly(10),
        "paste-100k": beside("--pasters 1 --paste 3000000 --slow 1 --slow-rate 100000", 10),
        "paste-400k": beside(
            "--pasters 1 --paste 3000000 --slow 1 --slow-rate 400000",
            10,
            smoke_load=f"{FEW} --seconds 2 --pasters 1 --paste 1500000 --slow 1"
            " --slow-rate 400000",
            smoke_servers="partyline",
        ),
        "slow-20k": beside("--slow 1 --slow-rate 20000", 10),
    },
    [
        p99_beside(run, "paste-none", most=2, slack=10)
        for run in ("paste-100k", "paste-400k", "slow-20k")
    ],
    rounds=3,
)

# Newcomers stop reading during a flood, one after the other.
STALLERS = Case(
    "stallers",
    "a flood beside 12 people, every 2 s one more comes who stops reading",
    {
        "flood-alone": beside("--flooders 1", 10),
        "stallers": beside("--flooders 1 --stall-every 2", 10),
    },
    [
        p99_beside("stallers", "flood-alone", most=1.5),
        Figure(
            "lines of the flood a second",
            lambda get: get("stallers", "partyline", "flood_deliveries") / 12 / 10,
            least=1000,
        ),
    ],
    rounds=3,
)

# All readers but the five are one busy process, which reads now and then.
LAZY = Case(
    "lazy",
    "the same with 95 readers that are read every 0.5 to 1.5 s, 20,000 and 100,000 lines",
    {
        f"lazy-{lines}{name}": Run(
            f"--clients 100 --flooders 5 --lines {lines} --warmup 0 --lazy 500-1500{stalled}",
            "partyline",
        )
        for lines in (20000, 100000)
        for name, stalled in (("", ""), ("-5-stop", " --stalled 5"))
    },
    [
        figure
        for lines in (20000, 100000)
        for figure in (
            Figure(
                f"time beyond the drain timeout / without, {lines:,} lines",
                lambda get, lines=lines: (
                    get(f"lazy-{lines}-5-stop", "partyline", "elapsed_s") - DRAIN_TIMEOUT_S
                )
                / get(f"lazy-{lines}", "partyline", "elapsed_s"),
                most=1.2,
                quiet=True,
            ),
            Figure(
                f"stalled readers that are gone, {lines:,} lines",
                lambda get, lines=lines: get(f"lazy-{lines}-5-stop", "partyline", "stalled_gone"),
                least=5,
            ),
        )
    ],
    rounds=1,
)

HUNDRED = Case(
    "hundred-floods",
    "100 floods at once, 30,000 lines, beside a reader of 300 KB/s",
    {
        "hundred-floods": Run("--clients 120 --flooders 100 --lines 30000", "partyline"),
        "hundred-floods-slow": Run(
            "--clients 120 --flooders 100 --lines 30000 --slow 1 --slow-rate 300000",
            "partyline",
        ),
    },
    [
        Figure(
            "KiB more at most than without / --sendq and a batch",
            lambda get: (
                get("hundred-floods-slow", "partyline", "peak_kib")
                - get("hundred-floods", "partyline", "peak_kib")
            )
            / (1024 + 256),
            most=1,
            slack=4,
        ),
    ],
    rounds=3,
)

PRIVATE_STALL = Case(
    "private-stall",
    "12 people talk, one has stopped reading, another writes to it without end",
    {
        "private-none": quietly(30),
        "private-stall": Run(
            f"{FEW} --seconds 30 --stalled 1 --askers 1 --ask-rate 0"
            f" --ask '/msg @ {'x' * 80}'",
            "partyline",
            smoke_load=f"{FEW} --seconds 2 --stalled 1 --askers 1 --ask-rate 0"
            f" --ask '/msg @ {'x' * 80}'",
            smoke_servers="partyline",
        ),
    },
    [p99_beside("private-stall", "private-none", most=2, slack=10)],
    rounds=3,
)

ASKERS = Case(
    "askers",
    "5,000 in one room, 10 of them ask 100 times a second each",
    {
        "askers-none": Run(
            "--clients 5000 --talkers 4 --pace 10 --seconds 8 --quiet 1.1", "partyline"
        ),
        "askers-help": Run(
            "--clients 5000 --talkers 4 --pace 10 --seconds 8 --quiet 1.1 --askers 10"
            " --ask /help",
            "partyline",
        ),
        "askers-who": Run(
            "--clients 5000 --talkers 4 --pace 10 --seconds 8 --quiet 1.1 --askers 10"
            " --ask /who",
            "partyline",
        ),
    },
    [
        p99_beside("askers-help", "askers-none", most=2),
        p99_beside("askers-who", "askers-none", most=2),
    ],
    rounds=3,
)

HOSTILE = Case(
    "hostile",
    "50 people at 10 lines a second, 20 of them ask as fast as they can",
    {
        "hostile-none": Run(
            "--clients 50 --talkers 10 --pace 10 --seconds 8 --warmup 0.5", "partyline"
        ),
        **{
            f"hostile-{name}": Run(
                "--clients 50 --talkers 10 --pace 10 --seconds 8 --warmup 0.5 --askers 20"
                f" --ask-rate 0 --ask '{ask}'",
                "partyline",
            )
            for name, ask in (("help", "/help"), ("who", "/who"), ("unknown", "/nonsense"))
        },
    },
    [
        p99_beside(f"hostile-{name}", "hostile-none", most=5)
        for name in ("help", "who", "unknown")
    ],
    rounds=3,
)

# Readers at terminals beside readers of plain lines. Who talks sends plain lines.
def of_plain(run, key):
    return lambda get: get(run, "terminals", key) / get(run, "partyline", key)


TERMINALS = Case(
    "terminals",
    "2,000 at terminals, each with half a line typed, 20 lines a second",
    {
        "terminals": Run(
            "--clients 2004 --talkers 4 --pace 20 --seconds 10 --quiet 1.1",
            "partyline terminals",
            smoke_load="--clients 304 --talkers 4 --pace 20 --seconds 2 --warmup 0.3",
            smoke_servers="partyline terminals",
        )
    },
    [
        Figure("CPU per delivery / plain", of_plain("terminals", "cpu_us_per_delivery"), most=1.4),
        Figure("p99 / plain", of_plain("terminals", "p99_us"), most=1.2, quiet=True),
    ],
)

HI = Case(
    "hi",
    "200 at terminals, 4 talk, 10 say hi as fast as they can",
    {
        "hi": Run(
            "--clients 214 --talkers 4 --pace 20 --seconds 10 --warmup 0.5"
            " --askers 10 --ask-rate 0 --ask hi",
            "partyline terminals",
            smoke_load="--clients 64 --talkers 4 --pace 20 --seconds 2 --warmup 0.3"
            " --askers 10 --ask-rate 0 --ask hi",
            smoke_servers="partyline terminals",
        )
    },
    [Figure("talk p99 / plain", of_plain("hi", "p99_us"), most=5, slack=4, quiet=True)],
)

# Rooms. Of as many people in one room, and of a room of 500, the former says what rooms cost; the
# latter has sockets that stay in the processor's caches, and a 25th of the lines to be read.
FIVE_SECONDS = "--seconds 5 --quiet 1.1"

ROOMS = Case(
    "rooms",
    "12 people at 10 lines a second beside a flood to 100 in another room; 975 rooms of 20",
    {
        "room-alone": Run(f"{FEW} --seconds 10 --initial t --rooms 1", "partyline"),
        "room-beside-a-flood": Run(
            f"{FEW} --seconds 10 --initial t --rooms 1",
            "partyline",
            beside="load --clients 100 --flooders 5 --lines 500000000 --initial f --rooms 1",
        ),
        "one-room-of-500": Run(
            f"--clients 500 --talkers 20 --pace 100 {FIVE_SECONDS} --rooms 1", "partyline"
        ),
        "one-room-of-19500": Run(
            f"--clients 19500 --talkers 20 --pace 2.6 {FIVE_SECONDS} --rooms 1", "partyline"
        ),
        "975-rooms-of-20": Run(
            f"--clients 19500 --talkers 975 --pace 2626 {FIVE_SECONDS} --rooms 975",
            "partyline",
        ),
    },
    [
        p99_beside("room-beside-a-flood", "room-alone", most=2),
        *(
            Figure(
                f"CPU per delivery, 975 rooms of 20 / one of {size}",
                lambda get, size=size: cost(get, "975-rooms-of-20", "partyline")
                / cost(get, f"one-room-of-{size}", "partyline"),
                most=most,
            )
            for size, most in ((500, 1), (19500, 1.05))
        ),
    ],
    rounds=3,
)

# They talk in a room of their own, where nobody is told who comes and goes.
LOGINS = Case(
    "logins",
    "12 people at 10 lines a second, beside 500 addresses with wrong passwords, 100 with right ones",
    {
        name: Run(f"{FEW} --seconds 10 --rooms 1", "data", beside=beside)
        for name, beside in (
            ("no-logins", None),
            ("500-wrong-logins", "logins.py 500 wrong"),
            ("100-right-logins", "logins.py 100 right"),
        )
    },
    [
        Figure(
            f"talk p99, {run} / without",
            lambda get, run=run: get(run, "data", "p99_us") / get("no-logins", "data", "p99_us"),
            most=2,
            quiet=True,
        )
        for run in ("500-wrong-logins", "100-right-logins")
    ],
    rounds=3,
)

# A new data file for each run. A flood's 100,000 lines, and the 10,000 of its warm-up.
DATA = Case(
    "data",
    "the paced case, and a flood of 100,000 lines, with --data",
    {
        "data-paced": Run(
            "--clients 500 --talkers 20 --pace 100 --seconds 5 --quiet 1.1", "partyline data"
        ),
        "data-flood": Run("--clients 200 --flooders 10 --lines 100000", "partyline data"),
    },
    [
        Figure(
            "CPU per delivery, paced / without",
            lambda get: cost(get, "data-paced", "data") / cost(get, "data-paced", "partyline"),
            most=1.05,
        ),
        Figure(
            "lines of the flood that are stored or in a gap / said",
            lambda get: (get("data-flood", "data", "stored") + get("data-flood", "data", "in_a_gap"))
            / 110000,
            least=1,
            slack=1,
        ),
        Figure(
            "deliveries a second in the flood / without",
            lambda get: get("data-flood", "data", "deliveries_per_s")
            / get("data-flood", "partyline", "deliveries_per_s"),
            least=0.5,
        ),
    ],
)

ALL = [
    PACED,
    FLOOD,
    MANY,
    CROWD,
    CURVE,
    ARRIVE,
    ARRIVE_CROWD,
    STALLED,
    TRICKLE,
    CHURN,
    PASTE,
    STALLERS,
    LAZY,
    HUNDRED,
    PRIVATE_STALL,
    ASKERS,
    HOSTILE,
    TERMINALS,
    HI,
    ROOMS,
    DATA,
    LOGINS,
]
