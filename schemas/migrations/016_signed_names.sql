-- What people sign as, apart from what headers and the CRM say of them: it is withheld with the words of mail.
ALTER TABLE interactions ADD COLUMN signed_name String AFTER phone;
ALTER TABLE interactions ADD COLUMN signed_company String AFTER signed_name;
ALTER TABLE customer_versions ADD COLUMN signed_name String AFTER phone;
ALTER TABLE customer_versions ADD COLUMN signed_company String AFTER signed_name;

CREATE OR REPLACE VIEW customers AS SELECT * FROM customer_versions FINAL;
