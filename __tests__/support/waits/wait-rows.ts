// The rows that must hold on all three levels: the policy alone, the SDK mocked, real sockets.

export interface WaitRow {
  /** In the notation of `script.ts`. */
  readonly responses: string;
  /** The final state; or `code outcome progress.stop runStatus`, with `-` where there is no state. */
  readonly end: string;
  /** The requests in turn; if the time runs out, the first of them. */
  readonly requests: string;
  /** The levels that cannot show the row, or on which it takes too long. */
  readonly not?: readonly ('mocked' | 'sockets')[];
}

export const ROWS: readonly WaitRow[] = [
  // The stop works, or is not needed.
  { responses: 'S+ DS', end: 'Stopped', requests: 'SD' },
  { responses: 'S+ DR×4 DS', end: 'Stopped', requests: 'SDDDDD' },
  { responses: 'S+ DW DR DF', end: 'Failed', requests: 'SDDD' },
  { responses: 'S+ D"Stopping"×2 DS', end: 'Stopped', requests: 'SDDD' },
  { responses: 'S+ D"" DS', end: 'Stopped', requests: 'SDD' },
  { responses: 'S+ D"Paused"', end: 'TIMEOUT unknown accepted Paused', requests: 'SDDD' },
  { responses: 'S- DD', end: 'Done', requests: 'SD' },
  // Over sockets the end of the wait may cut a stop, whose outcome is then unknown.
  { responses: 'S- DR', end: 'TIMEOUT refused refused Running', requests: 'SDSDSD', not: ['sockets'] },
  { responses: 'S- S+ DR DS', end: 'Stopped', requests: 'SDSD' },
  { responses: 'S- D404', end: 'NOT_FOUND refused refused -', requests: 'SD' },

  // The stop fails.
  { responses: 'S? DS', end: 'Stopped', requests: 'SD' },
  { responses: 'S? S+ DR DS', end: 'Stopped', requests: 'SDSD' },
  { responses: 'S? S- DR', end: 'TIMEOUT unknown unknown Running', requests: 'SDSDSD' },
  { responses: 'S503×2 S+ DR DR DS', end: 'Stopped', requests: 'SDSDSD' },
  { responses: 'Sb502 S+ DR DS', end: 'Stopped', requests: 'SDSD' },
  { responses: 'S429 S+ DS', end: 'Stopped', requests: 'SSD', not: ['sockets'] }, // pauses of 1 s and more
  { responses: 'S429(3600) DR', end: 'RATE_LIMITED refused refused -', requests: 'S' },
  { responses: 'S401 DR', end: 'AUTHENTICATION_FAILED refused refused -', requests: 'S' },
  { responses: 'S? S401 DR', end: 'AUTHENTICATION_FAILED unknown unknown Running', requests: 'SDS' },
  { responses: 'Snokeys DR', end: 'MISSING_CREDENTIALS not_sent not_sent -', requests: 'S', not: ['sockets'] },
  { responses: 'Sx×4 S+ DS', end: 'Stopped', requests: 'SSSSSD', not: ['mocked', 'sockets'] },
  { responses: 'S403 DD', end: 'Done', requests: 'SD' },
  { responses: 'S403 DR', end: 'PERMISSION_DENIED refused refused Running', requests: 'SD' },
  { responses: 'S403 D503', end: 'PERMISSION_DENIED refused refused -', requests: 'SD' },
  { responses: 'S? S403 DR', end: 'PERMISSION_DENIED unknown unknown Running', requests: 'SDSD' },
  { responses: 'Sb403 S+ DR DS', end: 'Stopped', requests: 'SDSD' },
  { responses: 'S400 DR', end: 'INVALID_REQUEST refused refused Running', requests: 'SD' },
  { responses: 'S510302 DD', end: 'Done', requests: 'SD' },
  { responses: 'S? S510302 DR DR DS', end: 'Stopped', requests: 'SDSDD' },
  { responses: 'S? S400 DR DR DS', end: 'Stopped', requests: 'SDSDD' },
  { responses: 'S? S336003 DR', end: 'INVALID_REQUEST unknown unknown Running', requests: 'SDSD' },

  // The Describe fails.
  { responses: 'S+ D404', end: 'NOT_FOUND unknown accepted -', requests: 'SD' },
  { responses: 'S+ D403', end: 'PERMISSION_DENIED unknown accepted -', requests: 'SD' },
  { responses: 'S+ DR D403', end: 'PERMISSION_DENIED unknown accepted Running', requests: 'SDD' },
  { responses: 'S+ D503×3 DS', end: 'Stopped', requests: 'SDDDD' },
  { responses: 'S+ D? DS', end: 'Stopped', requests: 'SDD' },
  { responses: 'S+ D429(7) DS', end: 'Stopped', requests: 'SDD', not: ['sockets'] }, // 7 s
  { responses: 'S+ D429(3600)', end: 'RATE_LIMITED unknown accepted -', requests: 'SD' },
  { responses: 'S+ D~', end: 'TIMEOUT unknown accepted -', requests: 'SD' },
  { responses: 'S+ Dother', end: 'UNEXPECTED_RESPONSE unknown accepted -', requests: 'SD' },
  { responses: 'S+ Dnone', end: 'UNEXPECTED_RESPONSE unknown accepted -', requests: 'SD' },
  { responses: 'S+ Db403 DS', end: 'Stopped', requests: 'SDD' },
  { responses: 'S+ Dpage DS', end: 'Stopped', requests: 'SDD' },
  { responses: 'S+ D> DS', end: 'Stopped', requests: 'SDD', not: ['mocked'] }, // the wire sees a redirect
  { responses: 'S- D503 S+ DS', end: 'Stopped', requests: 'SDSD' },
  { responses: 'S503 S+ D403', end: 'PERMISSION_DENIED unknown accepted -', requests: 'SDSD' },
  { responses: 'S503 S401 D401', end: 'AUTHENTICATION_FAILED unknown unknown -', requests: 'SDS' },
  { responses: 'S? S- D403', end: 'PERMISSION_DENIED unknown unknown -', requests: 'SDSD' },
  { responses: 'Sb404 Db404', end: 'NOT_FOUND unknown unknown -', requests: 'SD' }, // a wrong base URL
  { responses: 'S> D>', end: 'UNEXPECTED_RESPONSE unknown unknown -', requests: 'SD', not: ['mocked'] },
];

/** The requests that were made; if the time runs out, only as many as the row has. */
export function asFarAs({ end, requests }: WaitRow, made: string): string {
  return end.startsWith('TIMEOUT') ? made.slice(0, requests.length) : made;
}
