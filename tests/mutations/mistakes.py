"""The list of mistakes: a text of the dbt project, what it is replaced by, and the spec test that must notice."""

import json
from dataclasses import dataclass
from typing import Any

import yaml

from pipelines.warehouse.dbt_project import PROJECT_DIRECTORY


@dataclass(frozen=True)
class Mistake:
    """One wrong text. `old` stands exactly once in `file`, which is below the dbt project; `test` must fail of it."""

    name: str
    file: str
    old: str
    new: str
    test: str

    def applied_to(self, text: str) -> str:
        """The file's text with the mistake; ValueError if `old` does not stand there exactly once."""
        if (number := text.count(self.old)) != 1:
            raise ValueError(f"{self.name}: the text to replace stands {number} times in {self.file}, not once")
        return text.replace(self.old, self.new)

    def text(self) -> str:
        """The file as the project has it."""
        return (PROJECT_DIRECTORY / self.file).read_text(encoding="utf-8")

    def make_in(self, parsed: Any) -> tuple[str, ...]:
        """Make the mistake in a parsed project; the options with which dbt compiles what it changes."""
        wrong = self.applied_to(self.text())
        if self.file == "dbt_project.yml":
            return "--vars", json.dumps(yaml.safe_load(wrong)["vars"])
        if self.file.startswith("macros/"):
            # A macro's text is a piece of its file, and any model may use it.
            for macro in parsed.macros.values():
                if macro.package_name == "hengfa" and macro.original_file_path == self.file:
                    macro.macro_sql = macro.macro_sql.replace(self.old, self.new)
            return ()
        for node in parsed.nodes.values():
            if node.resource_type == "model" and node.original_file_path == self.file:
                node.raw_code = wrong
                return "--select", node.name
        raise ValueError(f"{self.name}: no model is {self.file}")


def _spec(name: str, test: str) -> str:
    return f"tests/spec/test_{name}.py::{test}"


MISTAKES = (
    Mistake(
        "wrong month boundary: the last day of a month is the first of the next",
        "macros/dates.sql", "dbt.dateadd('day', -1,", "dbt.dateadd('day', 0,",
        _spec("performance_rate", "test_a_power_is_in_scope_in_a_month_in_which_it_was_in_force_for_a_day"),
    ),
    Mistake(
        "valid_to taken for the first day no longer in force",
        "models/indicators/performance_rate.sql",
        "powers.valid_to >= months.month", "powers.valid_to > months.month",
        _spec("performance_rate", "test_a_power_is_in_scope_in_a_month_in_which_it_was_in_force_for_a_day"),
    ),
    Mistake(
        "a quarter of four months",
        "models/marts/dim_period.sql", "('quarter', month_plus('run.month', -2))", "('quarter', month_plus('run.month', -3))",
        _spec("results", "test_a_quarter_is_the_three_months_that_end_with_the_month"),
    ),
    Mistake(
        "case date: the decision before the filing",
        "models/marts/fct_cases.sql",
        "day_of('coalesce(cases.filed_at, cases.decided_at)') }} as act_date",
        "day_of('coalesce(cases.decided_at, cases.filed_at)') }} as act_date",
        _spec("proactive_discovery_rate", "test_a_case_belongs_to_the_month_of_its_filing_else_of_its_decision"),
    ),
    Mistake(
        "dropped exclusion: ordered cases are misses",
        "macros/evidence.sql", "when 'ordered' then 'excluded'", "when 'ordered' then 'miss'",
        _spec("proactive_discovery_rate", "test_every_source_has_its_state"),
    ),
    Mistake(
        "dropped exclusion: duplicate leads count",
        "models/indicators/proactive_discovery_rate.sql",
        "when disposition = 'duplicate' then 'excluded'", "when disposition = 'none' then 'excluded'",
        _spec("proactive_discovery_rate", "test_duplicate_leads_are_left_out"),
    ),
    Mistake(
        "undecidable units are misses",
        "macros/evidence.sql",
        "when 'ordered' then 'excluded'\n            else 'undecidable'", "when 'ordered' then 'excluded'\n            else 'miss'",
        _spec("proactive_discovery_rate", "test_every_source_has_its_state"),
    ),
    Mistake(
        "patrols are counted inspections",
        "models/marts/fct_inspections.sql", "inspections.mode <> 'patrol'\n        and ", "",
        _spec("performance_rate", "test_a_counted_inspection_is_no_patrol_and_has_an_object_and_a_result"),
    ),
    Mistake(
        "a visit that found nobody in is taking part",
        "models/marts/fct_acts.sql", "is_entered as is_taking_part", "true as is_taking_part",
        _spec("participation_rate", "test_an_officer_takes_part_when_named_on_an_activity_of_the_month"),
    ),
    Mistake(
        "cases withdrawn or transferred are decided cases",
        "models/marts/fct_cases.sql",
        "coalesce(decisions.code_class, '') = 'decided'", "coalesce(decisions.code_class, '') <> ''",
        _spec("supervision_rate", "test_a_case_supervised_by_the_as_of_time_is_a_hit_once"),
    ),
    Mistake(
        "certificate validity ignored",
        "models/indicators/participation_rate.sql",
        "            and postings.certificate_from <= months.last_day\n"
        "            and postings.certificate_to >= months.month\n"
        "            and postings.certificate_from <= postings.on_post_to\n"
        "            and postings.certificate_to >= postings.on_post_from\n",
        "",
        _spec("participation_rate", "test_on_post_means_that_posting_certificate_and_month_share_a_day"),
    ),
    Mistake(
        "posting and certificate need not share a day",
        "models/indicators/participation_rate.sql",
        "            and postings.certificate_from <= postings.on_post_to\n"
        "            and postings.certificate_to >= postings.on_post_from\n",
        "",
        _spec("participation_rate", "test_on_post_means_that_posting_certificate_and_month_share_a_day"),
    ),
    Mistake(
        "an act is credited to every posting of the officer",
        "models/indicators/participation_rate.sql",
        "            and participations.act_date between posting_months.on_post_from and posting_months.on_post_to\n", "",
        _spec("participation_rate", "test_an_act_is_credited_to_the_posting_of_its_day_whichever_body_did_it"),
    ),
    Mistake(
        "as_of ignored: versions known later count",
        "macros/staged.sql", "where {{ known_at }} <= run.as_of", "where run.as_of is not null",
        _spec("results", "test_the_newest_version_known_at_the_as_of_time_is_the_record"),
    ),
    Mistake(
        "as_of ignored: records submitted later count",
        "macros/staged.sql", "        and known.counts_from <= known.as_of\n", "",
        _spec("results", "test_the_newest_version_known_at_the_as_of_time_is_the_record"),
    ),
    Mistake(
        "as_of ignored: supervision of later days counts",
        "models/indicators/supervision_rate.sql", "supervisions.done_at <= run.as_of\n        and ", "",
        _spec("supervision_rate", "test_a_case_supervised_by_the_as_of_time_is_a_hit_once"),
    ),
    Mistake(
        "withdrawn versions kept",
        "macros/staged.sql", "        and coalesce(known.operation, 'i') <> 'd'\n", "",
        _spec("results", "test_the_newest_version_known_at_the_as_of_time_is_the_record"),
    ),
    Mistake(
        "the oldest version is the record",
        "macros/staged.sql", "{% if is_activity %}known.known_at desc,", "{% if is_activity %}known.known_at asc,",
        _spec("results", "test_the_newest_version_known_at_the_as_of_time_is_the_record"),
    ),
    Mistake(
        "a unit seen in two months of a period counts twice",
        "macros/counts_by.sql", "max({{ in_period }} evidence.denominator end)", "sum({{ in_period }} evidence.denominator end)",
        _spec("performance_rate", "test_over_a_period_a_matter_counts_once_and_is_used_if_it_was_used_in_any_month"),
    ),
    Mistake(
        "a group is a mean of rates",
        "models/assessment/results.sql",
        "        'peer_group' as level,\n        peer_group_id as entity_id,\n        indicator_id,\n        variant,\n"
        "        period_kind,\n        period,\n        sum(numerator) as numerator,\n        sum(denominator) as denominator,\n",
        "        'peer_group' as level,\n        peer_group_id as entity_id,\n        indicator_id,\n        variant,\n"
        "        period_kind,\n        period,\n        100 * avg(numerator / nullif(denominator, 0)) as numerator,\n"
        "        100 as denominator,\n",
        _spec("results", "test_a_group_is_a_ratio_of_sums_and_never_a_mean_of_rates"),
    ),
    Mistake(
        "a deadline that leaves its last day out",
        "macros/deadlines.sql", "when {{ done_on }} <= {{ due_on }} then 'hit'", "when {{ done_on }} < {{ due_on }} then 'hit'",
        _spec("lead_on_time_rate", "test_the_fifteenth_day_is_in_time_and_the_sixteenth_is_not"),
    ),
    Mistake(
        "calendar days where working days are meant",
        "macros/deadlines.sql",
        "start_day.working_number + {{ working_days }} = due_day.working_number\n            and due_day.is_working_day",
        "{{ day_plus(day, working_days) }} = due_day.day",
        _spec("service_on_time_rate", "test_seven_working_days_pass_over_the_national_holiday"),
    ),
    Mistake(
        "what is not yet due is a miss",
        "macros/deadlines.sql", "when {{ is_before_end_of(as_of, due_on) }} then 'excluded'",
        "when {{ is_before_end_of(as_of, due_on) }} then 'miss'",
        _spec("lead_on_time_rate", "test_an_open_lead_counts_from_the_end_of_its_last_day"),
    ),
    Mistake(
        "officers of a case need no valid certificate",
        "models/marts/fct_case_officers.sql",
        "when named.act_date between postings.certificate_from and postings.certificate_to then 1",
        "when postings.certificate_from is not null then 1",
        _spec("two_officer_rate", "test_a_certificate_must_be_valid_on_the_case_date"),
    ),
    Mistake(
        "revoked penalties have to be published",
        "models/indicators/publication_on_time_rate.sql",
        "when cases.revoked_at is not null then 'excluded'", "when false then 'excluded'",
        _spec("publication_on_time_rate", "test_penalties_that_stand_are_published_within_seven_working_days"),
    ),
    Mistake(
        "a review on the very moment of the decision is too late",
        "models/indicators/legal_review_rate.sql",
        "when cases.reviewed_at <= cases.decided_at then 'hit'", "when cases.reviewed_at < cases.decided_at then 'hit'",
        _spec("legal_review_rate", "test_a_review_after_the_decision_is_no_review"),
    ),
    Mistake(
        "a fatal fault does not fail a file",
        "models/indicators/file_pass_rate.sql", "when supervisions.is_fatal then 'miss'", "when false then 'miss'",
        _spec("file_pass_rate", "test_a_fatal_fault_fails_whatever_the_score"),
    ),
    Mistake(
        "an executed case needs no recording of the execution",
        "models/indicators/full_record_rate.sql", "(cases.executed_at is null or recorded.has_execution = 1)", "true",
        _spec("full_record_rate", "test_every_stage_needs_a_record_and_execution_only_where_it_took_place"),
    ),
    Mistake(
        "intervals of 90 %",
        "dbt_project.yml", "normal_quantile: 1.959963984540054", "normal_quantile: 1.6448536269514722",
        _spec("results", "test_the_interval_of_a_share_is_wilsons"),
    ),
    Mistake(
        "bounds only from half undecidable",
        "dbt_project.yml", "undecidable_share: 0.05", "undecidable_share: 0.5",
        _spec("proactive_discovery_rate", "test_many_unknown_sources_turn_the_value_into_two_bounds"),
    ),
    Mistake(
        "rules: officers of a case need no valid certificate",
        "models/rules/scope/rule_officers.sql",
        "when acts.case_day between postings.certificate_from and postings.certificate_to then 1",
        "when postings.certificate_from is not null then 1",
        _spec("rules_officers_and_powers", "test_p03_two_certificates_valid_on_the_day_of_the_case"),
    ),
    Mistake(
        "rules: calendar days where working days are meant",
        "macros/rule_dates.sql",
        "last_day.is_working_day\n            and last_day.working_number = start_day.working_number + {{ working_days }}",
        "last_day.day = {{ day_plus('start_day.day', working_days) }}",
        _spec("rules_time_limits", "test_p02_service_within_7_working_days_across_the_national_holiday"),
    ),
    Mistake(
        "rules: the last day of the limit is too late",
        "models/rules/p01_decision_in_time.sql", "when days_taken <= decision_days then 'PASS'",
        "when days_taken < decision_days then 'PASS'",
        _spec("rules_time_limits", "test_p01_the_limit_counts_calendar_days_and_its_last_day_is_in_time"),
    ),
    Mistake(
        "rules: an ended version of a matter comes back",
        "models/rules/scope/rule_cases.sql",
        "reported.filed_day between filed_versions.valid_from and filed_versions.in_force_to",
        "reported.filed_day between filed_versions.valid_from and coalesce(filed_versions.valid_to, {{ open_end() }})",
        _spec("rules_time_limits", "test_p01_the_limit_counts_calendar_days_and_its_last_day_is_in_time"),
    ),
    Mistake(
        "rules: a missing date is a pass",
        "models/rules/p07_notice_before_decision.sql", "then 'NO_NOTICE_DATE'", "then 'PASS'",
        _spec("rules_procedure", "test_p07_notice_comes_before_the_decision"),
    ),
    Mistake(
        "rules: a measure extended too late is extended",
        "models/rules/c04_seizure_limit.sql",
        "'extended_day') }} between 0 and days", "'extended_day') }} >= 0",
        _spec("rules_coercion", "test_c04_and_c05_a_seizure_lasts_30_days_and_60_if_extended_in_time"),
    ),
    Mistake(
        "rules: an entrusted body may use coercion",
        "models/rules/c07_coercion_power.sql", "powers.origin <> 'entrusted'\n                and ", "",
        _spec("rules_officers_and_powers", "test_c07_coercion_is_on_the_list_in_force_and_never_entrusted"),
    ),
    Mistake(
        "a device retired before it was issued is in service",
        "models/indicators/device_usage_rate.sql", "            and devices.issued_on <= devices.retired_on\n", "",
        _spec("device_usage_rate", "test_one_day_in_service_is_enough_to_be_counted"),
    ),
)  # fmt: skip
