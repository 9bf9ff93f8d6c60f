-- The canonical benchmark tables, made where a database has none. performance_results has no keys and no indexes:
-- they would make 1e8 rows slow and large; the code checks.
CREATE SEQUENCE IF NOT EXISTS suitor_model_seq;
CREATE SEQUENCE IF NOT EXISTS suitor_hardware_seq;
CREATE SEQUENCE IF NOT EXISTS suitor_result_seq;

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

CREATE TABLE IF NOT EXISTS hardware_platforms (
  hardware_id BIGINT PRIMARY KEY DEFAULT nextval('suitor_hardware_seq'),
  hardware_type VARCHAR,
  device_name VARCHAR NOT NULL,
  device_count BIGINT NOT NULL DEFAULT 1,
  memory_gb DOUBLE,
  metadata JSON,
  created_at TIMESTAMP,
  UNIQUE (device_name, device_count)
);

CREATE TABLE IF NOT EXISTS performance_results (
  result_id BIGINT DEFAULT nextval('suitor_result_seq'),
  model_id BIGINT NOT NULL,
  hardware_id BIGINT NOT NULL,
  task VARCHAR NOT NULL,
  scenario VARCHAR,
  division VARCHAR,
  suite VARCHAR,
  image_size BIGINT,
  input_tokens BIGINT,
  output_tokens BIGINT,
  batch_size BIGINT,
  precision VARCHAR,
  framework VARCHAR,
  item_unit VARCHAR,
  provenance VARCHAR NOT NULL,
  throughput_items_per_second DOUBLE,
  latency_ms_mean DOUBLE,
  latency_ms_p50 DOUBLE,
  latency_ms_p90 DOUBLE,
  latency_ms_p99 DOUBLE,
  ttft_ms_mean DOUBLE,
  ttft_ms_p50 DOUBLE,
  ttft_ms_p99 DOUBLE,
  tpot_ms_mean DOUBLE,
  tpot_ms_p50 DOUBLE,
  tpot_ms_p99 DOUBLE,
  memory_peak_mb DOUBLE,
  power_watts DOUBLE,
  energy_j_per_item DOUBLE,
  time_to_train_s DOUBLE,
  status VARCHAR,
  source VARCHAR,
  source_version VARCHAR,
  source_file VARCHAR,
  source_key VARCHAR,
  submitter VARCHAR,
  tested_at TIMESTAMP,
  published_at TIMESTAMP,
  content_hash VARCHAR,
  import_id BIGINT,
  metadata JSON
);
