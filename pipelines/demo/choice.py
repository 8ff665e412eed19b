"""Which power of its list a body uses: a few often, many never."""

import numpy as np

from pipelines.demo.clock import NONE
from pipelines.demo.law_book import LawBook, Powers


class PowerChoice:
    """Draws among the powers of one kind (penalty, inspection, coercion) that a subject holds on a day."""

    def __init__(self, book: LawBook, powers: Powers, kind: str, *, without: int = NONE, flatten: float = 1.0) -> None:
        """Choose among powers of `kind`, never the matter `without`; a small `flatten` evens them out."""
        fits = (book.kind[powers.matter] == kind) & (powers.matter != without)
        self._powers = powers
        self._all = np.flatnonzero(fits)
        self._lasting = np.flatnonzero(fits & powers.lasting)
        self._subjects = int(powers.subject.max()) + 1
        self._flatten = flatten
        self.can = np.bincount(powers.subject[self._lasting], minlength=self._subjects) > 0

    def _one(self, generator: np.random.Generator, subject: np.ndarray, among: np.ndarray) -> np.ndarray:
        owner = self._powers.subject[among]
        weight = self._powers.appeal[among] ** self._flatten
        share = weight / np.bincount(owner, weights=weight, minlength=self._subjects)[owner]
        reached = np.cumsum(share)
        counts = np.bincount(owner, minlength=self._subjects)
        first = np.cumsum(counts) - counts
        # Subjects without such a power add nothing to `reached`.
        before: np.ndarray = (np.cumsum(counts > 0) - (counts > 0))[subject]
        place = np.searchsorted(reached, before + generator.random(len(subject)), side="right")
        return among[np.clip(place, first[subject], first[subject] + counts[subject] - 1)]

    def draw(self, generator: np.random.Generator, subject: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Matter indexes; every one is on the subject's list and in force on the day."""
        chosen = self._one(generator, subject, self._all)
        since, until = self._powers.since[chosen], self._powers.until[chosen]
        outside = (day < since) | ((until != NONE) & (day > until))
        if outside.any():
            chosen[outside] = self._one(generator, subject[outside], self._lasting)
        return self._powers.matter[chosen]
