/**
 * What a caller's parameters may do to a query that only reads.
 *
 * The engine or server knows us, who may set anything; so what the caller may set is decided here, by name. Clients send
 * settings by themselves (Grafana a time limit, clickhouse-connect how dates are read), and fail where one is refused.
 */

import { quote, type Refusal, refuse } from '../sql/refusal.ts';

/** The longest a query may run, in seconds; a caller may ask for less. */
export const execution_s_max = 300;

/** Ours to say, or of no meaning where nothing is kept or written: taken off without a word. */
const WITHHELD = new Set([
  ...['user', 'password', 'quota_key', 'role', 'stacktrace', 'readonly', 'allow_ddl'],
  // The body is decoded here.
  ...['decompress'],
  ...['session_id', 'session_check', 'session_timeout', 'close_session'],
  ...['async_insert', 'wait_for_async_insert', 'insert_deduplication_token', 'insert_deduplicate'],
]);

/** How the request and its answer are carried. */
const TRANSPORT = new Set([
  ...['query', 'database', 'default_format', 'query_id', 'client_protocol_version', 'buffer_size'],
  ...['compress', 'enable_http_compression', 'network_compression_method'],
  ...['network_zstd_compression_level', 'wait_end_of_query', 'send_progress_in_http_headers'],
  ...['http_headers_progress_interval_ms', 'http_zlib_compression_level'],
  ...[
    'cancel_http_readonly_queries_on_client_close',
    'http_response_buffer_size',
    'http_write_exception_in_output_format',
  ],
]);

/** Change what a query means or how its rows are written, and nothing else. */
const APPLIED = new Set([
  ...['session_timezone', 'date_time_output_format', 'date_time_input_format', 'extremes', 'final', 'limit', 'offset'],
  ...['join_use_nulls', 'group_by_use_nulls', 'union_default_mode', 'transform_null_in', 'cast_keep_nullable'],
  ...['cast_string_to_dynamic_use_inference', 'prefer_column_name_to_alias', 'decimal_check_overflow', 'log_comment'],
  ...[
    'result_overflow_mode',
    'timeout_overflow_mode',
    'read_overflow_mode',
    'max_block_size',
    'low_cardinality_allow_in_native_format',
  ],
  ...['describe_compact_output', 'describe_include_subcolumns', 'show_table_uuid_in_table_create_query_if_not_nil'],
  ...['bool_true_representation', 'bool_false_representation', 'enable_unaligned_array_join'],
  ...['format_csv_delimiter', 'format_csv_null_representation', 'format_tsv_null_representation'],
]);
/** Formats are written and read in memory; the one that names a file is not among them. */
const APPLIED_PREFIXES = ['output_format_', 'input_format_', 'format_custom_'];
const FILES = new Set(['output_format_schema']);

/** Limits a caller may put on his own query. 0 would lift them, and is taken off. */
const LIMITS = new Set([
  ...['max_result_rows', 'max_result_bytes', 'max_rows_to_read', 'max_bytes_to_read', 'max_threads'],
  ...['max_rows_to_group_by', 'max_rows_to_sort', 'max_bytes_to_sort', 'max_rows_in_set', 'max_rows_in_join'],
]);

/** The parameters to ask with, our limits among them, or why they are refused. */
export function readParameters(query: URLSearchParams): URLSearchParams | Refusal {
  const asked = new URLSearchParams();
  let execution_s = execution_s_max;
  for (const [name, value] of query) {
    if (WITHHELD.has(name)) continue;
    if (name === 'max_execution_time') {
      const seconds = Number(value);
      if (!(seconds >= 0)) return badNumber(name, value);
      // ClickHouse takes 0 for no limit.
      execution_s = seconds === 0 ? execution_s_max : Math.min(seconds, execution_s_max);
    } else if (LIMITS.has(name)) {
      if (!/^\d+$/.test(value)) return badNumber(name, value);
      if (Number(value) > 0) asked.set(name, value);
    } else if (isPassedOn(name)) asked.set(name, value);
    else return readonlyRefusal(name);
  }
  asked.set('max_execution_time', String(execution_s));
  asked.set('readonly', '1');
  return asked;
}

/**
 * What a SETTINGS clause asks for, added to the parameters, or why it is refused: a parameter that goes too far is cut, because
 * programs send it; what stands in a statement is someone's wish, and he is told.
 */
export function withClause(asked: URLSearchParams, clause: ReadonlyMap<string, string>): URLSearchParams | Refusal {
  const wanted = new URLSearchParams(asked);
  for (const [name, value] of clause) {
    const limits = name === 'max_execution_time' || LIMITS.has(name);
    if (!limits && !isApplied(name)) return readonlyRefusal(name);
    if (limits && !(Number(value) > 0)) return readonlyRefusal(name);
    wanted.set(name, value);
  }
  const seconds = Number(wanted.get('max_execution_time'));
  return seconds > execution_s_max ? readonlyRefusal('max_execution_time') : wanted;
}

/**
 * Settings under which a view's condition may mean something else, or be broken off: a caller who is limited by views does not
 * get to set them.
 */
export const VIEW_SETTINGS: ReadonlySet<string> = new Set([
  ...['transform_null_in', 'prefer_column_name_to_alias', 'union_default_mode', 'final', 'join_use_nulls'],
  ...['group_by_use_nulls', 'read_overflow_mode', 'timeout_overflow_mode', 'enable_unaligned_array_join'],
]);

function isPassedOn(name: string): boolean {
  return TRANSPORT.has(name) || isApplied(name) || name.startsWith('param_');
}

function isApplied(name: string): boolean {
  return !FILES.has(name) && (APPLIED.has(name) || APPLIED_PREFIXES.some(prefix => name.startsWith(prefix)));
}

const readonlyRefusal = (name: string): Refusal =>
  refuse('READONLY', `Cannot modify '${name.slice(0, 100)}' setting in readonly mode.`);

const badNumber = (name: string, value: string): Refusal =>
  refuse('CANNOT_PARSE_NUMBER', `${name} is no number: ${quote(value)}`);
