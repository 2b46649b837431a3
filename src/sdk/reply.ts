// Skeleton: to be replaced.
export {};
