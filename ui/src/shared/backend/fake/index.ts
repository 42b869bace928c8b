// An in-browser shop with the same answers and refusals as the store, for development and the page tests.
import type { Backend } from "..";

/** A fresh in-memory shop; `params` (the page's query) choose how it starts. */
export function openFake(params: URLSearchParams): Backend {
  throw new Error(`not there yet ${params}`);
}
