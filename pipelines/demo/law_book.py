"""What may be enforced: laws, articles, matters with versions, and the power lists of the subjects."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.demo import vocabulary as words
from pipelines.demo.arguments import DemoArguments
from pipelines.demo.bodies import Bodies
from pipelines.demo.clock import NONE, dates
from pipelines.demo.identifiers import pick

ARTICLES_A_LAW = 5
#: The matter of the planted quota: blocked fire lanes.
QUOTA_OBJECT, QUOTA_VIOLATION = "高层住宅", "占用堵塞消防车通道"
QUOTA_BAND = (500, 5000)

_LEVELS = ("law", "admin_regulation", "local_regulation", "department_rule", "local_rule")
_LAW_NAMES = {
    "law": "{}法", "admin_regulation": "{}条例", "local_regulation": "本市{}管理条例",
    "department_rule": "{}监督管理办法", "local_rule": "本市{}管理规定",
}  # fmt: skip
_BANDS = (
    (50, 200),
    (100, 1000),
    (200, 2000),
    (500, 5000),
    (1000, 10000),
    (5000, 50000),
    (10000, 100000),
    (50000, 500000),
)
_EXTRA_TYPES = ("warning", "confiscate_gains", "confiscate_goods", "order_suspend", "suspend_licence")
#: Levels that may set warnings, criticism and fines, and no other penalty (Penalty Law arts 13, 14).
_RULE_LEVELS = ("department_rule", "local_rule")


@dataclass
class LawBook:
    """The four ledgers, and arrays over matters (index = order of first versions).

    `kind`, `domain`, `fine_low`/`fine_high` (NONE without a band), `changed` (day the second version begins,
    NONE without one) per matter; `second_low`/`second_high` and the article lists of both versions.
    """

    laws: pl.DataFrame
    articles: pl.DataFrame
    matters: pl.DataFrame
    ids: list[str]
    kind: np.ndarray
    domain: np.ndarray
    low: np.ndarray
    high: np.ndarray
    changed: np.ndarray
    second_low: np.ndarray
    second_high: np.ndarray
    violated: list[str]
    penal: list[str]
    second_violated: list[str]
    second_penal: list[str]
    types: list[str]
    decision_days: np.ndarray
    quota: int


@dataclass
class Powers:
    """The ledger of powers, and per power: subject, matter, first and last day in force, appeal.

    `lasting` are the powers in force over the whole period.
    """

    ledger: pl.DataFrame
    subject: np.ndarray
    matter: np.ndarray
    since: np.ndarray
    until: np.ndarray
    appeal: np.ndarray
    lasting: np.ndarray


def make_law_book(arguments: DemoArguments) -> LawBook:
    """About 220 laws, 1,100 articles and 1,500 matters."""
    generator = arguments.generator("law book")
    months = arguments.month_starts
    old = arguments.first_day - 3000
    laws: list[tuple[str, str, str, int, int]] = []
    law_domain: list[int] = []
    revised: dict[int, int] = {}
    for d, domain in enumerate(words.DOMAINS):
        for t, topic in enumerate(domain.topics):
            for level in (_LEVELS[t], _LEVELS[(t + 2) % 5], _LEVELS[(t + 3) % 5]):
                number = len(laws)
                laws.append(
                    (
                        f"L{number + 1:04d}",
                        _LAW_NAMES[level].format(topic),
                        level,
                        old - 1500 + 7 * (number % 200),
                        NONE,
                    )
                )
                law_domain.append(d)
                if number % 12 == 5 and len(months) > 3:
                    revised[number] = int(months[1 + (number * 5) % (len(months) - 2)])
    articles: list[tuple[str, int, str, str, int, int, str | None]] = []
    successor: dict[str, str] = {}
    of_domain: list[list[str]] = [[] for _ in words.DOMAINS]
    for number, (law_id, name, _, since, _) in enumerate(laws):
        for k in range(ARTICLES_A_LAW):
            article = f"{law_id}-{k * 9 + 12:03d}"
            of_domain[law_domain[number]].append(article)
            text = f"《{name}》第{k * 9 + 12}条：" + (
                "不得违反本规定从事相关活动。" if k < 3 else "违反本规定的，责令改正，依法予以处罚。"
            )
            change = revised.get(number, NONE)
            if change == NONE or k % 2:
                articles.append((article, number, f"第{k * 9 + 12}条", text, since, NONE, None))
                continue
            successor[article] = f"{article}-R"
            articles.append((article, number, f"第{k * 9 + 12}条", text, since, change - 1, f"{article}-R"))
            articles.append((f"{article}-R", number, f"第{k * 9 + 14}条", text, change, NONE, None))
    change_of = {a[0]: revised[a[1]] for a in articles if a[0] in successor}
    level_of = {a[0]: laws[a[1]][2] for a in articles}

    ids: list[str] = []
    names: list[str] = []
    kinds: list[str] = []
    domains: list[int] = []
    violated: list[list[str]] = []
    penal: list[list[str]] = []
    bands: list[tuple[int, int]] = []
    types: list[str] = []
    quota = -1
    for d, domain in enumerate(words.DOMAINS):
        pool = of_domain[d]
        prohibiting = [a for i, a in enumerate(pool) if i % ARTICLES_A_LAW < 3]
        punishing = [a for i, a in enumerate(pool) if i % ARTICLES_A_LAW >= 3]
        number = 0
        for thing in domain.objects:
            for v, violation in enumerate(domain.violations):
                number += 1
                is_quota = thing == QUOTA_OBJECT and violation == QUOTA_VIOLATION
                if is_quota:
                    quota = len(ids)
                heavy = 0 if domain.street == 2 else (2 if domain.street == 0 else 1)
                band = QUOTA_BAND if is_quota else _BANDS[min(7, int(generator.integers(0, 5)) + heavy + (v == 0))]
                without_fine = not is_quota and generator.random() < 0.04
                ids.append(f"CF{d + 1:02d}{number:03d}")
                names.append(f"对{thing}{violation}的处罚")
                kinds.append("penalty")
                domains.append(d)
                draws = generator.integers(0, len(prohibiting), 1 + (v % 4 == 0)).tolist()
                cited = [prohibiting[i] for i in draws] + [punishing[int(generator.integers(0, len(punishing)))]]
                cited = _with_one_revision(cited, change_of, prohibiting, punishing, allowed=0 if is_quota else 1)
                violated.append(cited[:-1])
                penal.append(cited[-1:])
                bands.append((NONE, NONE) if without_fine else band)
                extra = _EXTRA_TYPES[int(generator.integers(0, 5))] if generator.random() < 0.45 else ""
                if extra and level_of[cited[-1]] in _RULE_LEVELS:
                    extra = "warning"
                types.append("warning" if without_fine else ";".join(filter(None, ["fine", extra])))
        for k, thing in enumerate(domain.objects):
            for f, form in enumerate((f"对{thing}的行政检查", f"对{thing}{domain.topics[k % 3]}情况的专项检查")):
                ids.append(f"JC{d + 1:02d}{2 * k + f + 1:03d}")
                names.append(form)
                kinds.append("inspection")
                domains.append(d)
                violated.append([])
                penal.append([])
                bands.append((NONE, NONE))
                types.append("")
        for k, form in enumerate(("查封{}涉案场所设施", "扣押{}涉案财物", "先行登记保存{}涉案物品")[: 2 + d % 2]):
            ids.append(f"QZ{d + 1:02d}{k + 1:03d}")
            names.append(form.format(domain.objects[k]))
            kinds.append("coercion")
            domains.append(d)
            violated.append([next(a for a in prohibiting[k:] if a not in change_of)])
            penal.append([])
            bands.append((NONE, NONE))
            types.append("")

    count = len(ids)
    changed = np.full(count, NONE, dtype=np.int64)
    for m in range(count):
        changed[m] = max((change_of[a] for a in (*violated[m], *penal[m]) if a in change_of), default=NONE)
    low, high = (np.array([b[i] for b in bands], dtype=np.int64) for i in (0, 1))
    second_low, second_high = np.where(low > 0, low * 2, low), np.where(high > 0, high * 2, high)
    second_violated = [[successor.get(a, a) for a in v] for v in violated]
    second_penal = [[successor.get(a, a) for a in p] for p in penal]
    specialist = np.array([words.DOMAINS[d].specialist and bool(generator.random() < 0.4) for d in domains])
    days = np.where(generator.random(count) < 0.04, 180, 90)
    pre = np.flatnonzero(changed == NONE)
    post = np.flatnonzero(changed != NONE)
    row = np.concatenate([pre, post, post])
    second = np.concatenate([np.zeros(len(pre) + len(post), dtype=bool), np.ones(len(post), dtype=bool)])
    order = np.lexsort((second, row))
    row, second = row[order], second[order]
    first_from = old + 5 * (np.arange(count) % 200) + 100
    money_low, money_high = np.where(second, second_low[row], low[row]), np.where(second, second_high[row], high[row])
    is_penalty = np.array([k == "penalty" for k in kinds])

    def both(first: list[list[str]], later: list[list[str]]) -> pl.Series:
        joined = [
            ";".join((later if s else first)[r]) or None for r, s in zip(row.tolist(), second.tolist(), strict=True)
        ]
        return pl.Series(joined, dtype=pl.String)

    matters = pl.DataFrame(
        {
            "matter_id": pick(ids, row),
            "valid_from": dates("d", np.where(second, changed[row], first_from[row])),
            "valid_to": dates("d", np.where(second | (changed[row] == NONE), NONE, changed[row] - 1)),
            "name": pick(names, row),
            "kind": pick(kinds, row),
            "domain": pick([words.DOMAINS[d].name for d in domains], row),
            "workflow": pick([words.DOMAINS[d].workflow for d in domains], row),
            "violated_articles": both(violated, second_violated),
            "penalty_articles": both(penal, second_penal),
            "reference_articles": pl.Series([None] * len(row), dtype=pl.String),
            "penalty_types": pl.Series([types[r] or None for r in row.tolist()], dtype=pl.String),
            "fine_min": pl.Series([float(v) if v >= 0 else None for v in money_low.tolist()], dtype=pl.Float64),
            "fine_max": pl.Series([float(v) if v >= 0 else None for v in money_high.tolist()], dtype=pl.Float64),
            "specialist": pl.Series(specialist[row]),
            "decision_days": pl.Series([int(days[r]) if is_penalty[r] else None for r in row.tolist()], dtype=pl.Int64),
        }
    )
    law_frame = pl.DataFrame(
        {
            "law_id": [x[0] for x in laws],
            "name": [x[1] for x in laws],
            "level": [x[2] for x in laws],
            "valid_from": dates("d", np.array([x[3] for x in laws])),
            "valid_to": dates("d", np.array([x[4] for x in laws])),
        }
    )
    article_frame = pl.DataFrame(
        {
            "article_id": [a[0] for a in articles],
            "law_id": [laws[a[1]][0] for a in articles],
            "number": [a[2] for a in articles],
            "text": [a[3] for a in articles],
            "valid_from": dates("d", np.array([a[4] for a in articles])),
            "valid_to": dates("d", np.array([a[5] for a in articles])),
            "replaced_by": pl.Series([a[6] for a in articles], dtype=pl.String),
        }
    )
    return LawBook(
        law_frame, article_frame, matters, ids, np.array(kinds), np.array(domains), low, high, changed, second_low,
        second_high, [";".join(v) for v in violated], [";".join(p) for p in penal],
        [";".join(v) for v in second_violated], [";".join(p) for p in second_penal], types, days, quota,
    )  # fmt: skip


def _with_one_revision(
    cited: list[str], change_of: dict[str, int], prohibiting: list[str], punishing: list[str], *, allowed: int
) -> list[str]:
    """`cited` with at most `allowed` dates of revision, so that a matter has two versions at most."""
    kept = sorted({change_of[a] for a in cited if a in change_of})[:allowed]
    result = []
    for place, article in enumerate(cited):
        pool = punishing if place == len(cited) - 1 else prohibiting
        steady = next(a for a in pool if a not in change_of)
        result.append(article if article not in change_of or change_of[article] in kept else steady)
    return result


def make_powers(arguments: DemoArguments, bodies: Bodies, book: LawBook) -> Powers:
    """Power lists: street-towns hold devolved powers, the others what statute gives them."""
    generator = arguments.generator("powers")
    subject: list[int] = []
    matter: list[int] = []
    share_of_street = np.array([d.street for d in words.DOMAINS])
    starts = arguments.month_starts
    devolvable: dict[str, np.ndarray] = {}
    for kind in ("penalty", "inspection", "coercion"):
        wanted = np.flatnonzero((book.kind == kind) & (share_of_street[book.domain] > 0))
        # The wholly devolved domains first, then what else a street can see from the pavement.
        rank = generator.random(len(wanted)) + (share_of_street[book.domain[wanted]] < 2) * 0.6
        devolvable[kind] = wanted[np.argsort(rank, kind="stable")]
    for s, kind_of_body in enumerate(bodies.kind.tolist()):
        for kind in ("penalty", "inspection", "coercion"):
            if kind_of_body == "street_town":
                many = {
                    "penalty": 46 + generator.random() * 112,
                    "inspection": 8 + generator.random() * 16,
                    "coercion": 3,
                }[kind]
                pool, noise = devolvable[kind], 30.0
            else:
                pool, noise = np.flatnonzero((book.kind == kind) & np.isin(book.domain, bodies.domains[s])), 1e9
                share = 0.25 + 0.6 * generator.random()
                most = {"penalty": 96, "inspection": 20, "coercion": 4}[kind]
                least = {"penalty": 14, "inspection": 4, "coercion": 0}[kind]
                many = min(most, max(least, share * len(pool)))
                if kind == "coercion" and generator.random() < 0.45:
                    many = 0
            chosen = np.argsort(np.arange(len(pool)) + noise * generator.random(len(pool)), kind="stable")[: int(many)]
            picked = set(pool[chosen].tolist())
            if kind_of_body == "street_town" and kind == "penalty":
                picked.add(book.quota)
            ordered = sorted(picked)
            subject += [s] * len(ordered)
            matter += ordered

    subjects, matters = np.array(subject), np.array(matter)
    count = len(subjects)
    is_street = bodies.kind[subjects] == "street_town"
    fate = generator.random(count)
    since = np.full(count, arguments.first_day - 1500) + 200 * (matters % 4)
    until = np.full(count, NONE, dtype=np.int64)
    months = len(starts) - 1
    if months >= 6:
        # Two waves: powers handed down after a third of the period, powers taken back after two thirds.
        moving = is_street & (matters != book.quota) & (book.kind[matters] == "penalty")
        since = np.where(moving & (fate < 0.08), starts[months // 3], since)
        until = np.where(moving & (fate > 0.93), starts[months * 2 // 3] - 1, until)
    appeal = generator.pareto(0.9, count) + 0.02
    # A duty list holds what comes up most often.
    duty = appeal + 0.3 * generator.random(count) > np.where(is_street, 1.1, 0.6)
    entrusted = fate < 0.03
    devolved_codes = np.where(fate > 0.10, "devolved", "statutory")
    origin = np.where(is_street, devolved_codes, np.where(entrusted, "entrusted", "statutory"))
    ledger = pl.DataFrame(
        {
            "subject_id": pick(bodies.subjects["subject_id"], subjects),
            "matter_id": pick(book.ids, matters),
            "valid_from": dates("d", since),
            "valid_to": dates("d", until),
            "duty_listed": pl.Series(duty),
            "origin": pl.Series(origin.tolist()),
        }
    )
    lasting = (since <= arguments.first_day) & (until == NONE)
    return Powers(ledger, subjects, matters, since, until, appeal, lasting)
