"""From frozen numbers to judgement: peers, limits, shrinkage, scores, grades, findings, words.

Belongs here: plain functions over results, bodies, declarations and a scheme; they read no file and no
database. Does not belong here: what an indicator counts (`dbt_project`), what a scheme may hold
(`scheme`), writing an edition (`editions`).

`assess` puts the modules together: `peers` (with `funnel` and `shrinkage`), `scores` (with `ranks`),
`findings`, `explanations`.
"""
