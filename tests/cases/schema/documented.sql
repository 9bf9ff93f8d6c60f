-- The documented schema: keys without defaults, FLOAT numbers, a run that every result must have.
CREATE TABLE test_runs (run_id INTEGER PRIMARY KEY, test_name VARCHAR NOT NULL, test_type VARCHAR NOT NULL, started_at TIMESTAMP NOT NULL,
  completed_at TIMESTAMP, execution_time_seconds FLOAT, success BOOLEAN, git_commit VARCHAR, git_branch VARCHAR, command_line VARCHAR, metadata JSON);
CREATE TABLE models (model_id INTEGER PRIMARY KEY, model_name VARCHAR NOT NULL, model_family VARCHAR, modality VARCHAR, source VARCHAR,
  version VARCHAR, parameters_million FLOAT, metadata JSON, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE hardware_platforms (hardware_id INTEGER PRIMARY KEY, hardware_type VARCHAR NOT NULL, device_name VARCHAR, platform VARCHAR,
  platform_version VARCHAR, driver_version VARCHAR, memory_gb FLOAT, compute_units INTEGER, metadata JSON, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE performance_results (result_id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES test_runs (run_id),
  model_id INTEGER NOT NULL REFERENCES models (model_id), hardware_id INTEGER NOT NULL REFERENCES hardware_platforms (hardware_id),
  test_case VARCHAR NOT NULL, batch_size INTEGER DEFAULT 1, precision VARCHAR, total_time_seconds FLOAT, average_latency_ms FLOAT,
  throughput_items_per_second FLOAT, memory_peak_mb FLOAT, iterations INTEGER, warmup_iterations INTEGER, metrics JSON,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE performance_batch_results (batch_id INTEGER PRIMARY KEY, result_id INTEGER NOT NULL REFERENCES performance_results (result_id),
  batch_index INTEGER, batch_size INTEGER, latency_ms FLOAT, memory_usage_mb FLOAT);
CREATE TABLE hardware_compatibility (compatibility_id INTEGER PRIMARY KEY, run_id INTEGER, model_id INTEGER, hardware_id INTEGER,
  is_compatible BOOLEAN, detection_success BOOLEAN, initialization_success BOOLEAN, error_message VARCHAR, error_type VARCHAR,
  suggested_fix VARCHAR, workaround_available BOOLEAN, compatibility_score FLOAT, metadata JSON);
CREATE TABLE power_metrics (metric_id INTEGER PRIMARY KEY, test_result_id INTEGER, power_consumption_mw FLOAT, energy_consumption_mj FLOAT,
  temperature_celsius FLOAT);
CREATE TABLE web_platform_results (result_id INTEGER PRIMARY KEY, browser VARCHAR);
CREATE VIEW latest_performance_metrics AS SELECT * FROM performance_results;
INSERT INTO test_runs VALUES (7, 'nightly', 'performance', TIMESTAMP '2026-01-01', NULL, 10, true, 'abc', 'main', 'run', NULL);
INSERT INTO models SELECT model_id, model, family, NULL, 'huggingface', '1', size, NULL, TIMESTAMP '2026-01-01' FROM model_numbers;
INSERT INTO hardware_platforms SELECT hardware_id, type, hardware, 'linux', '6', NULL, memory_gb, NULL, NULL, TIMESTAMP '2026-01-01' FROM hardware_numbers;
INSERT INTO performance_results SELECT id, 7, model_id, hardware_id, 'embedding_batch', batch_size, 'fp16', 1, latency, throughput, memory, 100, 10, NULL,
  TIMESTAMP '2026-01-02' FROM numbers;
-- Training rows, which must not reach an answer about inference.
INSERT INTO performance_results VALUES
  (101, 7, 1, 1, 'training', 16, 'fp16', 1, 80, 200, 9000, 100, 10, NULL, TIMESTAMP '2026-01-02'),
  (102, 7, 1, 4, 'fine_tuning', 16, 'fp16', 1, 800, 20, 9000, 100, 10, NULL, TIMESTAMP '2026-01-02'),
  -- All zeros, as runs of unknown models leave them: no result.
  (103, 7, 1, 2, 'embedding_batch', 16, 'fp16', 0, 0, 0, 0, 0, 0, NULL, TIMESTAMP '2026-01-02');
INSERT INTO hardware_compatibility VALUES (1, 7, 1, 3, false, true, false, 'no kernel', 'init', NULL, false, 0, NULL), (2, 7, 1, 1, true, true, true, NULL, NULL, NULL, NULL, 1, NULL);
INSERT INTO power_metrics VALUES (1, 1, 250000, 100, 60), (2, 2, 260000, 100, 60);
INSERT INTO performance_batch_results VALUES (1, 103, 0, 16, NULL, NULL), (2, 1, 0, 1, 99, 99);
