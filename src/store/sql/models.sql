-- Canonical table of models.
CREATE SEQUENCE IF NOT EXISTS suitor_model_seq;

CREATE TABLE IF NOT EXISTS models (
  model_id BIGINT PRIMARY KEY DEFAULT nextval('suitor_model_seq'),
  model_name VARCHAR NOT NULL UNIQUE,
  model_family VARCHAR,
  modality VARCHAR,
  source VARCHAR,
  version VARCHAR,
  parameters_million DOUBLE,
  metadata JSON,
  created_at TIMESTAMP
);
