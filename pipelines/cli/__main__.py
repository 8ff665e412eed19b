"""`python -m pipelines.cli` is `hengfa`."""

from pipelines.cli import main

if __name__ == "__main__":
    main()
