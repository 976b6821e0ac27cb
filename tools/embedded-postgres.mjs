import launcher from './postgres/launcher.cjs';

export const { startPostgres } = launcher;
