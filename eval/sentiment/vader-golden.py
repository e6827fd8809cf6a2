"""Writes texts with the scores of VADER's reference implementation, which processors/text/vader is tested against.

    pip install vaderSentiment==3.3.2
    python eval/sentiment/vader-golden.py | gzip -n9 > processors/text/vader/golden.jsonl.gz

The texts are made of the lexicon's words and what the rules know, at random with a fixed seed: one JSON array [text, compound, pos, neg, neu] a line.
"""

import json
import random

from vaderSentiment import vaderSentiment as reference

ROWS = 4000
analyser = reference.SentimentIntensityAnalyzer()
pick = random.Random(20140601)
lexicon = sorted(analyser.lexicon)
boosters = sorted(reference.BOOSTER_DICT)
idioms = sorted(reference.SPECIAL_CASES)
emoji = sorted(each for each in analyser.emojis if len(each) == 1)
common = "the a it this that so or nor and of at very kind sort just enough without doubt never least yeah right to is was I you food room 3 4.50 &amp; #fun @ann http://a.test/b?c=1 naïve Größe 東京 don’t".split()
emoticons = ":) :( :-D ;) <3 :/ XD :'( ^_^ ... -- * \u2026".split()
marks = ["", "", "", "", "", ",", ".", "!", "?", "!!!", "?!", "??", ";", "...", "\u2019s", "'s", '"', ")"]
spaces = [" "] * 12 + ["  ", "\n", "\n\n", "\t", "\u00a0"]


def written(word):
    return pick.choices([word, word.upper(), word.capitalize(), "(" + word, '"' + word], [16, 3, 2, 0.5, 0.5])[0]


def part():
    kinds = [lexicon, common, boosters, reference.NEGATE, idioms, emoji, emoticons, ["but", "no", "never so", "never this"]]
    return written(pick.choice(pick.choices(kinds, [30, 34, 8, 8, 3, 4, 3, 7])[0])) + pick.choice(marks)


def text():
    joined = "".join(part() + pick.choice(spaces) for _ in range(pick.choice([1, 2, 3, 5, 8, 12, 20, 40])))
    return joined if pick.random() < 0.9 else joined.replace(" ", "", 1)


for _ in range(ROWS):
    each = text()
    scores = analyser.polarity_scores(each)
    print(json.dumps([each, *(scores[key] for key in ("compound", "pos", "neg", "neu"))], ensure_ascii=False))
