// What a program that uses ClickHouse's JDBC driver gets to see. One JSON document on stdout; TABLE is the table to read, INSERT
// one to write to (empty: the caller may only read).

import java.math.BigDecimal;
import java.sql.*;
import java.time.ZoneOffset;
import java.util.*;

public final class Main {
    private static final String COLUMNS = "u64, s, t, n0, n1, a, lc, m, f, d, e, u, tp, b, dt";

    private static Connection connect(Map<String, String> options) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", System.getenv("CLICKHOUSE_USER"));
        properties.setProperty("password", System.getenv("CLICKHOUSE_PASSWORD"));
        properties.putAll(options);
        return DriverManager.getConnection("jdbc:clickhouse:" + System.getenv("CLICKHOUSE_URL"), properties);
    }

    private static final Map<String, Map<String, String>> METHODS = new TreeMap<>(Map.of(
        "none", Map.of("compress", "false"),
        "lz4", Map.of("compress", "true"),
        "http", Map.of("compress", "true", "client.use_http_compression", "true"),
        "both", Map.of("compress", "true", "decompress", "true")));

    private static Object codeOf(Connection connection, String sql) {
        try (Statement statement = connection.createStatement()) {
            if (statement.execute(sql)) {
                try (ResultSet rows = statement.getResultSet()) {
                    while (rows.next()) rows.getObject(1);
                }
            }
            return null;
        } catch (SQLException error) {
            return error.getErrorCode() != 0 ? error.getErrorCode() : error.getMessage();
        }
    }

    private static int countOf(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
            int count = 0;
            while (rows.next()) count++;
            return count;
        }
    }

    private static Map<String, Object> typesOf(Connection connection, String table) throws SQLException {
        String sql = "SELECT " + COLUMNS + " FROM " + table + " LIMIT 1";
        try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
            row.next();
            Map<String, Object> types = new LinkedHashMap<>();
            types.put("u64", row.getBigDecimal("u64").toPlainString());
            types.put("s", row.getString("s"));
            var moment = row.getObject("t", java.time.ZonedDateTime.class).withZoneSameInstant(ZoneOffset.UTC);
            types.put("t", moment.format(java.time.format.DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'")));
            types.put("n0", row.getObject("n0"));
            types.put("n1", row.getObject("n1"));
            types.put("a", row.getArray("a").getArray());
            types.put("lc", row.getString("lc"));
            types.put("m", row.getObject("m"));
            types.put("f", row.getDouble("f"));
            types.put("d", row.getBigDecimal("d").toPlainString());
            types.put("e", row.getString("e"));
            types.put("u", row.getObject("u").toString());
            types.put("tp", row.getObject("tp"));
            types.put("b", row.getBoolean("b"));
            types.put("dt", row.getDate("dt").toLocalDate().toString());
            return types;
        }
    }

    private static Map<String, Object> read(Connection connection) throws SQLException {
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("rows", countOf(connection, "SELECT number, toString(number) FROM numbers(300000)"));
        seen.put("fault", codeOf(connection, "SELECT number, throwIf(number = 1500000) FROM numbers(2000000)"));
        seen.put("unknown", codeOf(connection, "SELECT * FROM nowhere"));
        seen.put("types", typesOf(connection, System.getenv("TABLE")));
        return seen;
    }

    private static Map<String, Object> insert(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("TRUNCATE TABLE " + table);
        }
        String values = " VALUES (?, ?, ?, ?, ?, [1, 2, 3], ?, map('k', 1), ?, ?, ?, ?, tuple(1, 'z'), ?, ?)";
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO " + table + " (" + COLUMNS + ")" + values)) {
            for (int i = 0; i < 1000; i++) {
                statement.setBigDecimal(1, new BigDecimal("18446744073709551615"));
                statement.setString(2, "é\"\n'\t\\");
                statement.setString(3, "2026-01-02 03:04:05.678");
                statement.setNull(4, Types.INTEGER);
                statement.setInt(5, 7);
                statement.setString(6, "low");
                statement.setDouble(7, 0.5);
                statement.setBigDecimal(8, new BigDecimal("12.34"));
                statement.setString(9, "b");
                statement.setObject(10, UUID.fromString("61f0c404-5cb3-11e7-907b-a6006ad3dba0"));
                statement.setBoolean(11, true);
                statement.setDate(12, java.sql.Date.valueOf("2026-01-02"));
                statement.addBatch();
            }
            statement.executeBatch();
        }
        return Map.of("rows", countOf(connection, "SELECT * FROM " + table), "types", typesOf(connection, table));
    }

    public static void main(String[] args) throws SQLException {
        Map<String, Object> result = new LinkedHashMap<>();
        Map<String, Object> reads = new LinkedHashMap<>();
        Map<String, Object> inserted = new LinkedHashMap<>();
        String target = System.getenv().getOrDefault("INSERT", "");
        for (var method : METHODS.entrySet()) {
            try (Connection connection = connect(method.getValue())) {
                reads.put(method.getKey(), read(connection));
                if (!target.isEmpty()) inserted.put(method.getKey(), insert(connection, target));
            }
        }
        result.put("reads", reads);
        if (!target.isEmpty()) result.put("inserted", inserted);
        try (Connection connection = connect(Map.of("clickhouse_setting_max_execution_time", "60"))) {
            result.put("version", connection.getMetaData().getDriverVersion());
            result.put("server", connection.getMetaData().getDatabaseProductVersion());
            result.put("errors", nullable("syntax", codeOf(connection, "SELECT 1 +"), "create",
                codeOf(connection, "CREATE TABLE IF NOT EXISTS made_by_java (a UInt8) ENGINE = Memory")));
            try (PreparedStatement statement = connection.prepareStatement("SELECT ?")) {
                statement.setString(1, "it's\ta \\ 'quote'");
                ResultSet row = statement.executeQuery();
                row.next();
                result.put("bound", row.getString(1));
            }
            int columns = 0;
            try (ResultSet found = connection.getMetaData().getColumns(null, "default", System.getenv("TABLE"), "%")) {
                while (found.next()) columns++;
            }
            result.put("columns", columns);
        }
        System.out.println(json(result));
    }

    private static Map<String, Object> nullable(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) map.put((String) pairs[i], pairs[i + 1]);
        return map;
    }

    private static String json(Object value) {
        if (value == null || value instanceof Number || value instanceof Boolean) return String.valueOf(value);
        if (value instanceof Map<?, ?> map) {
            StringJoiner fields = new StringJoiner(",", "{", "}");
            map.forEach((name, each) -> fields.add(json(String.valueOf(name)) + ":" + json(each)));
            return fields.toString();
        }
        if (value.getClass().isArray()) {
            StringJoiner items = new StringJoiner(",", "[", "]");
            for (int i = 0; i < java.lang.reflect.Array.getLength(value); i++) items.add(json(java.lang.reflect.Array.get(value, i)));
            return items.toString();
        }
        if (value instanceof Iterable<?> list) {
            StringJoiner items = new StringJoiner(",", "[", "]");
            list.forEach(each -> items.add(json(each)));
            return items.toString();
        }
        StringBuilder text = new StringBuilder("\"");
        for (char c : value.toString().toCharArray()) {
            if (c == '"' || c == '\\') text.append('\\').append(c);
            else if (c < ' ') text.append(String.format("\\u%04x", (int) c));
            else text.append(c);
        }
        return text.append('"').toString();
    }
}
