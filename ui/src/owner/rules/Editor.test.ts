// The rules' editor with a store that answers as it is told: mistakes in place, mending, publishing once, a retry's id.
import { render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { OwnerBackend, OwnerContext } from "../../shared/backend";
import { StorageFailed } from "../../shared/backend";
import EditorHarness from "./EditorHarness.test.svelte";

const CONTEXT: OwnerContext = {
  shop: {
    name: "Harbour Coffee", till_name: "Till 1", currency: "USD", currency_digits: 2, currency_symbol: "$", region: "US",
    timezone: "America/Los_Angeles", lock_after_s: 300, rewards: [], rules_version: 1,
  },
  reports: "",
  rules_text: "Earn 1 point per $1\n",
};

function backend(publish: OwnerBackend["rulesPublish"]): OwnerBackend {
  // Only what the editor asks of it is there.
  return Object.assign({} as OwnerBackend, {
    ownerContext: async () => CONTEXT,
    rulesCheck: async (text) => {
      const at = text.indexOf("pionts");
      const error = { line: 1, column: at + 1, length: 6, expected: "points", suggestion: "points" };
      return at < 0 ? { errors: [], summary: [`reads: ${text.trim()}`], formatted: text, tiers: [] } : { errors: [error], summary: [], formatted: null, tiers: [] };
    },
    rulesPublish: publish,
    rulesComplete: async () => [],
  } satisfies Partial<OwnerBackend>);
}

it("mends a mistake, asks once, and sends the same id again after a failure", async () => {
  const user = userEvent.setup();
  const publish = vi.fn<OwnerBackend["rulesPublish"]>();
  publish.mockRejectedValueOnce(new StorageFailed({ code: "disk_full", path: "", detail: "" }));
  publish.mockImplementation(async (_opId, text) => ({ ...CONTEXT, rules_text: text, shop: { ...CONTEXT.shop, rules_version: 2 } }));
  render(EditorHarness, { props: { backend: backend(publish), context: CONTEXT } });

  const text = screen.getByTestId("rules-text");
  expect(screen.getByTestId("rules-publish")).toHaveAttribute("aria-disabled", "true");
  await user.clear(text);
  await user.type(text, "Earn 2 pionts per $1");
  await user.click(await screen.findByTestId("rules-mend"));
  expect(text).toHaveValue("Earn 2 points per $1");
  await waitFor(() => expect(screen.getByTestId("rules-summary")).toHaveTextContent("reads: Earn 2 points per $1"));

  await user.click(screen.getByTestId("rules-publish"));
  expect(publish).not.toHaveBeenCalled();
  await user.click(screen.getByTestId("rules-confirm"));
  expect(await screen.findByRole("alert")).toHaveTextContent(/Nothing was changed/);
  await user.click(screen.getByTestId("rules-confirm"));
  expect(await screen.findByText(/Version 2 is in force/)).toBeInTheDocument();
  expect(publish.mock.calls.map(([, sent]) => sent)).toEqual(["Earn 2 points per $1", "Earn 2 points per $1"]);
  expect(publish.mock.calls[0]?.[0]).toBe(publish.mock.calls[1]?.[0]);
});

it("takes rules that come by themselves, and keeps a draft that says something of its own", async () => {
  const user = userEvent.setup();
  const { component } = render(EditorHarness, { props: { backend: backend(vi.fn<OwnerBackend["rulesPublish"]>()), context: CONTEXT } });
  const text = screen.getByTestId("rules-text");
  const came = (rules_version: number, rules_text: string): OwnerContext => ({ ...CONTEXT, rules_text, shop: { ...CONTEXT.shop, rules_version } });
  component.hear(came(2, "Earn 2 points per $1\n"));
  await waitFor(() => expect(text).toHaveValue("Earn 2 points per $1\n"));
  await user.type(text, "Skip sales under $2");
  component.hear(came(3, "Earn 3 points per $1\n"));
  await waitFor(() => expect(screen.getByTestId("rules-publish")).toHaveAttribute("aria-disabled", "false"));
  expect(text).toHaveValue("Earn 2 points per $1\nSkip sales under $2");
  await user.click(screen.getByTestId("rules-discard"));
  expect(text).toHaveValue("Earn 3 points per $1\n");
});
