// What every page of the owner's window shares: the shop, the store to ask, the shop's day, how values are written,
// and the signal to read again. Handed down as a Svelte context.
import { getContext, setContext } from "svelte";
import { getLocale } from "../paraglide/runtime";
import type { OwnerBackend, OwnerContext } from "../shared/backend";
import { dayOf, type Day } from "./days";
import { formatOf, localeFor, type Format } from "./format";
import type { Query } from "./queries/sql";
import type { Route } from "./route.svelte";

const KEY = Symbol("owner");

export class Owner {
  /** The shop and its rules as last read. */
  context: OwnerContext = $state.raw() as OwnerContext;
  /** When the figures on screen were asked for, ms UTC. */
  now = $state(Date.now());
  readonly locale = localeFor(getLocale(), navigator.languages);
  readonly today: Day = $derived(dayOf(this.now, this.context.shop.timezone));
  readonly format: Format = $derived(formatOf(this.context.shop, this.locale, this.now, this.today));

  constructor(
    readonly backend: OwnerBackend,
    readonly route: Route,
    context: OwnerContext,
  ) {
    this.context = context;
  }

  /** All rows of a query. */
  ask<Row>(query: Query): Promise<Row[]> {
    return this.backend.select<Row>(query.sql, query.params);
  }

  /** The first row of a query that always has one. */
  async askOne<Row>(query: Query): Promise<Row> {
    const [row] = await this.ask<Row>(query);
    if (!row) throw new Error("a report that always has a row had none");
    return row;
  }

  /** Reads everything on screen again: the till may have added to it. */
  refresh(): void {
    // Also where the clock stands still, or was set back.
    this.now = Math.max(Date.now(), this.now + 1);
  }
}

export function provideOwner(owner: Owner): Owner {
  return setContext(KEY, owner);
}

export function useOwner(): Owner {
  return getContext<Owner>(KEY);
}
