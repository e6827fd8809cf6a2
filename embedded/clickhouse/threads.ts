/** Statements that run at once; each holds a thread of libuv's pool until it ends. */
export const rows_running_max = 8;
export const commands_running_max = 4;
/** The pool's size: those, and what files, compression and KILL need besides. */
export const pool_threads = rows_running_max + commands_running_max + 6;
