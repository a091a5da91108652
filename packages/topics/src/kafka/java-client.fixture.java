import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The other side of the tests with Kafka's own client. `produce brokers topic codec count` sends records with the
 * keys `key-0`, `key-1`, …; `consume brokers topic count` prints `partition key value` of each.
 */
public class JavaClient {
  public static void main(String[] words) throws Exception {
    if (words[0].equals("produce")) produce(words[1], words[2], words[3], Integer.parseInt(words[4]));
    else consume(words[1], words[2], Integer.parseInt(words[3]));
  }

  private static void produce(String brokers, String topic, String codec, int count) throws Exception {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", brokers);
    settings.put("compression.type", codec);
    settings.put("linger.ms", "50");
    settings.put("key.serializer", ByteArraySerializer.class.getName());
    settings.put("value.serializer", ByteArraySerializer.class.getName());
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings)) {
      for (int index = 0; index < count; index += 1) {
        ProducerRecord<byte[], byte[]> one =
            new ProducerRecord<>(topic, bytes("key-" + index), bytes("value " + index + " " + "x".repeat(500)));
        one.headers().add("index", bytes(String.valueOf(index)));
        producer.send(one);
      }
      producer.flush();
    }
  }

  private static void consume(String brokers, String topic, int count) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", brokers);
    settings.put("group.id", "java-" + topic);
    settings.put("auto.offset.reset", "earliest");
    settings.put("key.deserializer", ByteArrayDeserializer.class.getName());
    settings.put("value.deserializer", ByteArrayDeserializer.class.getName());
    long until = System.currentTimeMillis() + 30_000;
    int seen = 0;
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings)) {
      consumer.subscribe(List.of(topic));
      while (seen < count && System.currentTimeMillis() < until) {
        for (ConsumerRecord<byte[], byte[]> one : consumer.poll(Duration.ofMillis(200))) {
          seen += 1;
          System.out.println(one.partition() + " " + text(one.key()) + " " + text(one.value()).length());
        }
      }
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
