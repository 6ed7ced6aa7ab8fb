// A small domain as competitions publish them: once in the XML of Genius, once as profiles of GeniusWeb.

const DOMAIN = `<?xml version="1.0"?>
<!-- <utility_space> comes later -->
<negotiation_template>
  <utility_space number_of_issues="2">
    <objective index="0" name="Office" type="objective">
      <issue index="1" name="Floor" type="discrete"><item index="1" value="low"/><item index="2" value="high"/></issue>
      <issue index="2" name="Desks" type="discrete"><item index="1" value="old"/><item index="2" value="new"/></issue>
    </objective>
  </utility_space>
</negotiation_template>`;

function genius(
  [low, high]: readonly [number, number],
  [old, fresh]: readonly [number, number],
  first: number,
): string {
  return `<utility_space>
  <objective index="0" name="Office" type="objective">
    <weight index="1" value="${first}"/><weight index="2" value="${1 - first}"/>
    <issue index="1" name="Floor" type="discrete"><item value="low" evaluation="${low}"/><item value="high" evaluation="${high}"/></issue>
    <issue index="2" name="Desks" type="discrete"><item value="old" evaluation="${old}"/><item value="new" evaluation="${fresh}"/></issue>
  </objective>
  <discount_factor value="1.0"/>
  <reservation value="0.2"/>
</utility_space>`;
}

function web(name: string, floor: readonly [number, number], desks: readonly [number, number], first: number): string {
  const worth = (names: readonly string[], worths: readonly number[]) => ({
    DiscreteValueSetUtilities: { valueUtilities: Object.fromEntries(names.map((one, index) => [one, worths[index]])) },
  });
  return JSON.stringify({
    LinearAdditiveUtilitySpace: {
      name,
      domain: {
        name: "office",
        issuesValues: { Floor: { values: ["low", "high"] }, Desks: { values: ["old", "new"] } },
      },
      issueUtilities: { Floor: worth(["low", "high"], floor), Desks: worth(["old", "new"], desks) },
      issueWeights: { Floor: first, Desks: 1 - first },
    },
  });
}

/** Names follow no rule in public collections. */
export const GENIUS = {
  "Office.xml": DOMAIN,
  "office_landlord.xml": genius([1, 0], [1, 0], 0.25),
  "office_tenant.xml": genius([0, 4], [0, 9], 0.75),
};

export const GENIUS_WEB = {
  "office.json": JSON.stringify({ name: "office", issuesValues: {} }),
  "profileA.json": web("landlord", [1, 0], [1, 0], 0.25),
  "profileB.json": web("tenant", [0, 1], [0, 1], 0.75),
};
