-- Suitor's own tables beside the benchmark tables. The first columns of the four extension tables are fixed by the
-- design; further ones come after them. {models}, {model_key}, {hardware}, {hardware_key} are the base tables and keys.
CREATE SEQUENCE IF NOT EXISTS suitor_version_seq;
CREATE SEQUENCE IF NOT EXISTS suitor_compatibility_seq;
CREATE SEQUENCE IF NOT EXISTS suitor_recommendation_seq;
CREATE SEQUENCE IF NOT EXISTS suitor_snapshot_seq;
CREATE SEQUENCE IF NOT EXISTS suitor_import_seq;

CREATE TABLE IF NOT EXISTS suitor_schema (version INTEGER NOT NULL, applied_at TIMESTAMP);

CREATE TABLE IF NOT EXISTS model_registry_versions (
  id BIGINT PRIMARY KEY DEFAULT nextval('suitor_version_seq'),
  model_id BIGINT NOT NULL REFERENCES models (model_id),
  version_tag VARCHAR NOT NULL,
  version_hash VARCHAR,
  created_at TIMESTAMP,
  metadata JSON,
  UNIQUE (model_id, version_tag)
);

CREATE TABLE IF NOT EXISTS hardware_model_compatibility (
  id BIGINT PRIMARY KEY DEFAULT nextval('suitor_compatibility_seq'),
  model_id BIGINT NOT NULL REFERENCES models (model_id),
  hardware_id BIGINT NOT NULL REFERENCES hardware_platforms (hardware_id),
  compatibility_score DOUBLE,
  suitability_score DOUBLE,
  recommended_batch_size BIGINT,
  recommended_precision VARCHAR,
  memory_requirement DOUBLE,
  created_at TIMESTAMP,
  last_updated TIMESTAMP,
  notes VARCHAR,
  final_score DOUBLE,
  confidence DOUBLE,
  results BIGINT,
  components JSON,
  provenance VARCHAR,
  rule_set VARCHAR,
  engine_version VARCHAR,
  data_fingerprint VARCHAR,
  UNIQUE (model_id, hardware_id)
);

CREATE TABLE IF NOT EXISTS task_recommendations (
  id BIGINT PRIMARY KEY DEFAULT nextval('suitor_recommendation_seq'),
  task_type VARCHAR NOT NULL,
  model_id BIGINT NOT NULL REFERENCES models (model_id),
  hardware_id BIGINT NOT NULL REFERENCES hardware_platforms (hardware_id),
  suitability_score DOUBLE,
  created_at TIMESTAMP,
  last_updated TIMESTAMP,
  final_score DOUBLE,
  rank BIGINT,
  confidence DOUBLE,
  results BIGINT,
  provenance VARCHAR,
  rule_set VARCHAR,
  engine_version VARCHAR,
  data_fingerprint VARCHAR,
  UNIQUE (task_type, model_id, hardware_id)
);

CREATE TABLE IF NOT EXISTS hardware_compatibility_snapshots (
  id BIGINT PRIMARY KEY DEFAULT nextval('suitor_snapshot_seq'),
  model_id BIGINT NOT NULL REFERENCES models (model_id),
  version_id BIGINT NOT NULL REFERENCES model_registry_versions (id),
  hardware_id BIGINT NOT NULL REFERENCES hardware_platforms (hardware_id),
  compatibility_score DOUBLE,
  suitability_score DOUBLE,
  recommended_batch_size BIGINT,
  recommended_precision VARCHAR,
  memory_requirement DOUBLE,
  created_at TIMESTAMP,
  revision BIGINT NOT NULL DEFAULT 1,
  UNIQUE (version_id, hardware_id, revision)
);

-- Which results belong to which model versions: many to many.
CREATE TABLE IF NOT EXISTS model_version_results (
  version_id BIGINT NOT NULL REFERENCES model_registry_versions (id),
  result_id BIGINT NOT NULL,
  PRIMARY KEY (version_id, result_id)
);

CREATE TABLE IF NOT EXISTS suitor_imports (
  import_id BIGINT PRIMARY KEY DEFAULT nextval('suitor_import_seq'),
  file VARCHAR NOT NULL,
  format VARCHAR NOT NULL,
  sha256 VARCHAR,
  rows_read BIGINT,
  rows_added BIGINT,
  rows_duplicate BIGINT,
  rows_refused BIGINT,
  created_at TIMESTAMP
);
