// Bars over time, drawn by Observable Plot: what a chart is given, and where its bars are. Words and links are not here.
import * as Plot from "@observablehq/plot";

/** One kind of bar: its name, written beside it, its colour, and a value for each place. `below` hangs from the line. */
export type Series = { name: string; colour: string; values: number[]; below?: boolean };

/** A chart: a series or two over places that are named by `tick`. */
export type Bars = {
  series: Series[];
  width: number;
  height: number;
  tick: (place: number) => string;
  number: (value: number) => string;
};

/** A drawn chart, and the left edge and width of each place in it, in pixels. */
export type Drawn = { svg: Element; left: (place: number) => number; step: number };

const MARGIN_LEFT = 48;
const MARGIN_RIGHT = 76;
const TICK_WIDTH = 84;

/** Draws the bars. The chart is a picture: whatever is said about a bar is said by the caller. */
export function drawBars({ series, width, height, tick, number }: Bars): Drawn {
  const places = (series[0]?.values ?? []).map((_, place) => place);
  const every = Math.max(1, Math.ceil((places.length * TICK_WIDTH) / Math.max(1, width - MARGIN_LEFT - MARGIN_RIGHT)));
  const last = places.length - 1;
  // Room under the lowest bar for its own number.
  const room = series.some((one) => one.below) ? 16 : 0;
  const plot = Plot.plot({
    width,
    height,
    marginLeft: MARGIN_LEFT,
    marginRight: MARGIN_RIGHT,
    marginTop: 22,
    marginBottom: 28 + room,
    style: { background: "transparent", color: "var(--ink-soft)", fontFamily: "inherit", fontSize: "12px", overflow: "visible" },
    x: { type: "band", domain: places, ticks: places.filter((place) => (last - place) % every === 0), tickFormat: tick, tickSize: 0, tickPadding: 8 + room, label: null, paddingInner: 0.28, paddingOuter: 0.1 },
    y: { nice: true, ticks: 4, tickFormat: (value: number) => (Number.isInteger(value) ? number(Math.abs(value)) : ""), tickSize: 0, label: null, zero: true },
    marks: [
      Plot.gridY({ stroke: "var(--line)", strokeOpacity: 1, ticks: 4 }),
      ...series.flatMap((one) => marksOf(one, number)),
      Plot.ruleY([0], { stroke: "var(--ink-soft)" }),
    ],
  });
  plot.setAttribute("aria-hidden", "true");
  const x = plot.scale("x");
  const step = x?.step ?? x?.bandwidth ?? 0;
  const bandwidth = x?.bandwidth ?? 0;
  return { svg: plot, step, left: (place) => Number(x?.apply(place) ?? 0) - (step - bandwidth) / 2 };
}

/** The bars of a series, its highest value written on it, and its name at its right. */
function marksOf({ name, colour, values, below }: Series, number: (value: number) => string): Plot.Markish[] {
  const side = below ? -1 : 1;
  const rows = values.map((value, place) => ({ place, value: value * side }));
  const top = Math.max(...values);
  const best = values.indexOf(top);
  const marks: Plot.Markish[] = [Plot.barY(rows, { x: "place", y: "value", fill: colour, rx: 2 })];
  if (top > 0) {
    marks.push(
      Plot.text([{ place: best, value: top * side }], { x: "place", y: "value", text: () => number(top), dy: -9 * side, fill: colour, fontWeight: 600 }),
      Plot.text([{ value: (top * side) / 2 }], { y: "value", frameAnchor: "right", textAnchor: "start", dx: 8, text: () => name, fill: colour, fontWeight: 600, fontSize: 13 }),
    );
  }
  return marks;
}
