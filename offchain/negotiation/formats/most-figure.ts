/** No figure is larger: beyond, sums of utilities would lose the places by which outcomes are told apart. */
export const MOST_FIGURE = 1e9;
