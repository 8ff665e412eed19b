"""Where the public records of the examples are: `../shared/data`, beside the checkout or above it."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PUBLIC_RECORDS = next(
    (up / "shared" / "data" for up in REPOSITORY.parents if (up / "shared" / "data").is_dir()), Path("none")
)
