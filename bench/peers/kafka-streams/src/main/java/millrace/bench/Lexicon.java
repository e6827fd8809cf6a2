package millrace.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Words with scores, looked up where they stand in a text: the hash of a word is made while looking for its end, and no word
 * is cut out (bench/eos/lexicon.ts does the same).
 */
final class Lexicon {
  private final String[] words;
  private final int[] scores;
  private final int mask;

  /** From lines of a word, a tab and a whole number. */
  Lexicon(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    int size = Integer.highestOneBit(Math.max(1, lines.size()) * 8 - 1);
    mask = size - 1;
    words = new String[size];
    scores = new int[size];
    for (String line : lines) {
      int tab = line.indexOf('\t');
      add(line.substring(0, tab), Integer.parseInt(line.substring(tab + 1)));
    }
  }

  /** The sum over the words of a text, which single spaces part. */
  long score(String text) {
    long sum = 0;
    int hash = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char code = text.charAt(i);
      if (code != ' ') {
        hash = hash * 31 + code;
        continue;
      }
      sum += of(text, start, i, hash);
      start = i + 1;
      hash = 0;
    }
    return sum + of(text, start, text.length(), hash);
  }

  private int of(String text, int start, int end, int hash) {
    for (int slot = hash & mask; ; slot = (slot + 1) & mask) {
      String word = words[slot];
      if (word == null) return 0;
      if (word.length() == end - start && text.startsWith(word, start)) return scores[slot];
    }
  }

  private void add(String word, int score) {
    int slot = word.hashCode() & mask;
    while (words[slot] != null) slot = (slot + 1) & mask;
    words[slot] = word;
    scores[slot] = score;
  }
}
