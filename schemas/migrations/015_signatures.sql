-- What people sign with is of their timeline and their profile.
ALTER TABLE interactions ADD COLUMN title String AFTER account;
ALTER TABLE interactions ADD COLUMN phone String AFTER title;
ALTER TABLE customer_versions ADD COLUMN title String AFTER account;
ALTER TABLE customer_versions ADD COLUMN phone String AFTER title;

CREATE OR REPLACE VIEW customers AS SELECT * FROM customer_versions FINAL;
