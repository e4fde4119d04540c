"""The page of ``lkjam-box monitor --full``: everything, as text, 80 columns. Pure."""

from __future__ import annotations

from textwrap import wrap

from ..protocol.histogram import EDGES_US, PER_DECADE, Figures
from ..protocol.measures import HISTOGRAMS
from ..protocol.shared_state import WarningId
from .box_run import BoxRun
from .finding import Finding
from .firmware import words
from .health_file import ProcessHealth
from .warning_texts import WARNINGS
from .words import answers, lasted, left_out, ms

_BARS = " ▁▂▃▄▅▆▇█"
_COLUMNS_A_DECADE = 4
_SHOWN_US = 100_000.0  # the last column holds all above
_NAMES = {
    "lateness": "late notes",
    "thru": "thru",
    "jitter": "clock jitter",
    "brain_first": "brain, first",
    "brain_whole": "brain, whole",
    "lag": "wake-ups",
}


def bars(figures: Figures) -> str:
    """A histogram as bars, four a decade from 1 us to 100 ms. Their height goes with the number of
    digits of the count, so that one outlier among a million is seen."""
    wide = PER_DECADE // _COLUMNS_A_DECADE
    shown = sum(edge <= _SHOWN_US for edge in EDGES_US)
    counts = (*figures.counts[1:shown], sum(figures.counts[shown:]))
    first = figures.counts[0] + sum(counts[:wide])
    columns = [first, *(sum(counts[i : i + wide]) for i in range(wide, len(counts), wide))]
    return "".join(_BARS[min(len(str(count)) + 1, 8) if count else 0] for count in columns)


def page(run: BoxRun, place: str, warning: str) -> str:
    """The page's text. ``place`` tells where the set is, ``warning`` what the screen warns of."""
    rows = [
        f"{place}   {lasted(run.seconds)}",
        warning or "all is well",
        "",
        *_histograms(run),
        "",
        *_clock(run),
    ]
    rows += _wrapped("answers", answers(run))
    rows += _wrapped("notes", f"{left_out(run)}; {run.count('dropped')} records dropped")
    rows += ["", *_processes(run), "", *_machine(run)]
    seen = "; ".join(f"{WARNINGS[WarningId[n]][0]} {count}x" for n, count in run.warnings.items())
    return "\n".join([*rows, *_wrapped("warned", seen or "of nothing so far")])


def _wrapped(head: str, text: str) -> list[str]:
    return wrap(text, 80, initial_indent=f"{head:<9}", subsequent_indent=" " * 9)


def _histograms(run: BoxRun) -> list[str]:
    scale = "".join(f"{edge:<{_COLUMNS_A_DECADE}}" for edge in ("1us", "10", "100", "1ms", "10"))
    heads = "".join(f"{head:>7}" for head in ("count", "p50", "p95", "p99", "p99.9", "max"))
    rows = [f"{'':<13}{heads} ms {scale}".rstrip()]
    for name in HISTOGRAMS:
        figures = run.figures(name)
        if not figures.total:
            rows.append(f"{_NAMES[name]:<13}{0:>7}")
            continue
        quantiles = "".join(
            f"{ms(figures.quantile_us(share)):>7}" for share in (0.5, 0.95, 0.99, 0.999)
        )
        rows.append(
            f"{_NAMES[name]:<13}{figures.total:>7}{quantiles}{ms(figures.max_us):>7}    "
            f"{bars(figures)}".rstrip()
        )
    return rows


def _clock(run: BoxRun) -> list[str]:
    spent_s, times = run.sync_s, run.sync_times
    states = ", ".join(
        f"{name.replace('_', ' ')} {lasted(spent_s[name])} ({times[name]}x)"
        for name in spent_s
        if times[name]
    )
    return _wrapped("clock", states or "not seen")


def _processes(run: BoxRun) -> list[str]:
    processes = run.health.processes if run.health else {}
    rows = [f"{'':<11}{'pid':>7}{'memory':>9}{'grew':>6}{'files':>6}{'starts':>7}  lost"]
    return (
        rows + [_process(name, process) for name, process in processes.items()] if processes else []
    )


def _process(name: str, process: ProcessHealth) -> str:
    memory_mb = process.rss_mb if process.pss_mb is None else process.pss_mb
    memory = "-" if memory_mb is None else f"{memory_mb:.1f} MB"
    lost = ", ".join(f"{how} {count}x" for how, count in process.ends.items())
    return (
        f"{name:<11}{process.pid or 'gone':>7}{memory:>9}{process.grew_mb:>6.1f}"
        f"{process.files or '-':>6}{process.starts:>7}  {lost}".rstrip()
    )


def _machine(run: BoxRun) -> list[str]:
    health = run.health
    if health is None:
        return _wrapped("machine", "nobody looks: the supervisor is gone")
    power = "no firmware to ask" if health.throttled is None else words(health.throttled)
    heat = "" if health.celsius is None else f"; {health.celsius:.0f}°C"
    disk = "" if health.free_mb is None else f"; {health.free_mb:.0f} MB free"
    watchdog = f"; watchdog {health.watchdog_s:.0f} s" if health.watchdog_s else "; no watchdog"
    return _wrapped("machine", f"{power}{heat}{disk}{watchdog}")


def table(findings: list[Finding], marks: dict[str, str]) -> str:
    """Each finding on a line, with what to do on the line under it."""
    width = max((len(finding.what) for finding in findings), default=0)
    rows = []
    for finding in findings:
        rows.append(f"{marks[finding.level]:<3} {finding.what:<{width}}  {finding.found}")
        if finding.mend:
            rows.append(f"    {'':<{width}}  -> {finding.mend}")
    return "\n".join(rows)
