import re
from collections import Counter
from random import Random

from medpix2.phantom import texts
from medpix2.phantom.collection import documents

CASE = {"d": "Baraberg mass", "s": "liver", "k": "mass", "a": "40", "w": "man", "h": "he"}
LISTS = (texts.HISTORY, texts.HISTORY_MORE, texts.EXAM, texts.DISCUSSION, texts.TREATMENT, texts.BY,
         texts.REFERENCE, texts.DIFFERENTIAL)  # fmt: skip


def test_every_template_can_be_filled():
    voice = texts.Voice(Random(1), CASE, "Abdomen")
    for templates in LISTS:
        for template in templates:
            said = voice.say(template)
            assert said[0] == said[0].upper()
            assert not re.search(r"[{}]|%s", said)


def test_sentences_do_not_repeat_until_all_are_used():
    voice = texts.Voice(Random(1), CASE, "Abdomen")
    forms = [template.form for template in texts.DISCUSSION]
    said = voice.some(texts.DISCUSSION, len(forms), "\n").split("\n")
    heads = [form.split("%s")[-1] for form in forms]
    assert all(any(sentence.endswith(head) for sentence in said) for head in heads)


def test_words_follow_a_wide_and_steep_vocabulary():
    counts: Counter[str] = Counter()
    for case, _ in documents(300, 1):
        counts.update(re.findall(r"\w+", case["Topic"]["Disease Discussion"].lower()))
    assert len(counts) > 4000
    ranked = [count for _, count in counts.most_common()]
    assert ranked[0] > 20 * ranked[300] > 0
    assert sum(count == 1 for count in ranked) > 0.2 * len(ranked)
