// What the running version of Node can do.

/** From Node 22.12 on a request is announced when it is created, before it has a socket. */
export const ANNOUNCES_CREATED = process.versions.node.localeCompare('22.12', undefined, { numeric: true }) >= 0;
