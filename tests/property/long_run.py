"""`python -m tests.property.long_run --worlds 400 --seed 1`: many small worlds; the first difference, made small.

A tenth of the worlds are computed alone, the others side by side, many in one database. Exit 0 if SQL and reference
agree in every world, 1 if they differ in one.
"""

import argparse
import sys
import time
import warnings
from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import HypothesisWarning

from tests.property.equality import differences, reduced, reference_records
from tests.property.worlds import SmallWorld, small_worlds
from tests.reference.indicators import evidence
from tests.reference.periods import thirteen_months
from tests.reference.rules import judged

#: So many differences of the reduced world are printed.
SHOWN = 12
#: After so many worlds a line says how far it is.
TOLD_EVERY = 10
#: So many worlds share a database.
SIDE_BY_SIDE = 30


class DifferenceFoundError(Exception):
    """SQL and reference differ in this world."""

    def __init__(self, world: SmallWorld) -> None:
        super().__init__("SQL and reference differ")
        self.world = world


def main(arguments: list[str]) -> int:
    """Run the worlds; 0 or 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.property.long_run", description=__doc__)
    parser.add_argument("--worlds", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    # A whole world is too long for Hypothesis to print; the reduced one is printed below.
    warnings.simplefilter("ignore", HypothesisWarning)
    done = 0
    seen: Counter[str] = Counter()
    begun, used = time.monotonic(), time.process_time()

    def run(number: int, examples: int) -> None:
        @seed(asked.seed)
        @settings(
            max_examples=examples, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(small_worlds(number))
        def all_agree(world: SmallWorld) -> None:
            nonlocal done
            if differences(world):
                raise DifferenceFoundError(world)
            done += number
            known = reference_records(world)
            seen.update(f"{row.indicator_id} {row.state}" for row in evidence(known, world.month))
            results = judged(known, set(thirteen_months(world.month)))
            seen.update(f"{rule} {result}" for (rule, _), result in results.items())
            if done // TOLD_EVERY > (done - number) // TOLD_EVERY:
                sys.stderr.write(f"{done} worlds, {time.monotonic() - begun:.0f} s\n")

        all_agree()

    alone = max(1, asked.worlds // 10)
    try:
        run(1, alone)
        if (others := asked.worlds - alone) > 0:
            run(SIDE_BY_SIDE, -(-others // SIDE_BY_SIDE))
    except DifferenceFoundError as found:
        smallest = reduced(found.world)
        lines = differences(smallest)
        sys.stdout.write(f"{smallest.shown()}\n\n" + "".join(f"{line}\n" for line in lines[:SHOWN]))
        sys.stdout.write(f"{len(lines)} differences in this world; {done} worlds agreed before it.\n")
        return 1
    sys.stdout.write("".join(f"{count:8d} {name}\n" for name, count in sorted(seen.items())))
    sys.stdout.write(f"{done} worlds, no difference, {time.process_time() - used:.0f} s of CPU.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
