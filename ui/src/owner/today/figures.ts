// The first page's numbers, put together from the store's answers: what the period had, what the one before had, and
// the same numbers over time.
import { addDays, bucketsOf, periodOf, sumInto, type Bucket, type Day, type Period, type Range } from "../days";
import type { Owner } from "../owner.svelte";
import * as query from "../queries/today";

export type Figures = {
  period: Period;
  totals: query.Totals;
  came: query.Came;
  taken: query.Taken;
  issued: Compared;
  redeemed: Compared;
  sold_minor: number;
  /** Whether the shop was there for all of the period before, so that a comparison says something. */
  comparable: boolean;
  /** The bars of the charts: the period's days or weeks; for a single day the fortnight that ends with it. */
  buckets: Bucket[];
  issuedBy: number[];
  redeemedBy: number[];
  visitsBy: number[];
  soldBy: number[];
  outstandingBy: number[];
};

/** A number of the period and of the one before. */
export type Compared = { now: number; before: number };

const FORTNIGHT = 14;
/** Lines may carry a later day (a sale imported from another clock): they belong to what is outstanding now. */
const END_OF_TIME = "9999-12-31";

/** Asks the store for the first page's numbers. */
export async function readFigures(owner: Owner, range: Range): Promise<Figures> {
  const period = periodOf(range, owner.today);
  const start = range === "day" ? addDays(period.to, 1 - FORTNIGHT) : period.from;
  const buckets = bucketsOf(start, period.to, range === "year");
  const oldest = [period.beforeFrom, buckets[0]?.from ?? start].sort()[0] ?? start;
  const [totals, came, taken, points, visits, first] = await Promise.all([
    owner.askOne<query.Totals>(query.totals()),
    owner.askOne<query.Came>(query.cameBack(period)),
    owner.askOne<query.Taken>(query.rewardsTaken(period)),
    owner.ask<query.PointsDay>(query.pointsByDay(oldest, END_OF_TIME)),
    owner.ask<query.VisitsDay>(query.visitsByDay(oldest, END_OF_TIME)),
    owner.ask<{ day: Day }>(query.firstDay()),
  ]);
  const within = [{ from: period.from, to: period.to }, { from: period.beforeFrom, to: period.beforeTo }];
  const compare = (value: (row: query.PointsDay) => number): Compared => {
    const [now = 0, before = 0] = sumInto(within, points, value);
    return { now, before };
  };
  return {
    period, totals, came, taken, buckets,
    issued: compare((row) => row.issued),
    redeemed: compare((row) => row.redeemed),
    comparable: (first[0]?.day ?? period.from) <= period.beforeFrom,
    sold_minor: sumInto(within, visits, (row) => row.sold_to_members_minor)[0] ?? 0,
    issuedBy: sumInto(buckets, points, (row) => row.issued),
    redeemedBy: sumInto(buckets, points, (row) => row.redeemed),
    visitsBy: sumInto(buckets, visits, (row) => row.visits),
    soldBy: sumInto(buckets, visits, (row) => row.sold_to_members_minor),
    outstandingBy: query.outstandingBy(buckets, points, totals.points_outstanding),
  };
}
