/** Which pass runs: `npm run test:faults -- --controls | --long` (run.mjs). */
export const long = process.env.MILLRACE_FAULTS === 'long';
/** Whether tests are held against the broken builds that they must find. */
export const controls = long || process.env.MILLRACE_FAULTS === 'controls';
