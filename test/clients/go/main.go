// What a program that uses clickhouse-go over HTTP, as Grafana's ClickHouse data source does, gets to see. One JSON document
// on stdout; TABLE is the table to read, INSERT one to write to (empty: the caller may only read).
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	clickhouse "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

func options(compression *clickhouse.Compression) *clickhouse.Options {
	return &clickhouse.Options{
		Addr:        []string{os.Getenv("CLICKHOUSE_ADDRESS")},
		HttpUrlPath: os.Getenv("CLICKHOUSE_PATH"),
		Protocol:    clickhouse.HTTP,
		Auth: clickhouse.Auth{
			Database: "default",
			Username: os.Getenv("CLICKHOUSE_USER"),
			Password: os.Getenv("CLICKHOUSE_PASSWORD"),
		},
		// Grafana's data source sends this with every request.
		Settings:    clickhouse.Settings{"max_execution_time": 60},
		Compression: compression,
		DialTimeout: 5 * time.Second,
	}
}

var methods = map[string]*clickhouse.Compression{
	"none":    nil,
	"gzip":    {Method: clickhouse.CompressionGZIP},
	"deflate": {Method: clickhouse.CompressionDeflate},
	"br":      {Method: clickhouse.CompressionBrotli},
	"lz4":     {Method: clickhouse.CompressionLZ4},
	"zstd":    {Method: clickhouse.CompressionZSTD},
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func code(err error) any {
	var exception *clickhouse.Exception
	if errors.As(err, &exception) {
		return exception.Code
	}
	if err == nil {
		return nil
	}
	return err.Error()
}

func drain(rows *sql.Rows, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	count := 0
	for rows.Next() {
		count++
	}
	return count, rows.Err()
}

func types(db *sql.DB, table string) map[string]any {
	var (
		u64    uint64
		s, lc  string
		t, dt  time.Time
		n0, n1 *int32
		a      []uint8
		m      map[string]uint8
		f      float64
		d      decimal.Decimal
		e      string
		u      uuid.UUID
		tp     []any
		b      bool
	)
	row := db.QueryRow("SELECT u64, s, t, n0, n1, a, lc, m, f, d, e, u, tp, b, dt FROM " + table + " LIMIT 1")
	must(row.Scan(&u64, &s, &t, &n0, &n1, &a, &lc, &m, &f, &d, &e, &u, &tp, &b, &dt))
	numbers := make([]int, len(a))
	for i, each := range a {
		numbers[i] = int(each)
	}
	return map[string]any{
		"u64": fmt.Sprint(u64), "s": s, "t": t.UTC().Format("2006-01-02T15:04:05.000Z"), "n0": n0, "n1": n1, "a": numbers,
		"lc": lc, "m": m, "f": f, "d": d.String(), "e": e, "u": u.String(), "tp": tp, "b": b, "dt": dt.Format("2006-01-02"),
	}
}

// The statements of the data source's query editor.
func editor(db *sql.DB, table string) map[string]int {
	counts := map[string]int{}
	for name, query := range map[string]string{
		"databases": "SHOW DATABASES",
		"tables":    "SHOW TABLES FROM `default`",
		"columns":   "SELECT name, type, table FROM system.columns WHERE database IN ('default') AND table = '" + table + "'",
		"functions": "SELECT name FROM system.functions",
		"series": "SELECT toStartOfInterval(toDateTime(t), INTERVAL 20 second) AS time, count() AS n FROM " + table +
			" WHERE (t >= toDateTime(1735689600) AND t <= toDateTime(1893456000)) GROUP BY time ORDER BY time LIMIT 1000",
	} {
		count, err := drain(db.Query(query))
		must(err)
		counts[name] = count
	}
	return counts
}

func insert(table string, method *clickhouse.Compression) {
	conn, err := clickhouse.Open(options(method))
	must(err)
	defer conn.Close()
	batch, err := conn.PrepareBatch(context.Background(), "INSERT INTO "+table)
	must(err)
	for range 1000 {
		null, seven := (*int32)(nil), int32(7)
		must(batch.Append(uint64(18446744073709551615), "é\"\n'\t\\", time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC), null, &seven,
			[]uint8{1, 2, 3}, "low", map[string]uint8{"k": 1}, 0.5, decimal.RequireFromString("12.34"), "b",
			uuid.MustParse("61f0c404-5cb3-11e7-907b-a6006ad3dba0"), []any{uint8(1), "z"}, true, time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)))
	}
	must(batch.Send())
}

func main() {
	table, target := os.Getenv("TABLE"), os.Getenv("INSERT")
	result := map[string]any{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "github.com/ClickHouse/clickhouse-go/v2" {
				result["version"] = module.Version
			}
		}
	}
	reads := map[string]any{}
	for name, method := range methods {
		db := clickhouse.OpenDB(options(method))
		must(db.Ping())
		count, err := drain(db.Query("SELECT number, toString(number) FROM numbers(300000)"))
		must(err)
		_, fault := drain(db.Query("SELECT number, throwIf(number = 1500000) FROM numbers(2000000)"))
		_, unknown := drain(db.Query("SELECT * FROM nowhere"))
		reads[name] = map[string]any{"rows": count, "fault": code(fault), "unknown": code(unknown), "types": types(db, table)}
		must(db.Close())
	}
	result["reads"] = reads

	db := clickhouse.OpenDB(options(nil))
	result["editor"] = editor(db, table)
	_, syntax := db.Exec("SELEC 1")
	_, refused := db.Exec("CREATE TABLE IF NOT EXISTS made_by_go (a UInt8) ENGINE = Memory")
	result["errors"] = map[string]any{"syntax": code(syntax), "create": code(refused)}
	var bound string
	must(db.QueryRow("SELECT {text:String}", clickhouse.Named("text", "it's\ta \\ 'quote'")).Scan(&bound))
	result["bound"] = bound
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	_, late := drain(db.QueryContext(ctx, "SELECT count() FROM numbers(1000000000000) WHERE number % 11 = 5"))
	cancel()
	result["cancelled"] = late != nil
	must(db.Close())

	if target != "" {
		inserted := map[string]any{}
		for name, method := range methods {
			db := clickhouse.OpenDB(options(nil))
			_, err := db.Exec("TRUNCATE TABLE " + target)
			must(err)
			insert(target, method)
			count, err := drain(db.Query("SELECT * FROM " + target))
			must(err)
			inserted[name] = map[string]any{"rows": count, "types": types(db, target)}
			must(db.Close())
		}
		result["inserted"] = inserted
	}
	must(json.NewEncoder(os.Stdout).Encode(result))
}
