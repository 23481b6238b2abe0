# SPDX-License-Identifier: MIT
"""The results as a text for people."""

from bench.messages import BROWSER_SIZE, CLOSE, KEEP_ALIVE, SHAPES, request
from bench.programs import OURS


def table(head, rows):
    """Lines of a table; the first column is flushed left, None is shown as a dash."""
    cells = [[("-" if cell is None else str(cell)) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = []
    for row in cells:
        first = row[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join([first, *rest]).rstrip())
    lines.insert(1, "  ".join("-" * width for width in widths))
    return lines


def number(value):
    """An integer with its thousands apart, or None."""
    return None if value is None else f"{value:,}".replace(",", " ")


def kib(value):
    return None if value is None else f"{value / 1024:.2f}"


def served(results, *path):
    """The entry at `path` of nested dicts, or None."""
    for key in path:
        if not isinstance(results, dict) or key not in results:
            return None
        results = results[key]
    return results


def speed_rows(results):
    for mode in (CLOSE, KEEP_ALIVE):
        for key, title in results["programs"].items():
            speed = served(results, "throughput", key, mode)
            cost = served(results, "instructions", key, mode)
            if speed is None and cost is None:
                continue
            row = [f"{title}, {mode}"]
            for shape in SHAPES:
                row.append(number(served(speed, shape, "requests_per_second")))
                row.append(served(speed, shape, "of_ceiling"))
                row.append(served(speed, shape, "cpu_microseconds"))
                row.append(number(served(cost, shape)))
            yield row


def memory_rows(results):
    for mode in (CLOSE, KEEP_ALIVE):
        for key, title in results["programs"].items():
            memory = served(results, "memory", key)
            if served(memory, mode) is not None:
                yield [
                    f"{title}, {mode}",
                    number(served(memory, mode, "bytes_per_request")),
                    number(served(memory, "import")),
                    number(served(memory, mode, "in_use")),
                    kib(served(memory, mode, "smallest_heap")),
                ]


def parser_rows(results):
    for name, shapes in results["parsing"].items():
        for shape, pieces in shapes.items():
            yield [f"{name}, {shape}", *map(number, pieces.values())]


def size_rows(results):
    """Sizes of files, each followed by its functions from the largest to the smallest."""
    for file, sizes in results["sizes"]["files"].items():
        yield [file, *sizes.values()]
        own = {
            name: found
            for name, found in results["sizes"]["functions"].items()
            if name.startswith(f"{file}: ")
        }
        for name in sorted(own, key=lambda name: -max(own[name].values())):
            yield [f"  {name.partition(': ')[2]}", *map(own[name].get, sizes)]


def times(results, peer, mode, shape):
    """How many times the peer's requests/s ours are, or None; from rounds side by side."""
    ours = served(results, "throughput", OURS, mode, shape, "rounds")
    theirs = served(results, "throughput", peer, mode, shape, "rounds")
    if not ours or not theirs:
        return None
    ratios = sorted(own / other for own, other in zip(ours, theirs, strict=True))
    middle = len(ratios) // 2
    value = ratios[middle] if len(ratios) % 2 else (ratios[middle - 1] + ratios[middle]) / 2
    return round(value, 2)


def comparisons(results):
    """What this project's budgets speak about: tinyweb beside each other program.

    A list of {program, mode, shape, rate, cpu}: how many times the other's requests/s
    tinyweb has, and how many times tinyweb's processor time a request costs the other.
    """
    found = []
    for mode in (CLOSE, KEEP_ALIVE):
        for shape in SHAPES:
            for key in results["programs"]:
                rate = times(results, key, mode, shape)
                if key == OURS or rate is None:
                    continue
                speed = results["throughput"]
                theirs = speed[key][mode][shape]["cpu_microseconds"]
                ours = speed[OURS][mode][shape]["cpu_microseconds"]
                found.append(
                    {
                        "program": key,
                        "mode": mode,
                        "shape": shape,
                        "rate": rate,
                        "cpu": round(theirs / ours, 2),
                    }
                )
    return found


def text(results):
    """The whole report."""
    machine = results["machine"]
    lines = [
        f"{machine['simulator']}; {machine['cpus']} processors, load {machine['load']}",
        f"small: GET of {len(request('small', CLOSE))} bytes, HTTP/1.0 for close;"
        f" browser: GET of {BROWSER_SIZE} bytes, HTTP/1.1",
    ]
    if results["missing"]:
        lines.append(f"not in this simulator: {', '.join(results['missing'])}")
    rows = list(speed_rows(results))
    if rows:
        head = ["64-bit"]
        for shape in SHAPES:
            head += [f"{shape}: requests/s", "of bare", "CPU µs", "instructions"]
        lines += ["", *table(head, rows)]
    rows = list(memory_rows(results))
    if rows:
        head = ["32-bit, browser", "bytes/request", "import bytes", "in use bytes", "smallest KiB"]
        lines += ["", *table(head, rows)]
    rows = [
        [f"{title}, {mode}", number(found["bytes"][mode]), number(found["budget"])]
        for title, found in results["kinds"].items()
        for mode in found["bytes"]
    ]
    if rows:
        lines += ["", *table(["32-bit, browser", "bytes of heap", "budget"], rows)]
    if results["parsing"]:
        pieces = next(iter(next(iter(results["parsing"].values())).values()))
        head = ["instructions for a head, by bytes a read", *pieces]
        lines += ["", *table(head, parser_rows(results))]
        rows = [[what, *map(number, figures)] for what, *figures in results["budgets"]]
        lines += ["", *table(["parser", "budget", "httpparse", "http-parser"], rows)]
    if results["sizes"]:
        rows = sorted(results["sizes"]["image"].items())
        lines += ["", *table(["bytes in the ESP8266's image", "bytes"], rows)]
        head = ["bytes of code and constants, lx106 -Os"]
        head += next(iter(results["sizes"]["files"].values()))
        lines += ["", *table(head, size_rows(results))]
    if results["comparisons"]:
        head = ["tinyweb beside", "requests/s: times theirs", "CPU µs: theirs by tinyweb's"]
        rows = [
            [f"{results['programs'][one['program']]}, {one['mode']}, {one['shape']}"]
            + [one["rate"], one["cpu"]]
            for one in results["comparisons"]
        ]
        lines += ["", *table(head, rows)]
    return "\n".join(lines) + "\n"
