// The rows that must hold, once for all three levels: the policy alone, the SDK mocked, real sockets.

export interface WaitRow {
  /** In the notation of `script.ts`. */
  readonly answers: string;
  /** The final state; or `code outcome progress.stop runStatus`, with `-` where there is no state. */
  readonly end: string;
  /** The requests in turn; where the time runs out, the first of them. */
  readonly requests: string;
  /** The levels on which the row cannot be told, or takes too long. */
  readonly not?: readonly ('mocked' | 'sockets')[];
}

export const ROWS: readonly WaitRow[] = [
  // The stop works, or is not needed.
  { answers: 'S+ DS', end: 'Stopped', requests: 'SD' },
  { answers: 'S+ DR×4 DS', end: 'Stopped', requests: 'SDDDDD' },
  { answers: 'S+ DW DR DF', end: 'Failed', requests: 'SDDD' },
  { answers: 'S+ D"Stopping"×2 DS', end: 'Stopped', requests: 'SDDD' },
  { answers: 'S+ D"" DS', end: 'Stopped', requests: 'SDD' },
  { answers: 'S+ D"Paused"', end: 'TIMEOUT unknown accepted Paused', requests: 'SDDD' },
  { answers: 'S- DD', end: 'Done', requests: 'SD' },
  // Over sockets the end of the wait may cut a stop, which is then unknown.
  { answers: 'S- DR', end: 'TIMEOUT refused refused Running', requests: 'SDSDSD', not: ['sockets'] },
  { answers: 'S- S+ DR DS', end: 'Stopped', requests: 'SDSD' },
  { answers: 'S- D404', end: 'NOT_FOUND refused refused -', requests: 'SD' },

  // The stop fails.
  { answers: 'S? DS', end: 'Stopped', requests: 'SD' },
  { answers: 'S? S+ DR DS', end: 'Stopped', requests: 'SDSD' },
  { answers: 'S? S- DR', end: 'TIMEOUT unknown unknown Running', requests: 'SDSDSD' },
  { answers: 'S503×2 S+ DR DR DS', end: 'Stopped', requests: 'SDSDSD' },
  { answers: 'Sb502 S+ DR DS', end: 'Stopped', requests: 'SDSD' },
  { answers: 'S429 S+ DS', end: 'Stopped', requests: 'SSD', not: ['sockets'] }, // pauses of 1 s and more
  { answers: 'S429(3600) DR', end: 'RATE_LIMITED refused refused -', requests: 'S' },
  { answers: 'S401 DR', end: 'AUTHENTICATION_FAILED refused refused -', requests: 'S' },
  { answers: 'S? S401 DR', end: 'AUTHENTICATION_FAILED unknown unknown Running', requests: 'SDS' },
  { answers: 'Snokeys DR', end: 'MISSING_CREDENTIALS not_sent not_sent -', requests: 'S', not: ['sockets'] },
  { answers: 'Sx×4 S+ DS', end: 'Stopped', requests: 'SSSSSD', not: ['mocked', 'sockets'] },
  { answers: 'S403 DD', end: 'Done', requests: 'SD' },
  { answers: 'S403 DR', end: 'PERMISSION_DENIED refused refused Running', requests: 'SD' },
  { answers: 'S403 D503', end: 'PERMISSION_DENIED refused refused -', requests: 'SD' },
  { answers: 'S? S403 DR', end: 'PERMISSION_DENIED unknown unknown Running', requests: 'SDSD' },
  { answers: 'Sb403 S+ DR DS', end: 'Stopped', requests: 'SDSD' },
  { answers: 'S400 DR', end: 'INVALID_REQUEST refused refused Running', requests: 'SD' },
  { answers: 'S510302 DD', end: 'Done', requests: 'SD' },
  { answers: 'S? S510302 DR DR DS', end: 'Stopped', requests: 'SDSDD' },
  { answers: 'S? S400 DR DR DS', end: 'Stopped', requests: 'SDSDD' },
  { answers: 'S? S336003 DR', end: 'INVALID_REQUEST unknown unknown Running', requests: 'SDSD' },

  // The Describe fails.
  { answers: 'S+ D404', end: 'NOT_FOUND unknown accepted -', requests: 'SD' },
  { answers: 'S+ D403', end: 'PERMISSION_DENIED unknown accepted -', requests: 'SD' },
  { answers: 'S+ DR D403', end: 'PERMISSION_DENIED unknown accepted Running', requests: 'SDD' },
  { answers: 'S+ D503×3 DS', end: 'Stopped', requests: 'SDDDD' },
  { answers: 'S+ D? DS', end: 'Stopped', requests: 'SDD' },
  { answers: 'S+ D429(7) DS', end: 'Stopped', requests: 'SDD', not: ['sockets'] }, // 7 s
  { answers: 'S+ D429(3600)', end: 'RATE_LIMITED unknown accepted -', requests: 'SD' },
  { answers: 'S+ D~', end: 'TIMEOUT unknown accepted -', requests: 'SD' },
  { answers: 'S+ Dother', end: 'UNEXPECTED_RESPONSE unknown accepted -', requests: 'SD' },
  { answers: 'S+ Dnone', end: 'UNEXPECTED_RESPONSE unknown accepted -', requests: 'SD' },
  { answers: 'S+ Db403 DS', end: 'Stopped', requests: 'SDD' },
  { answers: 'S+ Dpage DS', end: 'Stopped', requests: 'SDD' },
  { answers: 'S+ D> DS', end: 'Stopped', requests: 'SDD', not: ['mocked'] }, // the wire sees a redirect
  { answers: 'S- D503 S+ DS', end: 'Stopped', requests: 'SDSD' },
  { answers: 'S503 S+ D403', end: 'PERMISSION_DENIED unknown accepted -', requests: 'SDSD' },
  { answers: 'S503 S401 D401', end: 'AUTHENTICATION_FAILED unknown unknown -', requests: 'SDS' },
  { answers: 'S? S- D403', end: 'PERMISSION_DENIED unknown unknown -', requests: 'SDSD' },
  { answers: 'Sb404 Db404', end: 'NOT_FOUND unknown unknown -', requests: 'SD' }, // a wrong base URL
  { answers: 'S> D>', end: 'UNEXPECTED_RESPONSE unknown unknown -', requests: 'SD', not: ['mocked'] },
];

/** The requests that were made, as far as the row tells of them: where the time runs out, only the first. */
export function asFarAs({ end, requests }: WaitRow, made: string): string {
  return end.startsWith('TIMEOUT') ? made.slice(0, requests.length) : made;
}
