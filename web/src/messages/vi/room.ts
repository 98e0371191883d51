/** The live room and what leads to it: green room, floor, vote, hall. */
export const room = {} as const;
