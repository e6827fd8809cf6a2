package millrace.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/** Decodes an event, scores its text, adds to its person's totals, writes both out. One instance a task: buffers are reused. */
final class Scoring implements Processor<String, byte[], String, byte[]> {
  private static final int HEADER_BYTES = 5;
  private static final Schema EVENT = schema("/event.avsc");
  private static final Schema SCORED = schema("/scored.avsc");

  private final Lexicon lexicon;
  private final GenericDatumReader<GenericRecord> reader = new GenericDatumReader<>(EVENT);
  private final GenericDatumWriter<GenericRecord> writer = new GenericDatumWriter<>(SCORED);
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);
  private final GenericRecord scored = new GenericData.Record(SCORED);
  private GenericRecord event;
  private BinaryDecoder decoder;
  private BinaryEncoder encoder;
  private ProcessorContext<String, byte[]> context;
  private KeyValueStore<String, byte[]> totals;

  Scoring(Lexicon lexicon) {
    this.lexicon = lexicon;
  }

  @Override
  public void init(ProcessorContext<String, byte[]> context) {
    this.context = context;
    this.totals = context.getStateStore(KafkaStreamsPeer.STORE);
  }

  @Override
  public void process(Record<String, byte[]> record) {
    try {
      byte[] value = record.value();
      decoder = DecoderFactory.get().binaryDecoder(value, HEADER_BYTES, value.length - HEADER_BYTES, decoder);
      event = reader.read(event, decoder);
      long score = lexicon.score((String) event.get(5));
      long count = 1;
      long total = score;
      byte[] before = totals.get(record.key());
      if (before != null) {
        decoder = DecoderFactory.get().binaryDecoder(before, decoder);
        count += decoder.readLong();
        total += decoder.readLong();
      }
      totals.put(record.key(), totals(count, total));
      context.forward(record.withValue(scored(score, count, total)));
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  /** Two longs one behind the other: the Avro record {count, total}. */
  private byte[] totals(long count, long total) throws IOException {
    out.reset();
    encoder = EncoderFactory.get().binaryEncoder(out, encoder);
    encoder.writeLong(count);
    encoder.writeLong(total);
    encoder.flush();
    return out.toByteArray();
  }

  private byte[] scored(long score, long count, long total) throws IOException {
    scored.put(0, event.get(0));
    scored.put(1, event.get(1));
    scored.put(2, event.get(2));
    scored.put(3, score);
    scored.put(4, count);
    scored.put(5, total);
    out.reset();
    out.write(new byte[HEADER_BYTES]);
    encoder = EncoderFactory.get().binaryEncoder(out, encoder);
    writer.write(scored, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  private static Schema schema(String resource) {
    try (InputStream in = Scoring.class.getResourceAsStream(resource)) {
      return new Schema.Parser().parse(in);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
}
