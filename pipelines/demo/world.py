"""What all parts of the made-up district share."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pipelines.contract.loader import Contracts
from pipelines.demo.arguments import DemoArguments
from pipelines.demo.bodies import Bodies, Officers
from pipelines.demo.breaches import Breaches
from pipelines.demo.clock import WorkingDays
from pipelines.demo.law_book import LawBook, Powers
from pipelines.demo.objects import Objects
from pipelines.demo.volumes import Volumes


@dataclass
class World:
    """The ledgers and the means to draw acts, no act yet; `breaches` fills while acts are drawn."""

    arguments: DemoArguments
    contracts: Contracts
    working: WorkingDays
    bodies: Bodies
    officers: Officers
    devices: pl.DataFrame
    recorder_start: np.ndarray
    recorder_count: np.ndarray
    book: LawBook
    powers: Powers
    objects: Objects
    volumes: Volumes
    breaches: Breaches = field(default_factory=Breaches)
