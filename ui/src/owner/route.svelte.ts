// The page on screen, as the address says, and going to another one.
import { readAddress, writeAddress, type Address } from "./address";

export class Route {
  address: Address = $state.raw(readAddress(location.hash));

  constructor() {
    $effect(() => {
      const follow = (): void => {
        this.address = readAddress(location.hash);
      };
      addEventListener("hashchange", follow);
      return () => removeEventListener("hashchange", follow);
    });
  }

  /** Shows another state of a page. While somebody types, each state takes the place of the last one. */
  go(address: Address, how: "push" | "replace" = "push"): void {
    this.address = address;
    const link = writeAddress(address);
    if (how === "push") history.pushState(null, "", link);
    else history.replaceState(null, "", link);
  }
}
