"""The results: the table of medians, the figures that must hold, and the curves."""

import os
import statistics
import subprocess

OTHERS_MOST = 0.10  # of one processor: what else may run while the machine counts as quiet
OTHERS_TOO_MUCH = 0.30  # with this much, waiting times are the others' and not the server's


def calm(values):
    """Whether little else ran on the machine during this measurement."""
    return values.get("others_busy", 0) <= OTHERS_TOO_MUCH


class Results:
    """Every measurement made: by run and server, the rounds' key=value pairs."""

    def __init__(self):
        self.rounds = {}  # (run, server) -> {round: {key: value}}

    def add(self, run, server, number, values):
        self.rounds.setdefault((run, server), {})[number] = values

    def median(self, run, server, key):
        sound = [
            values
            for values in self.rounds.get((run, server), {}).values()
            if values.get("ok") and key in values
        ]
        kept = [values[key] for values in sound if calm(values)] or [
            values[key] for values in sound
        ]
        return statistics.median(kept) if kept else None

    def in_round(self, number, only_calm):
        """The get(run, server, key) that a figure is computed with. KeyError if there is none."""

        def get(run, server, key):
            values = self.rounds[(run, server)][number]
            if not values["ok"] or (only_calm and not calm(values)):
                raise KeyError(key)
            return values[key]

        return get

    def figure(self, figure):
        """
        The median of a figure over the rounds that have all its runs, or None. Rounds during
        which other processes were busy count only if there are no calm ones.
        """
        numbers = sorted({number for rounds in self.rounds.values() for number in rounds})
        for only_calm in (True, False):
            found = []
            for number in numbers:
                try:
                    found.append(figure.value(self.in_round(number, only_calm)))
                except (KeyError, ZeroDivisionError):
                    continue
            if found:
                return statistics.median(found)
        return None

    def failures(self, server):
        """(run, round, values) of each run of this server in which something was lost."""
        return [
            (run, number, values)
            for (run, name), rounds in self.rounds.items()
            for number, values in rounds.items()
            if name == server and not values.get("ok")
        ]

    def others_busy(self, case):
        """The share of a processor that other processes used during the runs of this case."""
        busy = [
            self.median(run, server, "others_busy")
            for run, server in self.rounds
            if run in case.runs
        ]
        return max((share for share in busy if share is not None), default=0)

    def dump(self):
        return [
            {"run": run, "server": server, "round": number, **values}
            for (run, server), rounds in self.rounds.items()
            for number, values in rounds.items()
        ]

    @classmethod
    def load(cls, rows):
        results = cls()
        for row in rows:
            values = dict(row)
            results.add(values.pop("run"), values.pop("server"), values.pop("round"), values)
        return results


def short(value, digits=3):
    """A number with `digits` significant digits and no exponent."""
    if value is None:
        return "-"
    if value == 0:
        return "0"
    if abs(value) >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    places = digits - 1
    scale = abs(value)
    while scale < 1:
        scale *= 10
        places += 1
    while scale >= 10:
        scale /= 10
        places -= 1
    return f"{value:.{max(places, 0)}f}"


def milliseconds(us):
    return None if us is None else us / 1000


def quotient(one, other):
    return None if one is None or not other else one / other


def table(headings, rows):
    """Markdown with aligned columns, readable as plain text. The first two columns are text."""
    widths = [
        max(len(str(row[column])) for row in [headings, *rows]) for column in range(len(headings))
    ]
    lines = []
    for row in [headings, None, *rows]:
        if row is None:
            cells = [
                "-" * width if i < 2 else "-" * (width - 1) + ":" for i, width in enumerate(widths)
            ]
        else:
            cells = [
                str(cell).ljust(width) if i < 2 else str(cell).rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths))
            ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def measurements(results, cases):
    rows = []
    for case in cases:
        for run in case.runs:
            for (name, server), rounds in results.rounds.items():
                if name != run:
                    continue
                rows.append(measurement(results, run, server, len(rounds)))
    headings = [
        "run",
        "server",
        "CPU us per delivery",
        "partyline / it",
        "deliveries/s",
        "p50 ms",
        "p99 ms",
        "partyline / it",
        "p99.9 ms",
        "in after s",
        "CPU s to get in",
        "KiB/client",
        "lost",
    ]
    return table(headings, rows)


def measurement(results, run, server, rounds):
    def median(key, of=server):
        return results.median(run, of, key)

    lost = sum(1 for name, _, _ in results.failures(server) if name == run)
    talked = median("deliveries")
    cost = median("cpu_us_per_delivery") if talked else None
    p99 = median("p99_us") if talked else None
    return [
        run,
        server,
        short(cost),
        short(quotient(median("cpu_us_per_delivery", "partyline"), cost)),
        short(median("deliveries_per_s") if talked else None),
        short(milliseconds(median("p50_us")) if talked else None),
        short(milliseconds(p99)),
        short(quotient(median("p99_us", "partyline"), p99)),
        short(milliseconds(median("p999_us")) if talked else None),
        short(median("arrive_s")),
        short(median("arrive_cpu_s")),
        short(median("kib_per_client")),
        f"{lost} of {rounds}" if lost else "none",
    ]


def holds(figure, value, slack=1):
    if figure.most is not None:
        return value <= figure.most * slack
    return value >= figure.least / slack


def verdicts(results, cases, smoke):
    """Rows of the table of figures, and whether all measured figures hold."""
    rows = []
    sound = True
    for case in cases:
        for figure in case.figures:
            value = results.figure(figure)
            slack = figure.slack if smoke else 1
            if figure.most is not None:
                wanted = f"at most {figure.most:g}"
            else:
                wanted = f"at least {figure.least:g}"
            if value is None:
                verdict = "not measured"
            elif holds(figure, value):
                verdict = "holds"
            elif smoke and figure.timed:
                verdict = "not judged"
            elif smoke and figure.quiet and results.others_busy(case) > OTHERS_TOO_MUCH:
                verdict = "not judged: machine busy"
            elif holds(figure, value, slack):
                verdict = "missed within noise"
            else:
                verdict = "BROKEN" if smoke else "MISSED"
                sound = False
            rows.append([case.name, figure.text, wanted, short(value), verdict])
    return table(["case", "figure", "wanted", "measured", "verdict"], rows), sound


CURVE_CLIENTS = (10, 100, 1000, 5000, 19500)

PLOTS = (
    ("cpu", "cpu_us_per_delivery", 1.0, "server CPU per delivery, microseconds"),
    ("p99", "p99_us", 1000.0, "p99 latency, milliseconds"),
)

COLOURS = {
    "partyline": "#c0392b",
    "lines": "#2c3e50",
    "ngircd": "#2980b9",
    "ncat": "#16a085",
    "asyncio": "#8e44ad",
}

TITLES = {"lines": "bare loop, one send() per delivery", "asyncio": "asyncio, the obvious way"}


def plot(results, directory):
    """Draws the curves. Returns the paths of the files written."""
    paths = []
    for name, key, unit, label in PLOTS:
        blocks = []
        curves = []
        for server, colour in COLOURS.items():
            points = [
                (clients, results.median(f"curve-{clients}", server, key))
                for clients in CURVE_CLIENTS
            ]
            points = [(clients, value / unit) for clients, value in points if value is not None]
            if not points:
                continue
            rows = "\n".join(f"{clients} {value:.6g}" for clients, value in points)
            blocks.append(f"${server} << END\n{rows}\nEND\n")
            curves.append(
                f"${server} using 1:2 with linespoints linewidth 2 pointtype 7 pointsize 0.6 "
                f'linecolor rgb "{colour}" title "{TITLES.get(server, server)}"'
            )
        if not curves:
            continue
        path = os.path.join(directory, f"bench-{name}.svg")
        script = (
            "".join(blocks)
            + "set terminal svg size 760,440 dynamic background rgb 'white' font 'sans-serif,13'\n"
            + f"set output '{path}'\n"
            + "set logscale xy\nset grid\nset key top left\nset xrange [8:25000]\n"
            + "set xtics (10, 100, 1000, 5000, 19500)\n"
            + f"set xlabel 'clients in the room'\nset ylabel '{label}'\n"
            + "plot "
            + ", ".join(curves)
            + "\n"
        )
        subprocess.run(["gnuplot"], input=script, text=True, check=True)
        paths.append(path)
    return paths
