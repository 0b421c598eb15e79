# SPDX-License-Identifier: GPL-2.0-only
"""The goals, as ratios of what one run has measured. Judged, never asserted: a figure that
was not measured leaves its goal undecided."""


class Figures:
    """Medians by name; None for what was not measured."""

    def __init__(self, result):
        self.result = result

    def _median(self, table, what, device):
        found = self.result[table].get(what, {}).get(device)
        return found["median"] if found else None

    def speed(self, workload, device):
        return self._median("megabytes_per_second", workload, device)

    def value(self, what, device):
        return self._median("values", what, device)

    def ratio(self, workload, device, other):
        return over(self.speed(workload, device), self.speed(workload, other))

    def append_bound(self, workload):
        """Each byte is hashed by some CPU and written to the disk once."""
        sha256 = self.speed(workload, "sha256-all")
        linear = self.speed(workload, "linear")
        return 1 / (1 / sha256 + 1 / linear) if sha256 and linear else None


def over(left, right):
    return left / right if left is not None and right else None


def append_goals(figures):
    for workload, name in (("append-128k-8", "append 128 KiB, depth 8"),):
        yield (f"worm {name} / bound of SHA-256 and dm-linear", ">=", 0.90,
               over(figures.speed(workload, "worm"), figures.append_bound(workload)))
        for mode, wanted in (("J", 2.0), ("B", 1.2), ("D", 1.2)):
            yield (f"worm {name} / dm-integrity {mode}", ">=", wanted,
                   figures.ratio(workload, "worm", f"integrity-{mode}"))
    yield ("worm append 4 KiB, depth 32 / dm-integrity J", ">=", 1.3,
           figures.ratio("append-4k-32", "worm", "integrity-J"))
    yield ("worm append 4 KiB and fsync each / dm-integrity J", ">=", 1.5,
           figures.ratio("fsync-4k-1", "worm", "integrity-J"))
    yield ("flushes of the disk for each commit, 8 waiting", "<=", 1.0,
           figures.value("flushes-per-commit-of-8", "worm"))
    yield ("stream append 128 KiB, depth 8 / dm-linear", ">=", 0.95,
           figures.ratio("append-128k-8", "stream", "linear"))
    yield ("stream append 4 KiB, depth 32 / dm-linear", ">=", 0.85,
           figures.ratio("append-4k-32", "stream", "linear"))
    for device in ("worm", "stream"):
        yield (f"{device}: bytes written for each byte of large appends", "<=", 1.02,
               figures.value("amplification-1M", device))


def read_goals(figures):
    for workload, name in (("read-128k-8", "sequential reads 128 KiB, depth 8"),
                           ("read-128k-1", "sequential reads 128 KiB, depth 1"),
                           ("randread-128k-8", "random reads 128 KiB, depth 8")):
        yield (f"worm {name}, unverified / dm-linear", ">=", 0.97,
               figures.ratio(workload, "worm-unverified", "linear"))
        yield (f"worm {name}, verified / dm-verity", ">=", 1.1,
               figures.ratio(workload, "worm-read", "verity"))


def size_goals(figures):
    for size in ("1GiB", "16TiB"):
        what = f"activation-us-{size}"
        for device in ("worm", "stream"):
            yield (f"{device} {size}: activation / dm-verity", "<=", 2.0,
                   over(figures.value(what, device), figures.value(what, "verity")))
            kib = figures.value(f"memory-kib-{size}", device)
            yield (f"{device} {size}: MiB of kernel memory", "<", 4.0, over(kib, 1024))


def vault_goals(figures):
    counts = sorted(figures.result["values"].get("vault-get-ns", {}), key=int)
    for count in counts:
        def cost(command, count=count):
            return figures.value(f"vault-{command}-ns", count)
        yield (f"vault of {count}: get / INFO", "<=", 5.0,
               over(cost("get"), cost("info")))
        # One commit more is allowed, so this asks for a little too much
        yield (f"vault of {count}: add / one verification", "<=", 1.1,
               over(cost("add"), cost("verify")))
    if len(counts) > 1:
        for command in ("get", "add"):
            what = f"vault-{command}-ns"
            yield (f"vault: {command} with {counts[-1]} / with {counts[0]}", "<=", 1.1,
                   over(figures.value(what, counts[-1]), figures.value(what, counts[0])))


def reached(relation, wanted, figure):
    if figure is None:
        return None
    if relation == ">=":
        return figure >= wanted
    return figure <= wanted if relation == "<=" else figure < wanted


def judge(result):
    figures = Figures(result)
    goals = []
    for part in (append_goals, read_goals, size_goals, vault_goals):
        for goal, relation, wanted, figure in part(figures):
            goals.append({"goal": goal, "relation": relation, "wanted": wanted,
                          "figure": figure,
                          "reached": reached(relation, wanted, figure)})
    return goals
