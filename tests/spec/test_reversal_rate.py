"""复议诉讼纠错率: concluded disputes that corrected the decision; lower is better."""

from tests.spec.world import World


def test_disputes_count_for_the_body_of_their_case_in_the_month_of_conclusion():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        cases="case_id | subject_id | decision | decided_at\nK1 | S1 | penalty | 2026-03-01",
        disputes="""
            dispute_id | case_id | kind            | filed_on   | concluded_on | outcome
            D1         | K1      | reconsideration | 2026-08-01 | 2026-10-01   | revoked
            D2         | K1      | reconsideration | 2026-08-01 | 2026-10-31   | changed
            D3         | K1      | litigation      | 2026-08-01 | 2026-10-05   | unlawful
            D4         | K1      | litigation      | 2026-08-01 | 2026-10-05   | ordered
            D5         | K1      | reconsideration | 2026-08-01 | 2026-10-05   | upheld
            D6         | K1      | litigation      | 2026-08-01 | 2026-10-05   | ended
            D7         | K1      | litigation      | 2026-08-01 | 2026-10-05   | .
            D8         | K1      | litigation      | 2026-08-01 | .            | .
            D9         | K9      | litigation      | 2026-08-01 | 2026-10-05   | revoked
        """,
    )
    assert world.counts("reversal_rate", "all", "S1") == (4, 6, 0, 1)
    assert world.counts("reversal_rate", "reconsideration", "S1") == (2, 3, 0, 0)
    assert world.counts("reversal_rate", "litigation", "S1") == (2, 3, 0, 1)
    assert world.evidence("reversal_rate", "all")[6] == ("S1", "D7", "undecidable", "NO_OUTCOME")
    assert world.counts("reversal_rate", "all") == (4, 6, 0, 1)  # D9's case is nobody's
