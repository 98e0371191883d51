export const meetings = { 'meetings.title': 'Phiên họp' } as const;
