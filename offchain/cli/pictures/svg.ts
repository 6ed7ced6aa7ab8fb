import { type Bargain, type Offered, type Pair, rangeOf } from "./bargain.ts";

const SIZE = 420;
const MARGIN = 56;
/** A longer frontier is a line and nothing else. */
const MOST_DOTS = 200;
const COLOURS = ["#0b7285", "#e8590c"] as const;

/** A negotiation as a picture: on the left both sides' utilities by rounds, on the right one against the other. */
export function svgOf(bargain: Bargain, title: string): string {
  const width = 2 * (SIZE + 2 * MARGIN);
  const height = SIZE + 2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    ` font-family="system-ui, sans-serif" font-size="13" fill="#212529">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    panel(MARGIN, rounds(bargain)),
    panel(SIZE + 3 * MARGIN, plane(bargain)),
    "</svg>\n",
  ].join("");
}

function panel(left: number, content: string): string {
  return `<g transform="translate(${left} ${MARGIN})">${content}</g>`;
}

/** What each side's offers leave to itself, and what it is offered. */
function rounds(bargain: Bargain): string {
  const last = Math.max(1, bargain.offers.at(-1)?.round ?? 0);
  const ranges = [rangeOf(bargain, 0), rangeOf(bargain, 1)] as const;
  const [low, high] = [Math.min(ranges[0][0], ranges[1][0]), Math.max(ranges[0][1], ranges[1][1])];
  const lines = ([0, 1] as const).flatMap((side) =>
    ([0, 1] as const).map((by) => {
      const points = bargain.offers
        .filter((offer) => offer.by === by)
        .map(({ round, utilities }) => `${x(round, [0, last])},${y(utilities[side], [low, high])}`);
      const dash = side === by ? "" : ` stroke-dasharray="4 4" opacity="0.6"`;
      return `<polyline points="${points.join(" ")}" fill="none" stroke="${COLOURS[side]}" stroke-width="2"${dash}/>`;
    }),
  );
  const legend = ([0, 1] as const).map(
    (side) =>
      `<text x="8" y="${18 * side - 28}" fill="${COLOURS[side]}">${escaped(bargain.names[side])}: own offers, and dashed the other's</text>`,
  );
  return [axes("round", "utility", [1, last + 1], [low, high]), ...lines, ...legend].join("");
}

function plane(bargain: Bargain): string {
  const [across, up] = [rangeOf(bargain, 0), rangeOf(bargain, 1)];
  const at = ([first, second]: Pair) => [x(first, across), y(second, up)] as const;
  const dot = (pair: Pair, radius: number, paint: string) => {
    const [cx, cy] = at(pair);
    return `<circle cx="${cx}" cy="${cy}" r="${radius}" ${paint}/>`;
  };
  const mark = (pair: Pair | null, text: string, below: number, paint: string) =>
    pair === null ? "" : `${dot(pair, 6, paint)}<text x="${at(pair)[0] + 9}" y="${at(pair)[1] + below}">${text}</text>`;
  const path = (by: 0 | 1) => {
    const points = bargain.offers
      .filter((offer: Offered) => offer.by === by)
      .map(({ utilities }) => at(utilities).join(","));
    return `<polyline points="${points.join(" ")}" fill="none" stroke="${COLOURS[by]}" stroke-width="1.5" opacity="0.8"/>`;
  };
  return [
    axes(bargain.names[0], bargain.names[1], across, up),
    `<polyline points="${bargain.frontier.map((pair) => at(pair).join(",")).join(" ")}" fill="none" stroke="#adb5bd"/>`,
    ...(bargain.frontier.length > MOST_DOTS ? [] : bargain.frontier).map((pair) => dot(pair, 1.6, `fill="#868e96"`)),
    path(0),
    path(1),
    ...bargain.offers.map(({ by, utilities }) => dot(utilities, 2.5, `fill="${COLOURS[by]}"`)),
    mark(bargain.reservations, "no deal", 16, `fill="none" stroke="#868e96"`),
    mark(bargain.nash, "Nash", -7, `fill="none" stroke="#2f9e44" stroke-width="2"`),
    mark(bargain.agreed, "agreed", 16, `fill="none" stroke="#212529" stroke-width="2"`),
  ].join("");
}

function axes(across: string, up: string, [left, right]: Pair, [low, high]: Pair): string {
  return [
    `<path d="M0 0V${SIZE}H${SIZE}" fill="none" stroke="#495057"/>`,
    `<text x="${SIZE / 2}" y="${SIZE + 36}" text-anchor="middle">${escaped(across)}</text>`,
    `<text transform="translate(-38 ${SIZE / 2}) rotate(-90)" text-anchor="middle">${escaped(up)}</text>`,
    `<text x="0" y="${SIZE + 18}">${short(left)}</text>`,
    `<text x="${SIZE}" y="${SIZE + 18}" text-anchor="end">${short(right)}</text>`,
    `<text x="-6" y="${SIZE}" text-anchor="end">${short(low)}</text>`,
    `<text x="-6" y="10" text-anchor="end">${short(high)}</text>`,
  ].join("");
}

function x(value: number, [low, high]: Pair): number {
  return Math.round(((value - low) / (high - low || 1)) * SIZE * 10) / 10;
}

function y(value: number, [low, high]: Pair): number {
  return Math.round((SIZE - ((value - low) / (high - low || 1)) * SIZE) * 10) / 10;
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

/** What is no character of XML is shown as unknown. */
function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  const known = text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\p{Cs}\ufffe\uffff]/gu, "\ufffd");
  return known.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
