/*
 * Batches across the native border: what node-rdkafka does once a message, done once for thousands.
 *
 * node-rdkafka stays the client. Configuration, sign-in, group membership, rebalances and transactions are its own; this
 * file takes the librdkafka handle out of its objects and does two things with it. A batch of records is copied into a
 * slab of memory that JavaScript owns, with an index of where each one lies; and a slab of records is handed to the
 * producer. `../slab.ts` describes the index.
 *
 * The handle is shared, never owned: `close` gives back what was taken from it, before node-rdkafka destroys it.
 */
#include <node_api.h>

#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "src/connection.h"

namespace {

// ── What both directions share ─────────────────────────────────────────────────────────────────────────────────────────

/** The place of the handle in node-rdkafka's objects; its accessor is not exported. */
struct Opened : NodeKafka::Connection {
  static rd_kafka_t* of(NodeKafka::Connection* connection) {
    RdKafka::Handle* handle = connection->*(&Opened::m_client);
    return handle == nullptr ? nullptr : handle->c_ptr();
  }
};

rd_kafka_t* handleOf(napi_value object) {
  // Node-API has no word for another addon's object: a napi_value is a v8::Local, and Nan keeps its pointer in field 0.
  v8::Local<v8::Value> value;
  static_assert(sizeof(value) == sizeof(object));
  std::memcpy(static_cast<void*>(&value), &object, sizeof(object));
  if (!value->IsObject() || value.As<v8::Object>()->InternalFieldCount() < 1) return nullptr;
  auto* wrapped = Nan::ObjectWrap::Unwrap<NodeKafka::Connection>(value.As<v8::Object>());
  return wrapped == nullptr ? nullptr : Opened::of(wrapped);
}

template <size_t N>
void arguments(napi_env env, napi_callback_info info, napi_value (&values)[N]) {
  size_t count = N;
  napi_get_cb_info(env, info, &count, values, nullptr, nullptr);
}

napi_value number(napi_env env, double value) {
  napi_value result;
  napi_create_double(env, value, &result);
  return result;
}

int32_t integer(napi_env env, napi_value value) {
  int32_t result = 0;
  napi_get_value_int32(env, value, &result);
  return result;
}

template <typename T>
T* memory(napi_env env, napi_value value, size_t* length = nullptr) {
  void* data = nullptr;
  size_t count = 0;
  napi_get_typedarray_info(env, value, nullptr, &count, &data, nullptr, nullptr);
  if (length != nullptr) *length = count;
  return static_cast<T*>(data);
}

std::string string(napi_env env, napi_value value) {
  size_t length = 0;
  napi_get_value_string_utf8(env, value, nullptr, 0, &length);
  std::string result(length, 0);
  napi_get_value_string_utf8(env, value, result.data(), length + 1, &length);
  return result;
}

std::vector<std::string> strings(napi_env env, napi_value array) {
  uint32_t count = 0;
  napi_get_array_length(env, array, &count);
  std::vector<std::string> result(count);
  for (uint32_t i = 0; i < count; i++) {
    napi_value element;
    napi_get_element(env, array, i, &element);
    result[i] = string(env, element);
  }
  return result;
}

template <typename T>
T* external(napi_env env, napi_value value) {
  void* data = nullptr;
  napi_get_value_external(env, value, &data);
  return static_cast<T*>(data);
}

template <typename T>
napi_value wrap(napi_env env, T* value) {
  napi_value result;
  napi_create_external(env, value, [](napi_env, void* data, void*) { delete static_cast<T*>(data); }, nullptr, &result);
  return result;
}

napi_value fail(napi_env env, const char* message) {
  napi_throw_error(env, "kafka", message);
  return nullptr;
}

// ── Consuming ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * The index, in 32-bit integers; slab.ts describes the same layout. It begins with how many records there are, how many
 * ends of partitions, and how many bytes the slab lacks; then an entry a record from the front, an entry an end from the back.
 */
enum Head { Records, Ends, Lacking, HeadFields };
enum Field { Topic, Partition, KeyAt, KeyLength, ValueAt, ValueLength, Fields };
constexpr int32_t Null = -1;

struct Consumer {
  rd_kafka_queue_t* queue = nullptr;
  std::vector<std::string> topics;
  /** Consumed, and not yet room for. */
  std::deque<rd_kafka_message_t*> waiting;

  void discard() {
    for (auto* message : waiting) rd_kafka_message_destroy(message);
    waiting.clear();
  }
  void close() {
    discard();
    if (queue != nullptr) rd_kafka_queue_destroy(queue);
    queue = nullptr;
  }
  ~Consumer() { close(); }

  int32_t topicOf(const rd_kafka_message_t* message) const {
    const char* name = rd_kafka_topic_name(message->rkt);
    for (size_t i = 0; i < topics.size(); i++)
      if (topics[i] == name) return static_cast<int32_t>(i);
    return -1;
  }
};

struct Poll {
  napi_async_work work = nullptr;
  napi_deferred deferred = nullptr;
  napi_ref held[4] = {};
  Consumer* consumer = nullptr;
  uint8_t* slab = nullptr;
  size_t slab_bytes = 0;
  int32_t* index = nullptr;
  double* offsets = nullptr;
  int32_t count_max = 0;
  int32_t wait_ms = 0;
  int32_t records = 0;
  int32_t ends = 0;
  size_t lacking_bytes = 0;
  std::string error;

  int32_t* entryOf(int32_t i, const rd_kafka_message_t* message) {
    int32_t* entry = index + HeadFields + static_cast<size_t>(i) * Fields;
    entry[Topic] = consumer->topicOf(message);
    entry[Partition] = message->partition;
    offsets[2 * i] = static_cast<double>(message->offset);
    return entry;
  }

  /** False where the slab has no room for it. */
  bool put(const rd_kafka_message_t* message, size_t* used) {
    const size_t key_bytes = message->key == nullptr ? 0 : message->key_len;
    const size_t value_bytes = message->payload == nullptr ? 0 : message->len;
    if (*used + key_bytes + value_bytes > slab_bytes) {
      if (records == 0) lacking_bytes = key_bytes + value_bytes - slab_bytes;
      return false;
    }
    int32_t* entry = entryOf(records, message);
    entry[KeyAt] = static_cast<int32_t>(*used);
    entry[KeyLength] = message->key == nullptr ? Null : static_cast<int32_t>(key_bytes);
    if (key_bytes > 0) std::memcpy(slab + *used, message->key, key_bytes);
    *used += key_bytes;
    entry[ValueAt] = static_cast<int32_t>(*used);
    entry[ValueLength] = message->payload == nullptr ? Null : static_cast<int32_t>(value_bytes);
    if (value_bytes > 0) std::memcpy(slab + *used, message->payload, value_bytes);
    *used += value_bytes;
    offsets[2 * records + 1] = static_cast<double>(rd_kafka_message_timestamp(message, nullptr));
    records++;
    return true;
  }

  bool take(const rd_kafka_message_t* message, size_t* used) {
    switch (message->err) {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
        return put(message, used);
      case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        ends++;
        entryOf(count_max - ends, message);
        return true;
      default:
        // What came before it is delivered first.
        if (records + ends > 0) return false;
        error = rd_kafka_message_errstr(message) == nullptr ? rd_kafka_err2str(message->err)
                                                            : rd_kafka_message_errstr(message);
        return true;
    }
  }

  void run() {
    std::deque<rd_kafka_message_t*>& waiting = consumer->waiting;
    if (waiting.empty()) {
      std::vector<rd_kafka_message_t*> fresh(count_max);
      // The first is awaited; what lies behind it is taken as it is. A batch that waited to be full would be late.
      ssize_t got = rd_kafka_consume_batch_queue(consumer->queue, wait_ms, fresh.data(), 1);
      if (got == 1 && count_max > 1) {
        const ssize_t more = rd_kafka_consume_batch_queue(consumer->queue, 0, fresh.data() + 1, count_max - 1);
        if (more > 0) got += more;
      }
      for (ssize_t i = 0; i < got; i++) waiting.push_back(fresh[i]);
    }
    size_t used = 0;
    while (!waiting.empty() && error.empty() && records + ends < count_max && take(waiting.front(), &used)) {
      rd_kafka_message_destroy(waiting.front());
      waiting.pop_front();
    }
    index[Records] = records;
    index[Ends] = ends;
    index[Lacking] = static_cast<int32_t>(lacking_bytes);
  }
};

/** openConsumer(client, topics): a handle for `poll`. The client is connected and stays so until `close`. */
napi_value OpenConsumer(napi_env env, napi_callback_info info) {
  napi_value args[2];
  arguments(env, info, args);
  rd_kafka_t* kafka = handleOf(args[0]);
  if (kafka == nullptr) return fail(env, "the consumer is not connected");
  auto* consumer = new Consumer;
  consumer->queue = rd_kafka_queue_get_consumer(kafka);
  consumer->topics = strings(env, args[1]);
  return wrap(env, consumer);
}

/**
 * poll(consumer, slab, index, offsets, wait_ms): settles when the slab and the index are filled with what has arrived, at the
 * latest after `wait_ms`. One at a time. The arrays must not be touched meanwhile.
 */
napi_value PollBatch(napi_env env, napi_callback_info info) {
  napi_value args[5];
  arguments(env, info, args);
  auto* poll = new Poll;
  poll->consumer = external<Consumer>(env, args[0]);
  size_t index_length = 0;
  poll->slab = memory<uint8_t>(env, args[1], &poll->slab_bytes);
  poll->index = memory<int32_t>(env, args[2], &index_length);
  poll->offsets = memory<double>(env, args[3]);
  poll->count_max = static_cast<int32_t>((index_length - HeadFields) / Fields);
  poll->wait_ms = integer(env, args[4]);
  for (int i = 0; i < 4; i++) napi_create_reference(env, args[i], 1, &poll->held[i]);
  napi_value promise, name;
  napi_create_promise(env, &poll->deferred, &promise);
  napi_create_string_utf8(env, "millrace.poll", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(
      env, nullptr, name, [](napi_env, void* data) { static_cast<Poll*>(data)->run(); },
      [](napi_env env, napi_status, void* data) {
        auto* poll = static_cast<Poll*>(data);
        for (auto& held : poll->held) napi_delete_reference(env, held);
        if (poll->error.empty()) {
          napi_resolve_deferred(env, poll->deferred, number(env, poll->records));
        } else {
          napi_value message, error;
          napi_create_string_utf8(env, poll->error.c_str(), poll->error.size(), &message);
          napi_create_error(env, nullptr, message, &error);
          napi_reject_deferred(env, poll->deferred, error);
        }
        napi_delete_async_work(env, poll->work);
        delete poll;
      },
      poll, &poll->work);
  napi_queue_async_work(env, poll->work);
  return promise;
}

/** discard(consumer): forgets what was consumed and found no room, since its partitions were given up. */
napi_value Discard(napi_env env, napi_callback_info info) {
  napi_value args[1];
  arguments(env, info, args);
  external<Consumer>(env, args[0])->discard();
  return nullptr;
}

napi_value CloseConsumer(napi_env env, napi_callback_info info) {
  napi_value args[1];
  arguments(env, info, args);
  external<Consumer>(env, args[0])->close();
  return nullptr;
}

// ── Producing ──────────────────────────────────────────────────────────────────────────────────────────────────────────

struct Producer {
  rd_kafka_t* kafka = nullptr;
  std::vector<rd_kafka_topic_t*> topics;

  void close() {
    for (auto* topic : topics) rd_kafka_topic_destroy(topic);
    topics.clear();
  }
  ~Producer() { close(); }
};

/** openProducer(client): a handle for `addTopic` and `produce`. The client is connected and stays so until `close`. */
napi_value OpenProducer(napi_env env, napi_callback_info info) {
  napi_value args[1];
  arguments(env, info, args);
  auto* producer = new Producer;
  producer->kafka = handleOf(args[0]);
  if (producer->kafka == nullptr) {
    delete producer;
    return fail(env, "the producer is not connected");
  }
  return wrap(env, producer);
}

/** addTopic(producer, name): from now on an entry's topic can be this one. They count from 0 in the order of the calls. */
napi_value AddTopic(napi_env env, napi_callback_info info) {
  napi_value args[2];
  arguments(env, info, args);
  auto* producer = external<Producer>(env, args[0]);
  // Without a configuration of its own a topic has the client's defaults, the partitioner among them.
  auto* topic = rd_kafka_topic_new(producer->kafka, string(env, args[1]).c_str(), nullptr);
  if (topic == nullptr) return fail(env, rd_kafka_err2str(rd_kafka_last_error()));
  producer->topics.push_back(topic);
  return nullptr;
}

/**
 * produce(producer, slab, index, from, to): hands over the records [from, to) in their order, copied. Returns the first
 * one that found the client's buffer full, or `to`. Throws on any other refusal.
 */
napi_value Produce(napi_env env, napi_callback_info info) {
  napi_value args[5];
  arguments(env, info, args);
  auto* producer = external<Producer>(env, args[0]);
  auto* slab = memory<uint8_t>(env, args[1]);
  auto* index = memory<int32_t>(env, args[2]);
  const int32_t to = integer(env, args[4]);
  for (int32_t i = integer(env, args[3]); i < to; i++) {
    const int32_t* entry = index + HeadFields + static_cast<size_t>(i) * Fields;
    const bool tombstone = entry[ValueLength] == Null;
    const int refused = rd_kafka_produce(
        producer->topics[entry[Topic]], entry[Partition] < 0 ? RD_KAFKA_PARTITION_UA : entry[Partition],
        RD_KAFKA_MSG_F_COPY, tombstone ? nullptr : slab + entry[ValueAt], tombstone ? 0 : entry[ValueLength],
        slab + entry[KeyAt], entry[KeyLength], nullptr);
    if (refused == 0) continue;
    const rd_kafka_resp_err_t error = rd_kafka_last_error();
    if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) return number(env, i);
    return fail(env, rd_kafka_err2str(error));
  }
  return number(env, to);
}

napi_value CloseProducer(napi_env env, napi_callback_info info) {
  napi_value args[1];
  arguments(env, info, args);
  external<Producer>(env, args[0])->close();
  return nullptr;
}

}  // namespace

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      {"openConsumer", nullptr, OpenConsumer, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"poll", nullptr, PollBatch, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"discard", nullptr, Discard, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"closeConsumer", nullptr, CloseConsumer, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"openProducer", nullptr, OpenProducer, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"addTopic", nullptr, AddTopic, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"produce", nullptr, Produce, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"closeProducer", nullptr, CloseProducer, nullptr, nullptr, nullptr, napi_default, nullptr},
  };
  napi_define_properties(env, exports, sizeof(functions) / sizeof(functions[0]), functions);
  return exports;
}
