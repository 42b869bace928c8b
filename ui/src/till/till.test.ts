// The till's window as a component over the in-browser shop: signing in, locking, the draft that stays.
import { cleanup, render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFake } from "../shared/backend/fake";
import App from "./App.svelte";

type User = ReturnType<typeof userEvent.setup>;

/** Opens the window on a new shop; keys come as slowly as a person's. */
function openTill(query: Record<string, string>): User {
  render(App, { backend: openFake(new URLSearchParams(query)) });
  return userEvent.setup({ delay: 40 });
}

async function signIn(user: User, name: string, pin: string): Promise<void> {
  const tiles = await screen.findAllByTestId("staff-tile");
  const tile = tiles.find((one) => one.dataset["name"] === name);
  if (!tile) throw new Error(`nobody is called ${name}`);
  await user.click(tile);
  await user.type(screen.getByTestId("pin"), `${pin}{Enter}`);
}

describe("the till's window", () => {
  beforeEach(() => localStorage.clear());
  afterEach(cleanup);

  it("signs in by PIN, and says how long to wait after a wrong one", async () => {
    const user = openTill({});
    await signIn(user, "Ana", "9999");
    expect(await screen.findByText("Wrong PIN.")).toBeVisible();
    expect(screen.getByTestId("pin-wait")).toHaveTextContent(/^You can try again in [12] seconds?\.$/);
    await waitFor(() => expect(screen.getByTestId("pin-wait")).toBeEmptyDOMElement());
    await user.type(screen.getByTestId("pin"), "1111{Enter}");
    expect(await screen.findByTestId("search")).toHaveFocus();
  });

  it("keeps each person's draft over the lock", async () => {
    const user = openTill({ as: "ana" });
    await user.type(await screen.findByTestId("search"), "maria{Enter}");
    await user.type(await screen.findByTestId("amount"), "12.5");
    await user.click(screen.getByTestId("staff-menu"));
    await user.click(await screen.findByTestId("lock"));
    await signIn(user, "Ben", "2222");
    expect(await screen.findByTestId("search")).toHaveValue("");
    expect(screen.queryByTestId("member-card")).toBeNull();
    await user.click(screen.getByTestId("staff-menu"));
    await user.click(await screen.findByTestId("lock"));
    await signIn(user, "Ana", "1111");
    expect(await screen.findByTestId("amount")).toHaveValue("12.5");
    expect(screen.getByTestId("search")).toHaveValue("maria");
  });

  it("adds a number with two more keys, and one already there opens that member", async () => {
    const user = openTill({ as: "ana" });
    await user.type(await screen.findByTestId("search"), "6195550199{Enter}");
    expect(await screen.findByTestId("enrol-card")).toBeVisible();
    await user.keyboard("{Enter}");
    expect(await screen.findByTestId("balance")).toHaveTextContent("0");
    await user.keyboard("{Escape}");
    await user.type(screen.getByTestId("search"), "619 555 0123{Enter}");
    await waitFor(() => expect(screen.getByTestId("member-name")).toHaveTextContent("Maria Lopez"));
  });

  it("shows a screen for a store that can't be used", async () => {
    openTill({ start: "problem", code: "disk_full" });
    expect(await screen.findByRole("heading", { name: "The disk is full." })).toBeVisible();
    expect(screen.getByTestId("problem")).toHaveTextContent("/home/you/regulars");
  });
});
