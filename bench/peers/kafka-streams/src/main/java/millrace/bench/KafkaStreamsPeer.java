package millrace.bench;

import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.state.Stores;

/**
 * The benchmark's job (bench/eos/topology.ts) by Kafka Streams, exactly once, with RocksDB and a changelog.
 *
 * <p>Arguments: a properties file, the input topic, the output topic, a lexicon. Prints {@code ready} when partitions are
 * assigned; ends on SIGTERM.
 */
public final class KafkaStreamsPeer {
  static final String STORE = "totals";
  private static final Duration CLOSE_MAX = Duration.ofSeconds(10);

  public static void main(String[] args) throws Exception {
    Properties properties = defaults();
    try (Reader reader = Files.newBufferedReader(Path.of(args[0]))) {
      properties.load(reader);
    }
    KafkaStreams streams = new KafkaStreams(topology(args[1], args[2], new Lexicon(Path.of(args[3]))), properties);
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          Runtime.getRuntime().halt(1);
          return null;
        });
    streams.setStateListener(
        (now, before) -> {
          if (now == KafkaStreams.State.RUNNING) System.out.println("ready");
        });
    streams.setGlobalStateRestoreListener(new RestoreTimes());
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(CLOSE_MAX)));
    streams.start();
  }

  /** What someone who knows Kafka Streams sets for throughput; the caller's file has the last word. */
  private static Properties defaults() {
    Properties properties = new Properties();
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 64 * 1024 * 1024);
    properties.put(StreamsConfig.producerPrefix("compression.type"), "lz4");
    properties.put(StreamsConfig.producerPrefix("batch.size"), 256 * 1024);
    properties.put(StreamsConfig.producerPrefix("linger.ms"), 50);
    properties.put(StreamsConfig.consumerPrefix("max.poll.records"), 4_000);
    properties.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    return properties;
  }

  private static Topology topology(String input, String output, Lexicon lexicon) {
    var bytes = Serdes.ByteArray();
    var key = Serdes.String();
    Topology topology = new Topology();
    topology.addSource("events", key.deserializer(), bytes.deserializer(), input);
    topology.addProcessor("score", () -> new Scoring(lexicon), "events");
    topology.addStateStore(
        Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), key, bytes)
            .withCachingEnabled()
            .withLoggingEnabled(Map.of()),
        "score");
    topology.addSink("scored", output, key.serializer(), bytes.serializer(), "score");
    return topology;
  }

  /** Says on standard output how long each store partition took. */
  private static final class RestoreTimes implements StateRestoreListener {
    private final Map<TopicPartition, Long> began = new HashMap<>();

    @Override
    public synchronized void onRestoreStart(TopicPartition partition, String store, long from, long to) {
      began.put(partition, System.nanoTime());
    }

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long end, long count) {}

    @Override
    public synchronized void onRestoreEnd(TopicPartition partition, String store, long total) {
      System.out.println("restored " + (System.nanoTime() - began.get(partition)) / 1_000_000);
    }
  }
}
