-- Full text over subject and content, by whole words in lower case. Rows that are there already are indexed in the background.

ALTER TABLE messages ADD INDEX words (lowerUTF8(concat(subject, '\n', content))) TYPE text(tokenizer = splitByNonAlpha);

ALTER TABLE messages MATERIALIZE INDEX words;
